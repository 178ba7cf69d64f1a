"""7. The gradient of each weight. A solution."""

import numpy as np


def forward(X, W1, b1, W2, b2):
    """All that is computed on the way: X (n, inputs), W1 (inputs, h), b1 (1, h), W2 (h, 1), b2 (1, 1)."""
    z1 = X @ W1 + b1
    a1 = np.maximum(z1, 0)
    z2 = a1 @ W2 + b2
    a2 = 1 / (1 + np.exp(-z2))
    return z1, a1, z2, a2


def gradients(X, y, W1, b1, W2, b2):
    """Give dW1, db1, dW2, db2, each of the shape of its parameter. The labels y are (n, 1)."""
    z1, a1, z2, a2 = forward(X, W1, b1, W2, b2)
    m = len(X)
    dz2 = (a2 - y) / m
    dW2 = a1.T @ dz2
    db2 = dz2.sum(axis=0, keepdims=True)
    dz1 = dz2 @ W2.T * (z1 > 0)
    dW1 = X.T @ dz1
    db1 = dz1.sum(axis=0, keepdims=True)
    return dW1, db1, dW2, db2
