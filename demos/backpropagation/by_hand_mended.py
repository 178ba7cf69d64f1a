r"""
Forward and backward, mended
============================

The slide's two functions with one layout, and with means for all gradients: equal to the engine's, and they learn.

.. math:: dZ_2 = \tfrac{1}{m} (A_2 - Y) \quad dW_2 = A_1^T dZ_2 \quad
          dZ_1 = dZ_2 W_2^T \odot \text{relu}'(Z_1) \quad dW_1 = X^T dZ_1

Samples are rows throughout, so ``m`` is ``len(X)`` for every layer. It divides once, at the beginning of the way back,
and everything that follows is a mean. What backward uses of forward is given to it.
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag
import nn


def forward(X, W1, b1, W2, b2):
    z1 = X @ W1 + b1
    a1 = nn.relu(z1)
    z2 = a1 @ W2 + b2
    return z1, a1, ag.sigmoid(z2)


def backward(X, y, z1, a1, a2, W2):
    dz2 = (a2 - y) / len(X)
    dW2, db2 = a1.T @ dz2, dz2.sum(axis=0)
    dz1 = dz2 @ W2.T * (z1 > 0)
    dW1, db1 = X.T @ dz1, dz1.sum(axis=0)
    return dW1, db1, dW2, db2


# %%
# Beside the engine, on the two moons. It is given the loss, the mean log loss, and derives the rest.

X, y = nn.data.moons(n=100, noise=0.15, rng=0)
y = y[:, None]
rng = np.random.default_rng(0)
parameters = [rng.normal(size=(2, 16)), np.zeros(16), rng.normal(size=(16, 1)) / 4, np.zeros(1)]
tensors = [ag.Tensor(p, requires_grad=True, name=n) for p, n in zip(parameters, ("W1", "b1", "W2", "b2"))]
W1, b1, W2, b2 = tensors
loss = nn.bce_with_logits(np.maximum(X @ W1 + b1, 0) @ W2 + b2, y)
engine = ag.gradients(loss, tensors)

z1, a1, a2 = forward(X, *parameters)
mended = backward(X, y, z1, a1, a2, parameters[2])
for tensor, ours, theirs in zip(tensors, mended, engine):
    print(f"d{tensor.name}: largest difference from the engine {np.abs(ours - theirs).max():.0e}")

# %%
# So the descent of the slides can be done with these two functions, and nothing of a library but its arrays.

alpha, losses = 0.5, []
for _ in range(1000):
    z1, a1, a2 = forward(X, *parameters)
    losses.append(-np.mean(y * np.log(a2) + (1 - y) * np.log(1 - a2)))
    parameters = [p - alpha * d for p, d in zip(parameters, backward(X, y, z1, a1, a2, parameters[2]))]

print(f"loss {losses[0]:.3f} to {losses[-1]:.3f}, accuracy {np.mean((a2 > 0.5) == y):.3f}")

figure, (left, right) = plt.subplots(1, 2, num="by_hand_mended", figsize=(8.4, 3.6))
left.semilogy(losses)
left.set(title="A descent by hand", xlabel="step", ylabel="mean log loss")
nn.plot_regions(lambda plane: forward(plane, *parameters)[2], X, y, ax=right, threshold=0.5)
right.set_title("What it has learned")
plt.show()

# %%
# What the engine adds: for another network nothing has to be derived again, and nothing can be forgotten.
#
# **Try this.** Let the output be tanh and the cost the mean of :math:`(a_2 - y)^2`. Which line of ``backward``
# changes?
#
# .. dropdown:: Solution
#
#    Only the first: ``dz2 = 2 * (a2 - y) * (1 - a2**2) / len(X)``. The rest hands on what it gets. The simple ``a2 -
#    y`` belongs to the sigmoid with the log loss.
