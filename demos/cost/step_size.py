r"""
How long a step
===============

Small steps take long, right ones arrive, large ones overshoot the minimum: four rates on the same curve.

.. math:: w_{t+1} = w_t - \eta \, C'(w_t)

On a parabola with its minimum at :math:`w^*` every step multiplies the distance by the same factor:

.. math:: w_{t+1} - w^* = (1 - \eta C'') \, (w_t - w^*)
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag

rng = np.random.default_rng(0)
x = rng.normal(0, 1, 50)
y = 2 * x + rng.normal(0, 0.3, 50)


def C(w):
    return np.mean((w * x - y) ** 2) / 2


slope = ag.grad(C)
curvature = ag.grad(slope)(0.0)
best = np.sum(x * y) / np.sum(x * x)
print(f"minimum at w = {best:.4f}, second derivative {curvature:.4f}")

# %%
# ``0 < factor < 1``: the steps come closer from one side. Below 0 they jump over the minimum, and still come closer.
# Below -1 each jump is longer than the last. So the border is :math:`2 / C''`; with :math:`1 / C''` one step arrives.


def walk(lr, start=-1.0, steps=60):
    path = [start]
    for _ in range(steps):
        path.append(path[-1] - lr * slope(path[-1]))
    return np.array(path)


rates = {"small": 0.05, "right": 0.6, "overshooting": 1.9, "too large": 2.1}
paths = {name: walk(share / curvature) for name, share in rates.items()}
print("rate            lr   factor   steps until the distance is below 0.01")
for name, share in rates.items():
    near = np.abs(paths[name] - best) < 0.01
    steps = f"{near.argmax()}" if near.any() else f"after 60 still {abs(paths[name][-1] - best):.3g} away"
    print(f"{name:13s}{share / curvature:5.2f}{1 - share:9.2f}   {steps}")

figure, grid = plt.subplots(2, 2, num="steps", figsize=(9, 6), sharex=True, sharey=True)
w = np.linspace(-2.5, 6.5, 200)
for k, (axes, (name, path)) in enumerate(zip(grid.flat, paths.items())):
    axes.plot(w, [C(v) for v in w], color="0.7", label="C(w)")
    axes.plot(path[:9], [C(v) for v in path[:9]], "o-", color=f"C{k}", markersize=4, label="eight steps")
    axes.set(title=f"{name}: rate {rates[name] / curvature:.2f}", ylim=(-0.5, 14), xlim=(-2.5, 6.5))
figure.supxlabel("w")
figure.supylabel("C(w)")
grid[0, 0].legend(loc="upper center")
plt.show()

# %%
# The distance over the steps, on a logarithmic scale: straight lines, whose slope is the logarithm of the factor.

figure, axes = plt.subplots(num="distance")
for k, (name, path) in enumerate(paths.items()):
    axes.semilogy(np.maximum(np.abs(path - best), 1e-8), color=f"C{k}", label=name)
axes.set(title="Distance from the minimum", xlabel="step", ylabel="|w - w*|", ylim=(1e-6, 1e3))
axes.legend()
plt.show()

# %%
# **Try this.** Add ``"one step": 1.0`` to ``rates`` and print its path. Would it work for a curve that is no parabola?
#
# .. dropdown:: Solution
#
#    The first step lands on the minimum. This is Newton's method, whose rate is :math:`1 / C''`. On another curve
#    :math:`C''` changes from point to point: one step only comes near, and the method takes :math:`C''` anew each time.
