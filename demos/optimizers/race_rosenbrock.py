r"""
The race: Rosenbrock's valley
=============================

SGD, Adam, Adadelta, Adagrad and RMSProp in a bent valley, whose floor hardly slopes.

.. math:: f(x, y) = (1 - x)^2 + 100 \, (y - x^2)^2

The walls are steep, the floor along the parabola :math:`y = x^2` is nearly flat, and the minimum, at (1, 1), is far
along it. H. H. Rosenbrock, "An automatic method for finding the greatest or least value of a function", *The Computer
Journal* 3, 175-184, 1960. The references of the five are with *The five rules*.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import FuncAnimation

import autograd as ag
import nn


def rosenbrock(x, y):
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


# %%
# All begin at the same point and have 300 steps. Each has a learning rate that suits it here, found by trying: the
# same rate for all would only show whom it suits.

racers = {
    "SGD": lambda p: nn.SGD(p, lr=0.003),
    "Adam": lambda p: nn.Adam(p, lr=0.2),
    "Adadelta": lambda p: nn.Adadelta(p, lr=5.0),
    "Adagrad": lambda p: nn.Adagrad(p, lr=1.0),
    "RMSProp": lambda p: nn.RMSProp(p, lr=0.05),
}

paths = {}
for name, optimizer_for in racers.items():
    point = ag.Tensor([-1.2, 1.0], requires_grad=True)
    optimizer, path = optimizer_for([point]), [point.data.copy()]
    for _ in range(300):
        optimizer.minimize(rosenbrock(*point))
        path.append(point.data.copy())
    paths[name] = np.array(path)
    print(f"{name:9s} ends at ({point.data[0]:6.3f}, {point.data[1]:6.3f}), f = {rosenbrock(*point.data):.4f}")

# %%
# All are in the valley soon, and then it takes time. SGD's rate is bounded by the walls: with 0.008 they throw it out,
# to infinity.

x, y = np.meshgrid(np.linspace(-1.6, 1.6, 200), np.linspace(-0.6, 2.2, 200))
heights = np.log10(rosenbrock(x, y) + 0.01)


def landscape(axes):
    place = {"extent": (-1.6, 1.6, -0.6, 2.2), "aspect": "auto", "origin": "lower", "interpolation": "nearest"}
    axes.imshow(heights, "Greys", alpha=0.5, **place)
    axes.plot(1, 1, "*", color="black", markersize=12, label="minimum")
    axes.set(title="Three hundred steps, from the left", xlabel="x", ylabel="y")
    axes.grid(False)
    axes.autoscale(False)


figure, (left, right) = plt.subplots(1, 2, num="race_rosenbrock", figsize=(9, 4))
landscape(left)
for name, path in paths.items():
    left.plot(*path.T, label=name)
    right.semilogy(rosenbrock(*path.T), label=name)
right.set(title="How high they stand", xlabel="step", ylabel="f(x, y)")
right.legend()
plt.show()

# %%
# The same as a film, in the same colours.

figure, axes = plt.subplots(figsize=(5, 4), layout="none")
landscape(axes)
lines = {name: axes.plot([], [], "o-", markevery=[-1], label=name)[0] for name in paths}
axes.locator_params(nbins=3)
axes.legend(loc="lower left", fontsize=8)


def frame(k):
    for name, line in lines.items():
        line.set_data(*paths[name][: 20 * k + 1].T)


FuncAnimation(figure, frame, frames=16, interval=200).save("race_rosenbrock.gif", writer="pillow", dpi=80)
plt.close(figure)

# %%
# **Try this.** Give SGD a ``momentum=0.9``. How far does it come now?
#
# .. dropdown:: Solution
#
#    To about (0.99, 0.98), with f below 0.001: farther than Adam. Momentum adds up what points the same way in every
#    step, the floor, and cancels what changes its sign, the walls.
