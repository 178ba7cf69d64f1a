r"""
The race: Beale's plateaus
==========================

The same five on a function with wide plateaus, steep corners, and a minimum at (3, 1/2).

.. math:: f(x, y) = (1.5 - x + xy)^2 + (2.25 - x + xy^2)^2 + (2.625 - x + xy^3)^2

Where the gradient changes a thousandfold from place to place, a fixed rate is too large here and too small there.
E. M. L. Beale, "On an iterative method for finding a local minimum of a function of more than one variable", Technical
Report 25, Statistical Techniques Research Group, Princeton University, 1958.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import FuncAnimation

import autograd as ag
import nn


def beale(x, y):
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


# %%
# Two hundred steps from (1, 1.5). The learning rates are again found by trying, for this function and this start.

rates = {"SGD": 0.02, "Adam": 0.2, "Adadelta": 10.0, "Adagrad": 1.0, "RMSProp": 0.05}
paths = {}
for name, lr in rates.items():
    point = ag.Tensor([1.0, 1.5], requires_grad=True)
    optimizer, path = getattr(nn, name)([point], lr=lr), [point.data.copy()]
    for _ in range(200):
        optimizer.minimize(beale(*point))
        path.append(point.data.copy())
    paths[name] = np.array(path)
    print(f"{name:9s} ends at ({point.data[0]:6.3f}, {point.data[1]:6.3f}), f = {beale(*point.data):.1e}")

# %%
# SGD's first step is its longest by far. Adam swings from side to side, as something heavy would, and is the nearest
# in the end. Adadelta first has to find out how long its steps may be, and at the end its rate of 10 is too large.

x, y = np.meshgrid(np.linspace(-0.5, 4, 200), np.linspace(-1.0, 2, 200))
heights = np.log10(beale(x, y) + 0.01)
figure, (left, right) = plt.subplots(1, 2, num="race_beale", figsize=(9, 4))
film, ground = plt.subplots(figsize=(5, 4), layout="none")
for axes in left, ground:
    axes.imshow(heights, "Greys", alpha=0.5, extent=(-0.5, 4, -1, 2), aspect="auto", origin="lower")
    axes.plot(3, 0.5, "*", color="black", markersize=12)
    axes.set(title="Two hundred steps, from (1, 1.5)", xlabel="x", ylabel="y", autoscale_on=False)
    axes.grid(False)
for name, path in paths.items():
    left.plot(*path.T)
    right.semilogy(beale(*path.T), label=name)
right.set(title="How high they stand", xlabel="step", ylabel="f(x, y)")
right.legend()
lines = [ground.plot([], [], "o-", markevery=[-1])[0] for _ in paths]


def frame(k):
    for line, path in zip(lines, paths.values()):
        line.set_data(*path[: 14 * k + 1].T)


FuncAnimation(film, frame, frames=16, interval=200).save("race_beale.gif", writer="pillow", dpi=80)
plt.close(film)
plt.show()

# %%
# **Try this.** Start at (3, 2), where it is steep. Which of the five needs another rate?
#
# .. dropdown:: Solution
#
#    SGD. Its first step there throws it out, and the numbers become infinite. The slope is twenty times larger than
#    where it was before; with ``lr=0.0005`` it arrives. Adadelta, the last one before, is now the best.
