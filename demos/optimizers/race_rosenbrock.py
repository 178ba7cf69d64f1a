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

rates = {"SGD": 0.003, "Adam": 0.2, "Adadelta": 5.0, "Adagrad": 1.0, "RMSProp": 0.05}
paths = {}
for name, lr in rates.items():
    point = ag.Tensor([-1.2, 1.0], requires_grad=True)
    optimizer, path = getattr(nn, name)([point], lr=lr), [point.data.copy()]
    for _ in range(300):
        optimizer.minimize(rosenbrock(*point))
        path.append(point.data.copy())
    paths[name] = np.array(path)
    print(f"{name:9s} ends at ({point.data[0]:6.3f}, {point.data[1]:6.3f}), f = {rosenbrock(*point.data):.4f}")

# %%
# All are in the valley soon, and then it takes time. With 0.008 the walls would throw SGD out, to infinity. The film
# has the same colours.

x, y = np.meshgrid(np.linspace(-1.6, 1.6, 200), np.linspace(-0.6, 2.2, 200))
heights = np.log10(rosenbrock(x, y) + 0.01)
figure, (left, right) = plt.subplots(1, 2, num="race_rosenbrock", figsize=(9, 4))
film, ground = plt.subplots(figsize=(5, 4), layout="none")
for axes in left, ground:
    axes.imshow(heights, "Greys", alpha=0.5, extent=(-1.6, 1.6, -0.6, 2.2), aspect="auto", origin="lower")
    axes.plot(1, 1, "*", color="black", markersize=12)
    axes.set(title="Three hundred steps, from the left", xlabel="x", ylabel="y", autoscale_on=False)
    axes.grid(False)
for name, path in paths.items():
    left.plot(*path.T)
    right.semilogy(rosenbrock(*path.T), label=name)
right.set(title="How high they stand", xlabel="step", ylabel="f(x, y)")
right.legend()
lines = [ground.plot([], [], "o-", markevery=[-1])[0] for _ in paths]


def frame(k):
    for line, path in zip(lines, paths.values()):
        line.set_data(*path[: 20 * k + 1].T)


FuncAnimation(film, frame, frames=16, interval=200).save("race_rosenbrock.gif", writer="pillow", dpi=80)
plt.close(film)
plt.show()

# %%
# **Try this.** Let ``nn.SGD([point], lr=0.003, momentum=0.9)`` join the race. How far does it come?
#
# .. dropdown:: Solution
#
#    To about (0.99, 0.98), with f below 0.001: farther than Adam. Momentum adds up what points the same way in every
#    step, the floor, and cancels what changes its sign, the walls.
