r"""
Out of a local minimum
======================

Gradient descent sits in the first valley it comes to; the steps of SGD tremble, and the trembling leads out of it.

.. math:: J(w) = \frac{1}{n} \sum_{i=1}^{n} J_i(w), \qquad J_i(w) = \big( \sin(w x_i) - y_i \big)^2

A network of a single weight, ``sin(w * x)``, has to find the frequency of a wave. Its cost has many valleys, and one of
them is the deepest.
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag

rng = np.random.default_rng(0)
x = rng.uniform(-4, 4, 40)
y = np.sin(2 * x)


def slopes(w, chosen):
    """dJ/dw for many starting points at once: each row of `w` has examples of its own."""
    w = ag.Tensor(w, requires_grad=True)
    return ag.gradients(np.sum(np.mean((np.sin(w * x[chosen]) - y[chosen]) ** 2, axis=1)), w)


# %%
# Fifty starting points. Both take 1000 steps with the same rate from the same points. GD sees all 40 examples in each
# of its steps, SGD one of them.

starts = rng.uniform(0.2, 6, (50, 1))
everything = np.tile(np.arange(40), (50, 1))
gd, sgd = [starts], [starts]
for _ in range(1000):
    gd.append(gd[-1] - 0.1 * slopes(gd[-1], everything))
    sgd.append(sgd[-1] - 0.1 * slopes(sgd[-1], rng.integers(0, 40, (50, 1))))
gd, sgd = np.hstack(gd), np.hstack(sgd)
found = {name: np.abs(paths[:, -1] - 2) < 0.01 for name, paths in {"GD": gd, "SGD": sgd}.items()}
for name, there in found.items():
    print(f"{name:4s} {there.sum():2d} of 50 find the frequency 2")

# %%
# At the deepest minimum every example is right: each :math:`\nabla J_i` is zero, so the trembling ends, and SGD stays.
# In any other valley only the *average* is zero, and the examples pull to all sides. One start, from which GD does not
# arrive:

k = np.flatnonzero(~found["GD"] & found["SGD"])[0]
for name, w in {"GD": gd[k, -1], "SGD": sgd[k, -1]}.items():
    each = 2 * (np.sin(w * x) - y) * np.cos(w * x) * x
    examples = f"{each.min():.2f} to {each.max():.2f}"
    print(f"{name:4s} ends at w = {w:.3f}: slope {each.mean():z7.4f}, of single examples {examples}")

grid = np.linspace(0, 7, 400)
figure, (left, right) = plt.subplots(1, 2, num="local_minimum", figsize=(9.5, 4))
cost = np.mean((np.sin(np.outer(grid, x)) - y) ** 2, axis=1)
left.plot(grid, cost, color="0.6", label="J(w)")
left.plot(gd[:, -1], np.mean((np.sin(gd[:, -1:] * x) - y) ** 2, axis=1), "o", color="C1", label="where GD ends")
left.plot(2, 0, "*", color="C0", markersize=14, label=f"{found['SGD'].sum()} of 50 with SGD")
left.set(title="A cost with many valleys", xlabel="w", ylabel="J(w)", xlim=(0, 7))
left.legend()
right.plot(gd[k], color="C1", label="GD")
right.plot(sgd[k], color="C0", lw=1, label="SGD")
right.axhline(2, color="0.5", linestyle="--", label="the frequency 2")
right.set(title="Two ways from the same start", xlabel="step", ylabel="w", xlim=(0, 200))
right.legend()
plt.show()

# %%
# It is a chance and no promise: the slide says that SGD *could* escape.
#
# **Try this.** Halve the rate of both, 0.05. How many arrive now?
#
# .. dropdown:: Solution
#
#    Of SGD 28, and of GD 17 as before. The trembling is as strong as the rate: with smaller steps it does not lead over
#    the ridges between the valleys any more. Try 0.02 as well.
