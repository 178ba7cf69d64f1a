r"""
The race: away from a saddle
============================

The same five beside a saddle, where the gradient is zero and no minimum is.

.. math:: f(x, y) = x^2 - y^2 + \frac{y^4}{4}

Along ``x`` it is a valley, along ``y`` the top of a hill between two minima. Who comes along the valley is led to the
saddle at (0, 0), where the gradient is nearly nothing. In many dimensions there are many more saddles than minima.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import FuncAnimation

import autograd as ag
import nn


def saddle(x, y):
    return x**2 - y**2 + y**4 / 4


# %%
# The start is a thousandth beside the line that leads straight to the saddle. All have the same learning rate, but
# Adadelta, which chooses the size of its steps itself, begins with very small ones, and gets a larger factor.

rates = {"SGD": 0.05, "Adam": 0.05, "Adadelta": 5.0, "Adagrad": 0.05, "RMSProp": 0.05}
paths = {}
for name, lr in rates.items():
    point = ag.Tensor([-1.5, 0.001], requires_grad=True)
    optimizer, path = getattr(nn, name)([point], lr=lr), [point.data.copy()]
    for _ in range(160):
        optimizer.minimize(saddle(*point))
        path.append(point.data.copy())
    paths[name] = np.array(path)
    below = np.flatnonzero(saddle(*paths[name].T) < -0.5)
    print(f"{name:9s} is below f = -0.5 {f'after {below[0]:3d} steps' if len(below) else 'never'}")

# %%
# For SGD the way out is as slow as the slope is small: ``y`` grows by a tenth with each step. The others divide by
# the size of the gradient, so a slope of a thousandth is as good as any, and they turn off before they come near the
# saddle. Adagrad does so too, and is the last one all the same: its steps become shorter and shorter.

x, y = np.meshgrid(np.linspace(-1.8, 1.0, 200), np.linspace(-0.6, 1.8, 200))
heights = saddle(x, y)
figure, (left, right) = plt.subplots(1, 2, num="race_saddle", figsize=(9, 4))
film, ground = plt.subplots(figsize=(5, 4), layout="none")
for axes in left, ground:
    axes.imshow(heights, "Greys", alpha=0.5, extent=(-1.8, 1, -0.6, 1.8), aspect="auto", origin="lower")
    axes.plot(0, 0, "*", color="black", markersize=12)
    axes.set(title="From the left to the saddle, and away from it", xlabel="x", ylabel="y", autoscale_on=False)
    axes.grid(False)
for name, path in paths.items():
    left.plot(*path.T)
    right.plot(saddle(*path.T), label=name)
right.set(title="How high they stand", xlabel="step", ylabel="f(x, y)")
right.legend()
lines = [ground.plot([], [], "o-", markevery=[-1])[0] for _ in paths]


def frame(k):
    for line, path in zip(lines, paths.values()):
        line.set_data(*path[: 11 * k + 1].T)


FuncAnimation(film, frame, frames=16, interval=200).save("race_saddle.gif", writer="pillow", dpi=80)
plt.close(film)
plt.show()

# %%
# **Try this.** Start exactly on the line, at ``[-1.5, 0.0]``. Who gets away?
#
# .. dropdown:: Solution
#
#    Nobody. The derivative by ``y`` is zero all along the line, and every rule makes of a zero no step. A little
#    noise, as that of batches, is enough to get away: another advantage of *stochastic* descent.
