"""10. The race in Rosenbrock's valley.

f(x, y) = (1 - x)² + 100 (y - x²)² has its minimum at (1, 1), at the end of a bent valley. Begin at (-1.2, 1), and
reach a height below 0.01 in at most 500 steps, with an optimizer of nn and a learning rate that you choose.

Fill in the two functions. Then `python -m demos.exercises 10` tells what is not yet right.
"""

import autograd as ag
import nn


def rosenbrock(x, y):
    """The height at (x, y): numbers, or tensors."""
    raise NotImplementedError


def descend():
    """Give all points of the way, a list of arrays: the start, and the point after each step.

    point = ag.Tensor([-1.2, 1.0], requires_grad=True) is what the optimizer moves; point[0] is x, point[1] is y.
    """
    raise NotImplementedError


if __name__ == "__main__":
    path = descend()
    print(len(path) - 1, "steps, to", path[-1])
