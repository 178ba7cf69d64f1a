"""2. Plot the boundary of a perceptron.

The boundary is where the perceptron changes its mind: w1 x1 + w2 x2 + b = 0. Solve it for x2, and draw it.

Fill in the two functions. Then `python -m demos.exercises 2` tells what is not yet right.
"""

import numpy as np


def boundary(w, b, x1):
    """The x2 of the boundary for each of the x1, an array. w is an array of two numbers, and w2 is not 0."""
    raise NotImplementedError


def plot(axes, X, y, w, b):
    """Draw into the axes: all samples X (n, 2), the classes y = 0 and 1 in two colours; the boundary; names."""
    raise NotImplementedError


if __name__ == "__main__":
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots()
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    plot(axes, X, np.array([0, 0, 0, 1]), np.array([1.0, 1.0]), -1.5)
    plt.show()
