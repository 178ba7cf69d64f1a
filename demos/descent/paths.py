r"""
Three ways down
===============

All the data, batches of eight, or one example a step: the paths on the surface of the cost, and a film of them.

.. math:: (w, b) \leftarrow (w, b) - \eta \, \nabla J_B(w, b), \qquad
   J_B = \frac{1}{|B|} \sum_{i \in B} \frac{1}{2} \big( y_i - (w x_i + b) \big)^2

:math:`B` are the examples that a step looks at. On average their gradient is the gradient of all of them, but each time
it is off by something: so the path trembles, and a step is cheaper.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import FuncAnimation

import autograd as ag

rng = np.random.default_rng(0)
x = rng.normal(0.5, 1, 64)
y = 1.5 * x - 0.5 + rng.normal(0, 1, 64)


def J(w, b, x, y):
    return np.mean((w * x + b - y) ** 2) / 2


# %%
# The three differ in the number of examples alone. All start at the same point, with the same rate, and take the same
# number of steps, 64.


def path(size, lr=0.15, steps=64):
    rng, w, b = np.random.default_rng(1), ag.Tensor(-1.0, requires_grad=True), ag.Tensor(1.5, requires_grad=True)
    points = [(w.item(), b.item())]
    for _ in range(steps):
        chosen = rng.choice(64, size, replace=False)
        dw, db = ag.gradients(J(w, b, x[chosen], y[chosen]), [w, b])
        w.data -= lr * dw
        b.data -= lr * db
        points.append((w.item(), b.item()))
    return np.array(points)


paths = {"all 64": path(64), "8 a step": path(8), "1 a step": path(1)}
best = np.polyfit(x, y, 1)
print("step        examples seen   length of the path   distance from the minimum, last 20 steps")
for (name, points), size in zip(paths.items(), (64, 8, 1)):
    length = np.sum(np.linalg.norm(np.diff(points, axis=0), axis=1))
    distance = np.mean(np.linalg.norm(points[-20:] - best, axis=1))
    print(f"{name:9s}{64 * size:16d}{length:21.2f}{distance:28.3f}")

# %%
# The paths, and the same as a film, four steps a picture.

W, B = np.meshgrid(np.linspace(-1.4, 2.6, 50), np.linspace(-1.6, 1.9, 50))
Z = np.mean((W[..., None] * x + B[..., None] - y) ** 2, axis=-1) / 2
figure, axes = plt.subplots(num="paths", layout="none")
axes.contour(W, B, Z, levels=np.geomspace(Z.min() * 1.02, Z.max(), 14), colors="0.7", linewidths=0.8)
lines = [axes.plot(*points.T, ".-", lw=1.2, label=name)[0] for name, points in paths.items()]
axes.plot(*best, "k*", markersize=12, label="minimum")
axes.set(title="Sixty-four steps on the surface of the cost", xlabel="w", ylabel="b")
axes.legend()


def show(step):
    for line, points in zip(lines, paths.values()):
        line.set_data(*points[: 4 * step + 1].T)


FuncAnimation(figure, show, frames=17, interval=200).save("film.gif", writer="pillow", dpi=80)
plt.show()

# %%
# **Try this.** Let each path see the same number of examples: 640 in all. Who is nearer to the minimum?
#
# .. dropdown:: Solution
#
#    ``steps = 640 // size`` in ``path`` does it. The ten steps with all examples end 1.3 from the minimum, the 80 steps
#    with eight 0.13, and the 640 with one tremble around it at 0.35: they arrived long ago. Batches are the middle way.
