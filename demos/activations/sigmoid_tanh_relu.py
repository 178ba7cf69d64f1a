r"""
Sigmoid, tanh, ReLU
===================

The three common activation functions: the derivatives that the slide gives, and those of the engine.

.. math:: g(z) = \frac{1}{1 + e^{-z}}, \qquad g'(z) = g(z) \, (1 - g(z))

.. math:: g(z) = \frac{e^z - e^{-z}}{e^z + e^{-z}}, \qquad g'(z) = 1 - g(z)^2

.. math:: g(z) = \max(0, z), \qquad g'(z) = \begin{cases} 1, & z > 0 \\ 0, & \text{otherwise} \end{cases}

Sigmoid gives numbers between 0 and 1, tanh between -1 and 1, ReLU zero or more.
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag
import nn

functions = {"sigmoid": nn.sigmoid, "tanh": nn.tanh, "ReLU": nn.relu}
slide = {
    "sigmoid": lambda z: nn.sigmoid(z) * (1 - nn.sigmoid(z)),
    "tanh": lambda z: 1 - nn.tanh(z) ** 2,
    "ReLU": lambda z: np.where(z > 0, 1.0, 0.0),
}

# %%
# ``ag.grad(g)`` is the function g', at one number. ``ag.elementwise_grad(g)`` takes an array of them.

print("           z     g(z)    g'(z)  slide's g'(z)")
for name, g in functions.items():
    for z in (-2.0, 0.0, 2.0):
        print(f"{name:8s} {z:3.0f} {g(z):8.4f} {ag.grad(g)(z):8.4f} {slide[name](z):14.4f}")

# %%
# They agree everywhere, at the kink of ReLU too, where the slide says 0. Over 401 points, the largest difference:

z = np.linspace(-5, 5, 401)
figure, axes = plt.subplots(1, 3, num="sigmoid_tanh_relu", figsize=(10, 3.4))
for panel, (name, g) in zip(axes, functions.items()):
    derivative = ag.elementwise_grad(g)(z)
    print(f"{name:8s} apart by at most {np.max(np.abs(derivative - slide[name](z))):.1e}")
    panel.plot(z, g(z), label="g(z)")
    panel.plot(z, derivative, "--", label="g'(z)")
    panel.set(title=f"{name}: g'(0) = {ag.grad(g)(0.0):g}", xlabel="z", ylim=(-1.2, 2.2))
    panel.legend(loc="upper left")
plt.show()

# %%
# The slide's formulas are right, but a computer's numbers end at about 1e308. Written as it stands, tanh divides
# infinity by infinity where z is large. ``nn.tanh`` is the same function, written so that nothing overflows.


def tanh_as_written(z):
    return (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))


with np.errstate(over="ignore", invalid="ignore"):
    print(f"as written, at z = 2     {tanh_as_written(np.float64(2)):.6f}")
    print(f"as written, at z = 1000  {tanh_as_written(np.float64(1000)):.6f}")
print(f"nn.tanh,    at z = 1000  {nn.tanh(1000.0):.6f}")

# %%
# **Try this.** Put ten sigmoids one into the other and take the derivative at 0. Then ten ReLUs, at 1.
#
# .. dropdown:: Solution
#
#    .. code-block:: python
#
#       def ten(z, g):
#           for _ in range(10):
#               z = g(z)
#           return z
#
#       print(ag.grad(ten)(0.0, nn.sigmoid), ag.grad(ten)(1.0, nn.relu))
#
#    The slope of a sigmoid is at most 1/4, so that of ten in a row is at most :math:`(1/4)^{10}`, about a millionth:
#    here it is 3.9e-07. That of ten ReLUs is 1. This is one reason why deep networks have ReLU in their hidden layers.
