r"""
Descent in n dimensions
=======================

From two weights to three hundred: the same line of code, one backward pass a step, and about as many steps.

The cost of a real network is a function of all its weights, and a step goes against all their derivatives at once:

.. math:: w \leftarrow w - \eta \nabla C, \; \nabla C = (\partial C / \partial w_1, \ldots, \partial C / \partial w_n)
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag

rng = np.random.default_rng(0)


def problem(n):
    """Ten times as many samples as weights, and the weights which made them."""
    truth = rng.normal(size=n) / np.sqrt(n)
    X = rng.normal(size=(10 * n, n))
    return X, X @ truth, truth


def descend(X, y, lr=0.4, steps=40):
    w, path, costs = ag.Tensor(np.zeros(X.shape[1]), requires_grad=True), [], []
    for _ in range(steps):
        C = np.mean((X @ w - y) ** 2) / 2
        (gradient,) = ag.gradients(C, [w])
        path.append(w.data.copy())
        costs.append(C.item())
        w.data -= lr * gradient
    return np.array(path), np.array(costs)


# %%
# Two weights can still be seen. The cost is a valley, drawn by lines of equal cost, and each step goes straight down:
# at right angles to the line on which it starts.

X, y, truth = problem(2)
path, costs = descend(X, y, lr=0.3)
A, B = np.meshgrid(np.linspace(-0.03, 0.21, 80), np.linspace(-0.21, 0.02, 80))
Z = np.mean((A[..., None] * X[:, 0] + B[..., None] * X[:, 1] - y) ** 2, axis=-1) / 2
figure, axes = plt.subplots(num="valley")
axes.contour(A, B, Z, levels=np.sort(costs[:6]), colors="0.6")
axes.plot(*path.T, "o-", color="C1", label="the steps")
axes.plot(*truth, "*", color="C2", markersize=14, label="minimum")
axes.set(title="Descent with two weights", xlabel="w1", ylabel="w2", aspect="equal")
axes.legend()
plt.show()

# %%
# More weights cannot be seen, but nothing changes in the code. Finite differences would need a forward pass for every
# weight; the engine needs one forward and one backward pass for all. And how many steps it takes depends on how round
# the valley is, not on in how many directions it stretches.

sizes, curves = (3, 10, 30, 100, 300), {}
print("weights   cost at first   after 40 steps   steps to a thousandth   passes a step by differences")
figure, axes = plt.subplots(num="many")
for n in sizes:
    X, y, truth = problem(n)
    path, costs = descend(X, y)
    curves[n] = costs / costs[0]
    print(f"{n:7d}{costs[0]:16.4f}{costs[-1]:17.1e}{np.argmax(curves[n] < 1e-3):24d}{n + 1:31d}")
    axes.semilogy(curves[n], label=f"{n} weights")
axes.set(title="The cost, as a part of the cost at first", xlabel="step", ylabel="C / C at first")
axes.legend()
plt.show()

# %%
# **Try this.** Make the valley narrow: ``X[:, 0] *= 4`` in ``problem``, after X is made. Which rate still works, and
# how many steps does it take?
#
# .. dropdown:: Solution
#
#    The cost explodes with 0.4, and falls with 0.08. The steep direction sets the rate, and all others must walk with
#    it: after 40 steps the costs of the larger problems stand at about 1/200 of what they were at first, where they had
#    fallen to a billionth. Adam and its kin give each weight a rate of its own: ``python -m demos race_beale``.
