r"""
Green and red
=============

Green points inside a ring of red ones: no line separates them, one hidden layer with ReLU does.

.. math:: z = \max(0, \, x W_1 + b_1) \, W_2 + b_2

The slide asks: "What if we wanted to build a neural network to distinguish green vs red points?" And it answers:
"Non-linearities allow us to approximate arbitrarily complex functions".
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import FuncAnimation

import nn

X, y = nn.data.circles(n=120, noise=0.12, rng=0)
linear, bent = (nn.MLP(2, 8, 2, activation=name, rng=0) for name in ("linear", "relu"))

# %%
# The two differ in their activation alone. We train them in the same way, and keep what the second one thinks of the
# plane after some of the epochs.

side = np.linspace(-1.5, 1.5, 100)
plane = np.stack(np.meshgrid(side, side), axis=-1)
frames = []


def green_at(model):
    return nn.softmax(model.predict(plane.reshape(-1, 2)))[:, 1].reshape(plane.shape[:2])


def watch(epoch):
    if epoch.model is bent and epoch.number in (1, 2, 3, 4, 6, 8, 10, 13, 17, 22, 30, 40, 100):
        frames.append((epoch.number, green_at(bent)))


accuracy = {}
for name, model in {"linear": linear, "ReLU": bent}.items():
    options = {"optimizer": nn.Adam(model.parameters(), lr=0.05), "epochs": 100, "batch_size": 60, "callbacks": watch}
    history = nn.fit(model, X, y, loss="cross_entropy", rng=0, progress=False, **options)
    accuracy[name] = np.mean(model.predict(X).argmax(axis=1) == y)
    print(f"{name:7s} loss {history['loss'][-1]:.3f} (log 2 is {np.log(2):.3f})   {accuracy[name]:.1%} right")

# %%
# The linear one is hardly better than tossing a coin. In the other one each of the eight units is silent on one side
# of a grey line, and speaks on the other. Between these lines the border is straight, and where it meets one, it bends.
# The film shows how it gets there.


def panel_of(panel, green, title):
    panel.clear()
    panel.contourf(side, side, green, levels=[0, 0.5, 1], colors=["tomato", "C2"], alpha=0.25)
    panel.plot(*X[y == 0].T, "s", color="tomato", markersize=3.5, label="red")
    panel.plot(*X[y == 1].T, "o", color="C2", markersize=3.5, label="green")
    panel.set(title=title, xlabel="$x_1$", ylabel="$x_2$", xticks=(-1, 0, 1), yticks=(-1, 0, 1), aspect="equal")


figure, axes = plt.subplots(1, 2, num="green_and_red", figsize=(9, 4.4))
for panel, (name, model) in zip(axes, {"linear": linear, "ReLU": bent}.items()):
    panel_of(panel, green_at(model), f"{name}: {accuracy[name]:.0%} right")
hidden = bent.layers[0]
for w, b in zip(hidden.W.data.T, hidden.b.data):
    axes[1].contour(side, side, plane @ w + b, levels=[0], colors="0.4", linewidths=0.8)
axes[0].legend(loc="upper left")
figure, axes = plt.subplots(figsize=(4, 4), layout="none")


def show(k):
    panel_of(axes, frames[k][1], f"ReLU, epoch {frames[k][0]}")


FuncAnimation(figure, show, [*range(len(frames)), *[len(frames) - 1] * 3]).save("fence.gif", "pillow", fps=4, dpi=80)
plt.close(figure)
plt.show()

# %%
# **Try this.** How few hidden units does ReLU need to fence the green points in?
#
# .. dropdown:: Solution
#
#    Three: they fence in a triangle with blunt corners, 96% to 98% right. Two leave a side open, and get about 80%.
