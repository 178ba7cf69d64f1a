"""6. Find the NaN. A solution."""

import numpy as np

import autograd as ag


def loss(z, y):
    """The cross-entropy of the scores z (n, classes), for the right classes y (n,)."""
    e = np.exp(z)
    p = e / np.sum(e, axis=1, keepdims=True)
    return -np.mean(np.log(p[np.arange(len(y)), y]))


def culprit():
    """The name of the operation, as a string."""
    return "exp"


def mended(z, y):
    """The loss, for all scores. Hint: log(p) = z - log(sum(exp(z))), and the same may be subtracted from all scores."""
    z = z - np.max(z, axis=1, keepdims=True)
    logs = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    return -np.mean(logs[np.arange(len(y)), y])


if __name__ == "__main__":
    print(loss(ag.Tensor([[2.0, 0.0]], requires_grad=True), np.array([0])))
    print(loss(ag.Tensor([[1000.0, 0.0]], requires_grad=True), np.array([0])))
