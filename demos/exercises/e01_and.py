"""1. AND with a perceptron.

A perceptron answers 1 where x @ w + b >= 0, and 0 elsewhere. It learns by Rosenblatt's rule: after each sample,

    w = w + (y - answer) * x
    b = b + (y - answer)

Fill in the two functions. Then `python -m demos.exercises 1` tells what is not yet right.
"""

import numpy as np

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
y = np.array([0, 0, 0, 1])


def answer(w, b, x):
    """1 or 0 for one sample x, an array of two numbers."""
    raise NotImplementedError


def learn(X, y, epochs):
    """Begin with w = (0, 0) and b = 0, and go through all samples `epochs` times. Give w, b."""
    raise NotImplementedError


if __name__ == "__main__":
    w, b = learn(X, y, 10)
    print([answer(w, b, x) for x in X])
