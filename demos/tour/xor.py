r"""
XOR
===

The four points that no straight line separates, and a network of four hidden units that learns them.

.. math:: a \oplus b = 1 \quad \text{where} \quad a \ne b

One perceptron cannot do it (``python -m demos and_or_xor`` shows why). A hidden layer folds the plane first.
"""

from copy import deepcopy

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import FuncAnimation

import autograd as ag
import nn

X, y = nn.data.xor()
model = nn.MLP(2, 4, 2, activation="tanh", rng=0)

# %%
# The loss before anything is learned is a graph. It can be drawn: each layer is a box, and below every number stands
# its gradient.

loss = nn.cross_entropy(model(ag.Tensor(X, dtype=np.float32, name="X")), y)
loss.name = "loss"
loss.backward()
ag.draw(loss).save("graph.svg")

# %%
# Two hundred epochs. After some of them we keep the model as it is, for a film.

moments, frames = set(np.geomspace(1, 200, 24).round()), []


def watch(epoch):
    if epoch.number in moments:
        frames.append((epoch.number, deepcopy(epoch.model)))


adam = nn.Adam(model.parameters(), lr=0.1)
history = nn.fit(model, X, y, loss="cross_entropy", optimizer=adam, epochs=200, callbacks=watch, rng=0, progress=False)
for (a, b), p in zip(X, nn.softmax(model.predict(X))):
    print(f"{a:.0f} xor {b:.0f}   is 1 with probability {p[1]:.4f}")

# %%
# What it learned: the regions, and the loss on the way.

figure, (left, right) = plt.subplots(1, 2, num="xor", figsize=(9, 3.8))
nn.plot_regions(model, X, y, ax=left)
left.set_title("Two lines, where one is not enough")
right.semilogy(history["loss"])
right.set(title="The loss while it learns", xlabel="epoch", ylabel="mean cross-entropy")
plt.show()

# %%
# The same as a film: how the lines get there.

figure, axes = plt.subplots(figsize=(4.6, 4), layout="none", gridspec_kw={"right": 0.85})


def show(k):
    number, then = frames[k]
    axes.clear()
    nn.plot_regions(then, X, y, ax=axes, grid_resolution=80).set_title(f"epoch {number}")


FuncAnimation(figure, show, [*range(len(frames)), *[len(frames) - 1] * 8]).save("film.gif", "pillow", fps=8, dpi=80)
plt.close(figure)

# %%
# **Try this.** Give the network two hidden units: ``nn.MLP(2, 2, 2, ...)``. Does it learn for every ``rng``?
#
# .. dropdown:: Solution
#
#    Two lines are enough in principle, but training gets stuck for some initial weights. More units make it easy to
#    find a way; that is why networks are made larger than they need to be.
