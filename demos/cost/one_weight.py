r"""
One weight and its cost
=======================

The cost as a function of a single weight: its slope at a point, and the walk downhill to where the slope is zero.

There is one weight only, as on the slides. The derivative says how steep the curve is where we stand, so we go against
it, again and again, until it is zero:

.. math:: w \leftarrow w - \eta \, \frac{dC}{dw}, \qquad \frac{dC}{dw}(w^*) = 0
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import FuncAnimation

import autograd as ag

rng = np.random.default_rng(0)
x = rng.uniform(0, 1, 30)
y = np.exp(0.8 * x) + rng.normal(0, 0.1, 30)


def C(w):
    return np.mean((np.exp(w * x) - y) ** 2)


slope = ag.grad(C)

# %%
# We can calculate the slope at a point. Left of the minimum it is negative, so we go right; right of it, positive. Far
# away the curve is steep, near the minimum it is flat: the steps become shorter by themselves.

print("    w     C(w)    slope")
for w in (-1.0, 0.0, 0.7, 1.0, 1.5):
    print(f"{w:5.1f}{C(w):9.4f}{slope(w):9.4f}   go {'right' if slope(w) < 0 else 'left'}")

# %%
# Now walk, "until we converge to zero, indicating a minimum". A check that needs no derivative at all is to try three
# thousand weights and to take the best. With one weight that is possible.

w, walk = -1.0, []
while abs(slope(w)) > 1e-6:
    walk.append(w)
    w = w - 0.2 * slope(w)
print(f"after {len(walk)} steps: w = {w:.5f}, slope {slope(w):.1e}")
grid = np.linspace(-1.5, 1.5, 3001)
costs = np.array([C(w) for w in grid])
print(f"the best of {len(grid)} weights: {grid[costs.argmin()]:.5f}")

# %%
# The slope at some points, and the walk as a film.


def show(axes, title, weights):
    axes.clear()
    axes.plot(grid, costs, color="0.6")
    axes.set(title=title, xlabel="w", ylabel="C(w)", ylim=(-0.15, 1.8))
    for w in weights:
        near = np.array([w - 0.2, w + 0.2])
        axes.plot(near, C(w) + slope(w) * (near - w), "C1", w, C(w), "C1o")
        away = (8, 8) if abs(slope(w)) > 0.1 else (8, -15)  # of the curve
        axes.annotate(f"slope {slope(w):z.3f}", (w, C(w)), xytext=away, textcoords="offset points")


figure, axes = plt.subplots(num="one_weight")
show(axes, "The slope at a point", (-1.0, 0.1, 1.3, w))
figure, axes = plt.subplots(figsize=(6, 3.6), layout="none")
film = FuncAnimation(figure, lambda w: show(axes, "Against the slope, step by step", [w]), walk[:20], interval=200)
film.save("film.gif", writer="pillow", dpi=80)
plt.close(figure)
plt.show()

# %%
# **Try this.** Start at ``w = 1.5``, then at 2 and at 3. Does the walk still arrive?
#
# .. dropdown:: Solution
#
#    From 1.5 and from 2 it does, after a jump over the minimum. At 3 the slope is 119, so the first step goes to about
#    -21, where the curve is so flat that the way back takes 12,349 steps. A small slope is no proof of a minimum.
