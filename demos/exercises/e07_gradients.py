"""7. The gradient of each weight.

A network with a hidden layer, relu, an output, a sigmoid, and the mean log loss of the n samples, which are rows. Find
the gradient of each of its parameters with the chain rule, from the last layer to the first. The slide's
`backward_propagation` is a beginning; see in `by_hand` what is wrong with it.

Fill in `gradients`, without autograd. Then `python -m demos.exercises 7` compares it with the engine, and tells what is
not yet right.
"""

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
    raise NotImplementedError
