"""1. AND with a perceptron. A solution."""

import numpy as np

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
y = np.array([0, 0, 0, 1])


def answer(w, b, x):
    """1 or 0 for one sample x, an array of two numbers."""
    return int(x @ w + b >= 0)


def learn(X, y, epochs):
    """Begin with w = (0, 0) and b = 0, and go through all samples `epochs` times. Give w, b."""
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(epochs):
        for x, label in zip(X, y):
            error = label - answer(w, b, x)
            w = w + error * x
            b = b + error
    return w, b


if __name__ == "__main__":
    w, b = learn(X, y, 10)
    print([answer(w, b, x) for x in X])
