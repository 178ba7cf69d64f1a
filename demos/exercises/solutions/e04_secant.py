"""4. A derivative and its secant. A solution."""


def f(x):
    return x**2 / 4 - 2 * x + 5


def secant(g, a, h):
    """The slope of the secant of any function g from a to a + h."""
    return (g(a + h) - g(a)) / h


def derivative(a):
    """The derivative of f at a, by the formula that you found."""
    return a / 2 - 2


def tangent(a, x):
    """The height at x of the line that touches f at a."""
    return f(a) + derivative(a) * (x - a)


if __name__ == "__main__":
    for h in 2, 1, 0.1, 0.001:
        print(f"h = {h:<6} slope of the secant at 6: {secant(f, 6, h):.4f}")
    print(f"derivative at 6: {derivative(6)}")
