r"""
Partial derivatives
===================

One variable moves and the others stand still: a function of three variables, and its three slopes.

.. math:: f(x, y, z) = x^2 y + y \sin z, \qquad \frac{\partial f}{\partial x} = 2xy, \quad
   \frac{\partial f}{\partial y} = x^2 + \sin z, \quad \frac{\partial f}{\partial z} = y \cos z

The slide writes df/dx, df/dy, df/dz. With a round d one sees that there are other variables, which stand still.
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag


def f(x, y, z):
    return x**2 * y + y * np.sin(z)


point = {"x": 1.5, "y": 2.0, "z": 0.5}
x, y, z = point.values()

# %%
# As the slide says it: treat the others as constants. What is left is a function of one variable, and has a derivative.

one_by_one = {
    "x": ag.grad(lambda x: f(x, 2.0, 0.5))(1.5),
    "y": ag.grad(lambda y: f(1.5, y, 0.5))(2.0),
    "z": ag.grad(lambda z: f(1.5, 2.0, z))(0.5),
}

# %%
# The engine takes all three in one go, walking back once from the result. ``argnums`` says by which arguments.

at_once = ag.grad(f, argnums=(0, 1, 2))(x, y, z)
by_hand = 2 * x * y, x**2 + np.sin(z), y * np.cos(z)
print("   one by one   at once   by hand")
for name, hand, engine in zip("xyz", by_hand, at_once):
    print(f"{name}  {one_by_one[name]:11.6f} {engine:9.6f} {hand:9.6f}")

# %%
# Three slices through the function at the same point: in each one variable moves. The partial derivatives are the
# slopes of the three tangents.

figure, axes = plt.subplots(1, 3, num="partial", figsize=(10, 3.4), sharey=True)
move = np.linspace(-1.5, 1.5, 100)
for panel, name, slope in zip(axes, "xyz", at_once):
    others = ", ".join(f"{other} = {value:g}" for other, value in point.items() if other != name)
    along = f(**point | {name: point[name] + move})
    panel.plot(point[name] + move, along, label="f")
    panel.plot(point[name] + move, f(x, y, z) + slope * move, "--", label=f"slope {slope:.2f}")
    panel.plot(point[name], f(x, y, z), "ko", markersize=4)
    panel.set(title=f"{name} moves; {others}", xlabel=name)
    panel.legend(loc="upper left")
axes[0].set(ylabel="f(x, y, z)", ylim=(-4, 16))
plt.show()

# %%
# How it does it in one go: with ``ag.Value`` every step of the formula is a node, and ``backward`` writes into each of
# them the partial derivative of the result by it. The graph has two paths back to y, whose contributions are added.

values = [ag.Value(value, name=name) for name, value in point.items()]
result = f(*values)
result.name = "f"
result.backward()
ag.draw(result).save("partial.svg")
print(", ".join(f"df/d{value.name} = {value.grad:.6f}" for value in values))

# %%
# **Try this.** What if y is no constant, but depends on x: :math:`y = x^2 - 0.25`? It is 2 at x = 1.5, too. What is
# the derivative of ``f(x, x**2 - 0.25, z)`` by x?
#
# .. dropdown:: Solution
#
#    ``ag.grad(lambda x: f(x, x**2 - 0.25, z))(x)`` is 14.188, while :math:`\partial f / \partial x` is 6. Now y moves
#    along with x, with the speed :math:`2x`, and adds its part: :math:`6 + 2.729 \cdot 3`. This is the total
#    derivative, and what a straight d says.
