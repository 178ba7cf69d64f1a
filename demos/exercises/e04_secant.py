"""4. A derivative and its secant.

The slide: f(x) = x²/4 - 2x + 5. The slope of a secant is Δy / Δx, and the derivative is what it comes near to while
h, the Δx, goes to 0.

Fill in the three functions; `derivative` with pencil and paper first. Then `python -m demos.exercises 4` tells what is
not yet right.
"""


def f(x):
    return x**2 / 4 - 2 * x + 5


def secant(g, a, h):
    """The slope of the secant of any function g from a to a + h."""
    raise NotImplementedError


def derivative(a):
    """The derivative of f at a, by the formula that you found."""
    raise NotImplementedError


def tangent(a, x):
    """The height at x of the line that touches f at a."""
    raise NotImplementedError


if __name__ == "__main__":
    for h in 2, 1, 0.1, 0.001:
        print(f"h = {h:<6} slope of the secant at 6: {secant(f, 6, h):.4f}")
    print(f"derivative at 6: {derivative(6)}")
