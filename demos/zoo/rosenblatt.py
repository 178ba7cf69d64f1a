r"""
Perceptron
==========

One cell with a step learns two clouds of points, with no more mistakes than Novikoff's bound allows.

:Cells: 2 inputs, 1 output
:Paper: Rosenblatt, "The perceptron", Psychological Review 65, 1958; the bound: Novikoff, 1962
:Learned: all weights, by the gradient of the perceptron criterion, which is Rosenblatt's rule
:Criterion: no error on separable points, and at most (R / margin)^2 mistakes on the way; XOR stays at least 25 % wrong

With labels :math:`s = \pm 1` a sample costs how far it lies on the wrong side:

.. math:: C = \max(0, -s \, w^T x), \qquad -\frac{\partial C}{\partial w} = s\,x \text{ where it is wrong, else } 0
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag
import nn

rng = np.random.default_rng(0)
X = np.concatenate([rng.normal((-2, -1), 0.7, (60, 2)), rng.normal((2, 1), 0.7, (60, 2))])
X1, s = np.column_stack([np.ones(120), X]), np.repeat([-1.0, 1.0], 60)  # the one is the input of the bias

# %%
# Rosenblatt's rule: add the sample to the weights where it is wrong, with its sign. The engine finds it: it is the
# negative gradient of the criterion, ``nn.perceptron``, bit for bit. (On its kink, the border, it takes the slope of
# the side to which the step does not put the sample.)


slope_of = ag.grad(lambda w, x, s: nn.perceptron(x @ w, s))
w, mistakes, path = np.zeros(3), 0, []
while np.any(np.sign(X1 @ w) != s):
    for x, label in zip(X1, s):
        slope = slope_of(w, x, label)
        if nn.step(x @ w) != (label + 1) / 2:
            assert np.array_equal(-slope, label * x)
            mistakes += 1
        w = w - slope
    path.append(w)
print(f"{mistakes} mistakes, then {np.sum(np.sign(X1 @ w) != s)} of {len(s)} points are wrong")

# %%
# Novikoff: if some direction separates the points with the margin :math:`\gamma`, and none is longer than :math:`R`,
# there are at most :math:`(R / \gamma)^2` mistakes. Descent on a smooth stand-in for the margin finds a good one.

u = nn.Parameter(w / np.linalg.norm(w), dtype=float)
optimizer = nn.SGD([u], lr=0.05)
for _ in range(500):
    optimizer.minimize(ag.logsumexp(-20 * s * (X1 @ u) / np.linalg.norm(u)))
margin = np.min(s * (X1 @ u.numpy())) / np.linalg.norm(u.numpy())
bound = (np.linalg.norm(X1, axis=1).max() / margin) ** 2
print(f"margin {margin:.3f}: at most {bound:.0f} mistakes were allowed")

# XOR has no such direction, so the perceptron never comes to rest.
XOR, sides = np.array([[1, 0, 0], [1, 0, 1], [1, 1, 0], [1, 1, 1.0]]), np.array([-1.0, 1, 1, -1])
v, wrong = np.zeros(3), []
for _ in range(200):
    for x, label in zip(XOR, sides):
        v = v - slope_of(v, x, label)
        wrong.append(np.mean(nn.step(XOR @ v) != (sides + 1) / 2))
print(f"result: 0 wrong after {mistakes} mistakes (bound {bound:.0f}); XOR >= {min(wrong):.0%} wrong")

figure, axes = plt.subplots(num="rosenblatt")
line = np.linspace(-4.5, 4.5, 2)
for k, each in enumerate(path):
    axes.plot(line, -(each[0] + each[1] * line) / each[2], color="0.3", alpha=(k + 1) / len(path))
for label, colour in ((-1, "C1"), (1, "C0")):
    axes.plot(*X[s == label].T, "o", color=colour, label=f"s = {label:+d}")
axes.set(title=f"The border, after {mistakes} mistakes", xlabel="$x_1$", ylabel="$x_2$", ylim=(-4, 4))
axes.legend()
plt.show()

# %%
# What it learned, for one point: a weighted sum of two inputs, and the step.

cell = nn.Perceptron(2)
cell.w, cell.b = w[1:], w[0]
ag.draw(cell, X[0], cells=["input", "output"]).save("rosenblatt-cells.svg")
