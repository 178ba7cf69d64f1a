"""10. The race in Rosenbrock's valley. A solution."""

import autograd as ag
import nn


def rosenbrock(x, y):
    """The height at (x, y): numbers, or tensors."""
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def descend():
    """Give all points of the way, a list of arrays: the start, and the point after each step.

    point = ag.Tensor([-1.2, 1.0], requires_grad=True) is what the optimizer moves; point[0] is x, point[1] is y.
    """
    point = ag.Tensor([-1.2, 1.0], requires_grad=True)
    optimizer, path = nn.Adam([point], lr=0.3), [point.data.copy()]
    for _ in range(500):
        optimizer.zero_grad()
        rosenbrock(point[0], point[1]).backward()
        optimizer.step()
        path.append(point.data.copy())
    return path


if __name__ == "__main__":
    path = descend()
    print(len(path) - 1, "steps, to", path[-1])
