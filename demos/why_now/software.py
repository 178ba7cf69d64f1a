r"""
Ten lines, or all of them
=========================

The same network twice, with a toolbox and by hand: the lines are counted, and the numbers are equal.

.. math:: \hat y = \text{softmax}(\tanh(\tanh(X W_1 + b_1) W_2 + b_2) W_3 + b_3)

Three spirals, two hidden layers, mini-batches, Adam: nothing that was not known decades ago, except for the optimizer.
What a toolbox brings is that nobody writes the derivatives any more. (By hand still means: with NumPy, which is a
toolbox, too.)
"""

import inspect
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np

import nn

X, y = nn.data.spirals(3, rng=0)


def with_toolbox():
    rng = np.random.default_rng(0)
    model = nn.MLP(2, 32, 32, 3, activation="tanh", rng=rng, dtype=float)
    history = nn.fit(
        model, X, y, loss="cross_entropy", optimizer=lambda p: nn.Adam(p, lr=0.02), epochs=60,
        batch_size=30, rng=rng, progress=False,
    )  # fmt: skip
    return model.predict(X), history["loss"]


# %%
# By hand: the same initial weights, the same order of the samples, the same formulas, and each derivative written out.


def by_hand():
    rng = np.random.default_rng(0)
    sizes = [2, 32, 32, 3]
    p = []
    for m, n in pairwise(sizes):
        limit = np.sqrt(6 / (m + n))
        p += [rng.uniform(-limit, limit, (m, n)), np.zeros(n)]
    mean, square, losses, t = [0.0] * 6, [0.0] * 6, [], 0

    def forward(x):
        a1 = np.tanh(x @ p[0] + p[1])
        a2 = np.tanh(a1 @ p[2] + p[3])
        z = a2 @ p[4] + p[5]
        return a1, a2, z

    for _ in range(60):
        order, total = rng.permutation(len(X)), 0.0
        for start in range(0, len(X), 30):
            batch = order[start : start + 30]
            x, label, rows = X[batch], y[batch], np.arange(len(batch))
            a1, a2, z = forward(x)
            z = z - z.max(axis=1, keepdims=True)
            log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
            total -= log_p[rows, label].sum()

            dz3 = np.exp(log_p)
            dz3[rows, label] -= 1
            dz3 /= len(batch)
            dz2 = dz3 @ p[4].T * (1 - a2 * a2)
            dz1 = dz2 @ p[2].T * (1 - a1 * a1)
            grads = [x.T @ dz1, dz1.sum(axis=0), a1.T @ dz2, dz2.sum(axis=0), a2.T @ dz3, dz3.sum(axis=0)]

            t += 1
            for k, g in enumerate(grads):
                mean[k] = 0.9 * mean[k] + 0.1 * g
                square[k] = 0.999 * square[k] + 0.001 * g * g
                p[k] = p[k] - 0.02 * mean[k] / (1 - 0.9**t) / (np.sqrt(square[k] / (1 - 0.999**t)) + 1e-8)
        losses.append(total / len(X))
    return forward(X)[2], losses


# %%
# Lines that are neither blank nor comments, with the ``def``; and the largest difference after 600 steps.


def count(function):
    return sum(bool(line.split("#")[0].strip()) for line in inspect.getsource(function).splitlines())


lines = {way: count(way) for way in (with_toolbox, by_hand)}
(ours, loss), (theirs, loss_by_hand) = with_toolbox(), by_hand()
print(f"with the toolbox {lines[with_toolbox]:3d} lines, {np.mean(ours.argmax(axis=1) == y):.1%} right")
print(f"by hand          {lines[by_hand]:3d} lines, {np.mean(theirs.argmax(axis=1) == y):.1%} right")
print(f"the outputs differ by {np.abs(ours - theirs).max():.1e} at most, of {np.abs(theirs).max():.1f}")

figure, axes = plt.subplots(num="losses")
axes.semilogy(loss_by_hand, linewidth=6, color="0.8", label=f"by hand, {lines[by_hand]} lines")
axes.semilogy(loss, label=f"with a toolbox, {lines[with_toolbox]} lines")
axes.set(title="One loss, computed twice", xlabel="epoch", ylabel="mean cross-entropy")
axes.legend()
plt.show()

# %%
# **Try this.** Make the first activation a ReLU. How many lines change in each, and what happens if you forget one?
#
# .. dropdown:: Solution
#
#    By hand two: ``np.maximum(..., 0)`` in ``forward``, and the factor of ``dz1``, which becomes ``(a1 > 0)``. Whoever
#    forgets the second gets no error, only a network that learns badly, 74% instead of 100%: :math:`1 - a^2` is a
#    number, too. With the toolbox it is a line that says which layers there are.
