"""8. Draw a formula of your own. A solution."""

import autograd as ag


def formula():
    """Give the result, a Value: begin with a = ag.Value(2.0, name="a")."""
    a, b = ag.Value(2.0, name="a"), ag.Value(3.0, name="b")
    y = (a * b + a) ** 2
    y.name = "y"
    return y


def by_hand():
    """Give the gradient of the result by each number with a name, as {"a": ..., "b": ...}."""
    a, b = 2.0, 3.0
    outer = 2 * (a * b + a)  # of the square
    return {"a": outer * (b + 1), "b": outer * a}


if __name__ == "__main__":
    ag.draw(formula()).save("formula.svg")
    ag.draw(formula()).save("formula.html")  # the player: it shows how the gradients come about
