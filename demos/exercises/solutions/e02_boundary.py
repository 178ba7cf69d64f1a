"""2. Plot the boundary of a perceptron. A solution."""

import numpy as np


def boundary(w, b, x1):
    """The x2 of the boundary for each of the x1, an array. w is an array of two numbers, and w2 is not 0."""
    return -(w[0] * x1 + b) / w[1]


def plot(axes, X, y, w, b):
    """Draw into the axes: all samples X (n, 2), the classes y = 0 and 1 in two colours; the boundary; names."""
    for label in 0, 1:
        axes.scatter(*X[y == label].T, color=f"C{label}", label=f"class {label}")
    x1 = np.linspace(X[:, 0].min() - 0.5, X[:, 0].max() + 0.5, 50)
    axes.plot(x1, boundary(w, b, x1), color="C2", label="boundary")
    axes.set(title="The boundary of a perceptron", xlabel="x1", ylabel="x2")
    axes.legend()


if __name__ == "__main__":
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots()
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    plot(axes, X, np.array([0, 0, 0, 1]), np.array([1.0, 1.0]), -1.5)
    plt.show()
