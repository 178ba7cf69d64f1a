r"""
Dance moves
===========

The twelve activation functions of the slide "Dance Moves", with the derivatives that the engine takes.

.. math:: g'(z) = \lim_{h \to 0} \frac{g(z + h) - g(z)}{h}

On the slide each curve is a move of a dance. Here they are computed, and so are their slopes.
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag
import nn

moves = {
    "Sigmoid": nn.sigmoid,
    "Tanh": nn.tanh,
    "Step Function": nn.step,
    "Softplus": nn.softplus,
    "ReLU": nn.relu,
    "Softsign": nn.softsign,
    "ELU": nn.elu,
    "Log of Sigmoid": nn.logsigmoid,
    "Swish": nn.swish,
    "Sinc": nn.sinc,
    "Leaky ReLU": lambda z: nn.leaky_relu(z, slope=0.1),
    "Mish": nn.mish,
}

# %%
# No derivative is written down for any of them here. The engine knows those of ``np.exp``, ``np.where``, ``*`` and so
# on, and the chain rule. As a check, the last column has the largest distance to a difference quotient.

z = np.linspace(-6, 6, 600)
h = 1e-5
table = {}
print("                 lowest  highest    g(0)   g'(0)  steepest  off by")
for name, g in moves.items():
    derivative = ag.elementwise_grad(g)(z)
    quotient = (g(z + h) - g(z - h)) / (2 * h)
    table[name] = g(z), derivative
    print(f"{name:15s} {g(z).min():7.3f} {g(z).max():8.3f} {g(0.0):7.3f} {ag.grad(g)(0.0):7.3f}", end="")
    print(f" {np.abs(derivative).max():9.3f} {np.abs(derivative - quotient).max():7.0e}")

# %%
# What to look for: where the dashed line is zero, a neuron learns nothing. The step is flat everywhere. ReLU is flat on
# the left, and Leaky ReLU, ELU, Swish and Mish are ways to give that side a slope again. Sigmoid, tanh and softsign are
# nearly flat far out, on both sides. The logarithm of the sigmoid is softplus after half a turn,
# :math:`-\text{softplus}(-z)`.

figure, axes = plt.subplots(3, 4, num="dance_moves", figsize=(10, 7), sharex=True)
for panel, (name, (value, derivative)) in zip(axes.flat, table.items()):
    panel.axhline(0, color="0.7", linewidth=0.8)
    panel.plot(z, value, label="g(z)")
    panel.plot(z, derivative, "--", label="g'(z)")
    panel.set_title(name)
figure.supxlabel("z")
figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
plt.show()

# %%
# At a kink or a jump there is no derivative, and the engine has to choose one. It takes the side that is off; the book
# has a page on such choices, "Choices at kinks".

for name in ("Step Function", "ReLU", "Leaky ReLU"):
    left, at, right = (ag.grad(moves[name])(point) for point in (-1e-9, 0.0, 1e-9))
    print(f"{name:15s} slope just left of 0: {left:g}, at 0: {at:g}, just right: {right:g}")

# %%
# **Try this.** Add a thirteenth move, the "bent identity" :math:`(\sqrt{z^2 + 1} - 1) / 2 + z`. What is its slope at 0,
# and far out?
#
# .. dropdown:: Solution
#
#    ``"Bent identity": lambda z: (np.sqrt(z**2 + 1) - 1) / 2 + z``. Its derivative is
#    :math:`z / (2 \sqrt{z^2 + 1}) + 1`: 1 at 0, nearly 1/2 far left and nearly 3/2 far right, so it is flat nowhere.
#    The table has it as any other; the picture needs ``plt.subplots(4, 4, ...)``.
