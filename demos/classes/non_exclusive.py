r"""
Non-exclusive classes
=====================

Two discs that overlap: a point may be in both or in none, so each output gets a sigmoid of its own.

.. math:: p_i = \sigma(z_i) = \frac{1}{1 + e^{-z_i}}, \qquad J = -\sum_i [ y_i \log p_i + (1 - y_i) \log(1 - p_i) ]

The outputs know nothing of each other, and their probabilities need not sum to one.
"""

import textwrap

import matplotlib.pyplot as plt
import numpy as np

import nn

rng = np.random.default_rng(0)
X = rng.uniform([-2, -1.6], [2, 1.6], (400, 2))
y = np.stack([np.hypot(X[:, 0] + 0.6, X[:, 1]) < 1, np.hypot(X[:, 0] - 0.6, X[:, 1]) < 1], axis=1)
for labels in ((0, 0), (1, 0), (0, 1), (1, 1)):
    print(f"in the left disc {labels[0]}, in the right disc {labels[1]}: {np.all(y == labels, axis=1).sum():3d} points")

# %%
# Softmax shares out a probability of one, so its loss, the cross-entropy, wants targets that sum to one. Those of a
# point in both discs sum to 2, and those of a point in none to 0. It refuses them:

model = nn.MLP(2, 24, 2, activation="tanh", rng=rng)
try:
    nn.cross_entropy(model(X), y)
except ValueError as error:
    print(textwrap.fill(str(error), 76))

# %%
# The last words say what to do. ``bce_with_logits`` is the formula above, the log loss of each output, with the sigmoid
# in it; the outputs z of the model, before the sigmoid, are called logits.

options = {"epochs": 120, "batch_size": 50, "rng": rng, "progress": False}
history = nn.fit(model, X, y, loss="bce_with_logits", optimizer=nn.Adam(model.parameters(), lr=0.03), **options)
p = nn.sigmoid(model.predict(X))
both = np.mean(np.all((p > 0.5) == y, axis=1))
print(f"loss {history['loss'][0]:.3f} -> {history['loss'][-1]:.3f}, both labels right for {both:.1%} of the points")

# %%
# Four points, one for each combination. With sigmoids each answer stands for itself. Softmax of the same outputs
# cannot say "both", nor "none": its answers sum to one.

points = {"none": (0.0, 1.4), "left": (-1.1, 0.0), "right": (1.1, 0.0), "both": (0.0, 0.0)}
z = model.predict(np.array(list(points.values())))
sigmoids, shared = nn.sigmoid(z), nn.softmax(z)
print("point    sigmoid: left  right   sum   softmax: left  right   sum")
for name, a, b in zip(points, sigmoids, shared):
    print(f"{name:8s} {a[0]:13.3f} {a[1]:6.3f} {a.sum():5.2f} {b[0]:15.3f} {b[1]:6.3f} {b.sum():5.2f}")

figure, (left, right) = plt.subplots(1, 2, num="non_exclusive", figsize=(10, 3.9))
side = np.linspace(-2, 2, 120)
plane = np.stack(np.meshgrid(side, 0.8 * side), axis=-1)
answer = nn.sigmoid(model.predict(plane.reshape(-1, 2))).reshape(120, 120, 2)
for i, (color, name) in enumerate([("C0", "left"), ("C1", "right")]):
    left.contourf(side, 0.8 * side, answer[..., i], levels=[0.5, 1], colors=color, alpha=0.35)
    left.contour(side, 0.8 * side, answer[..., i], levels=[0.5], colors=color)
    right.bar(np.arange(4) + 0.4 * i - 0.2, sigmoids[:, i], 0.38, color=color, label=f"in the {name} disc")
for name, point in points.items():
    left.plot(*point, "ko", markersize=4)
    left.annotate(name, point, xytext=(6, 4), textcoords="offset points")
left.set(title="Where each sigmoid is above 1/2", xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
right.set(title="The probabilities of four points", ylabel="probability", ylim=(0, 1.2))
right.set_xticks(range(4), points)
right.legend(loc="upper left", ncols=2)
plt.show()

# %%
# **Try this.** Can softmax do it with another set of classes?
#
# .. dropdown:: Solution
#
#    Yes, with one class for each combination: ``nn.MLP(2, 24, 4, ...)``, the labels ``y @ [1, 2]``, which are 0 to 3
#    for none, left, right and both, and ``loss="cross_entropy"``. These exclude each other. But ten labels have
#    1,024 combinations, and need ten sigmoids.
