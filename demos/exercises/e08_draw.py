"""8. Draw a formula of your own.

Make a formula of Values: two numbers with names at least, three operations at least, and at least one number that is
used twice, so that two ways lead from it to the result. Give the result a name. Then compute the gradients with pencil
and paper, and compare them with the picture.

Fill in the two functions. Then `python -m demos.exercises 8` tells what is not yet right.
"""

import autograd as ag


def formula():
    """Give the result, a Value: begin with a = ag.Value(2.0, name="a")."""
    raise NotImplementedError


def by_hand():
    """Give the gradient of the result by each number with a name, as {"a": ..., "b": ...}."""
    raise NotImplementedError


if __name__ == "__main__":
    ag.draw(formula()).save("formula.svg")
    ag.draw(formula()).save("formula.html")  # the player: it shows how the gradients come about
