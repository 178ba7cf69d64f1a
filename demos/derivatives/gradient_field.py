r"""
The gradient as a field
=======================

All partial derivatives together are a vector, which points straight uphill at every point.

.. math::

   \nabla f(x, y) = \left[ \frac{\partial f}{\partial x}, \frac{\partial f}{\partial y} \right], \qquad
   \text{slope in the direction } u = \nabla f \cdot u = |\nabla f| \cos \theta

On the slide f has three variables, and the weights of a network are many more. In a plane one can see it.
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag


def f(p):
    x, y = p[..., 0], p[..., 1]
    return 2 * x * np.exp(-(x**2) - y**2) + 0.1 * (x**2 + y**2)


# %%
# At one point, ``ag.grad(f)`` gives the vector. Walk a little way from there, in twelve directions: the steepest one is
# that of the gradient, the slope across is 0, and backwards it goes down as steeply.

point = np.array([0.2, 0.6])
gradient = ag.grad(f)(point)
length = np.hypot(*gradient)
direction = np.arctan2(gradient[1], gradient[0])
print(f"f{tuple(point.tolist())} = {f(point):.4f}, gradient {gradient.round(4)}, length {length:.4f}")

angles = np.radians(np.arange(0, 360, 30))
u = np.stack([np.cos(direction + angles), np.sin(direction + angles)], axis=-1)
slopes = (f(point + 1e-6 * u) - f(point - 1e-6 * u)) / 2e-6
print("angle to the gradient   slope     length * cos")
for angle, slope in list(zip(angles, slopes))[:7]:
    print(f"{np.degrees(angle):21.0f} {slope:8.4f} {length * np.cos(angle):15.4f}")

# %%
# The whole field at once: since each value depends on its own point only, the gradient of the sum has the gradients of
# all points. Uphill means away from the minimum: gradient descent walks against the arrows.

side = np.linspace(-2, 2, 17)
plane = np.stack(np.meshgrid(side, side), axis=-1)
field = ag.grad(lambda p: f(p).sum())(plane)

walk = [np.array([0.4, 1.2])]
for _ in range(60):
    walk.append(walk[-1] - 0.1 * ag.grad(f)(walk[-1]))
print(f"down from {walk[0]} to {walk[-1].round(3)}, where the gradient is {np.hypot(*ag.grad(f)(walk[-1])):.4f} long")

fine = np.linspace(-2, 2, 120)
figure, (left, right) = plt.subplots(1, 2, num="gradient_field", figsize=(10, 4.4), width_ratios=(1.15, 1))
height = f(np.stack(np.meshgrid(fine, fine), axis=-1))
levels = left.contourf(fine, fine, height, levels=20, cmap="PuOr", alpha=0.6)
left.quiver(*plane.T, *field.T, color="0.2", width=0.004)
left.plot(*np.transpose(walk), ".-", color="C4", markersize=4, label="against the gradient")
left.plot(*point, "ko", markersize=5, label="the point")
left.set(title="Arrows uphill, across the level lines", xlabel="x", ylabel="y", aspect="equal")
left.legend(loc="upper left", framealpha=0.8, frameon=True)
figure.colorbar(levels, ax=left, label="f(x, y)")
turn = np.linspace(0, 360, 200)
right.plot(turn, length * np.cos(np.radians(turn)), color="0.6", label=r"$|\nabla f| \cos \theta$")
right.plot(np.degrees(angles), slopes, "o", label="measured")
right.set(title="The slope by the direction", xlabel=r"angle $\theta$ to the gradient (degrees)", ylabel="slope")
right.set_xticks(range(0, 361, 90))
right.legend()
plt.show()

# %%
# **Try this.** Follow the arrows instead, ``+ 0.1 *``, from (1.2, 0.3). Where does the walk end, and why there?
#
# .. dropdown:: Solution
#
#    At (0.753, 0), the top of the hill. There the gradient is zero as well: it vanishes at maxima, minima and saddle
#    points, and alone it does not say at which of them one is.
