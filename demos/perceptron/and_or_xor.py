r"""
AND, OR, and why not XOR
========================

A perceptron learns AND and OR with few mistakes, fewer than a proven bound; for XOR there is no line at all.

.. math:: w \leftarrow w + (y - \hat y) \, x

This is Rosenblatt's rule, for one sample after the other. It changes the weights only at a mistake. Novikoff (1962):
let all samples, with the 1 of the bias appended, have a length of at most :math:`R`, and let some line have them all
on the right side, at a distance of at least :math:`\gamma`. Then the rule makes at most :math:`(R / \gamma)^2`
mistakes, ever.
"""

import matplotlib.pyplot as plt
import numpy as np

import nn

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
gates = {"AND": np.array([0, 0, 0, 1]), "OR": np.array([0, 1, 1, 1]), "XOR": np.array([0, 1, 1, 0])}

# %%
# Learning: the number of mistakes in each epoch, until there is none.

models, mistakes = {}, {}
for name, y in gates.items():
    models[name] = nn.Perceptron(2)
    mistakes[name] = models[name].learn(X, y, epochs=30)
    right = np.sum(models[name].predict(X) == y)
    print(f"{name:4s} {right} of 4 right, mistakes by epoch: {' '.join(map(str, mistakes[name][:12]))}")

# %%
# The bound. With the 1 appended the samples are vectors :math:`(x_1, x_2, 1)`, and a line is a vector :math:`(w_1,
# w_2, b)` of length 1. Here are 200,000 of them, evenly on the sphere. The margin :math:`\gamma` of a line is its
# smallest distance, counted as negative on the wrong side; the best line has the largest.

k = np.arange(200_000) + 0.5
height, turn = 1 - 2 * k / len(k), k * np.pi * (1 + np.sqrt(5))
lines = np.stack([np.sqrt(1 - height**2) * np.cos(turn), np.sqrt(1 - height**2) * np.sin(turn), height], axis=1)
Z = np.column_stack([X, np.ones(4)])
R2 = np.max(np.sum(Z * Z, axis=1))
margins, bounds = {}, {}
for name, y in gates.items():
    signed = lines @ (Z * (2 * y - 1)[:, None]).T
    margins[name] = signed.min(axis=1).max()
    if margins[name] > 0:
        bounds[name] = R2 / margins[name] ** 2
        said = f"{sum(mistakes[name])} mistakes, at most {bounds[name]:.1f}"
    else:
        said = f"no bound: the best of {len(lines):,} lines has {np.sum(signed > 0, axis=1).max()} of 4 right"
    print(f"{name:4s} margin {margins[name]:6.4f}, {said}")

# %%
# That no line does XOR needs no search. It would have to satisfy :math:`b < 0`, :math:`w_1 + b \ge 0`,
# :math:`w_2 + b \ge 0` and :math:`w_1 + w_2 + b < 0`. Add the two in the middle: :math:`w_1 + w_2 + 2b \ge 0`. Add the
# two outer ones: :math:`w_1 + w_2 + 2b < 0`. Both cannot be. So the rule never rests, and goes in circles. The mistakes
# of the two that can be learned stop for good.

figure, panels = plt.subplots(1, 3, num="gates", figsize=(10, 3.7), sharey=True)
for axes, (name, y) in zip(panels, gates.items()):
    found = "learned" if mistakes[name][-1] == 0 else "not after 30 epochs"
    nn.plot_regions(models[name], X, y, ax=axes).set_title(f"{name}: {found}")
    axes.label_outer()
    axes.get_legend().set_visible(axes is panels[2])
figure, axes = plt.subplots(num="mistakes")
for name, of in mistakes.items():
    axes.plot(np.cumsum(of + [0] * (30 - len(of))), label=name)
axes.set(title="Mistakes until this epoch", xlabel="epoch", ylabel="mistakes, in all")
axes.legend()
plt.show()

# %%
# **Try this.** Give XOR a third input, the product :math:`x_1 x_2`. Is there a plane now?
#
# .. dropdown:: Solution
#
#    Yes: ``np.column_stack([X, X[:, 0] * X[:, 1]])`` with ``nn.Perceptron(3)`` is learned, for instance by
#    :math:`x_1 + x_2 - 2 x_1 x_2 - 1/2 \ge 0`. A hidden layer finds such an input by itself (``python -m demos xor``).
