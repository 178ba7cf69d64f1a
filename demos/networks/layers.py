r"""
Input, hidden and output layers
===============================

The three kinds of layers on one picture, with their names, their sizes, and the weights between them.

.. math:: a_1 = g(x W_1 + b_1), \qquad \hat y = a_1 W_2 + b_2

The input layer computes nothing: it *is* the data. A network "of three layers" has therefore two layers of weights;
which ones are counted differs from book to book, so we say "one hidden layer of four neurons".
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag
import nn

model = nn.MLP(3, 4, 2, activation="tanh", rng=0)
print(model)

# %%
# What each layer is for, with the shapes of what goes through it for five samples:

X = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
hidden = model[:1].predict(X)
output = model.predict(X)
for name, array, what in (
    ("input", X, "the data as they are"),
    ("hidden", hidden, "found by the network itself"),
    ("output", output, "the final estimate"),
):
    print(f"{name:7s} {array.shape}  {what}")

# %%
# Every circle is a neuron, every line a weight: red ones are positive, blue ones negative, thick ones large.

sizes = [3, 4, 2]
weights = [p.numpy() for name, p in model.named_parameters() if name.endswith("W")]
figure, axes = plt.subplots(num="layers", figsize=(7, 4))
places = [[(2 * k, (n - 1) / 2 - i) for i in range(n)] for k, n in enumerate(sizes)]
for W, start, end in zip(weights, places, places[1:]):
    for j, (x0, y0) in enumerate(start):
        for i, (x1, y1) in enumerate(end):
            style = {"color": "C4" if W[j, i] > 0 else "C0", "linewidth": 0.5 + 3 * abs(W[j, i])}
            axes.plot([x0, x1], [y0, y1], zorder=1, **style)
for k, (layer, letter, title) in enumerate(zip(places, "xay", ("input layer", "hidden layer", "output layer"))):
    for i, (x, y) in enumerate(layer):
        axes.scatter(x, y, s=900, color="white", edgecolors="black", zorder=2)
        axes.text(x, y, f"${letter}_{i + 1}$", ha="center", va="center", zorder=3)
    axes.text(2 * k, 2.1, title, ha="center", weight="bold")
axes.set(xlim=(-0.6, 4.6), ylim=(-2, 2.5), title="3 inputs, 4 hidden neurons, 2 outputs")
axes.axis("off")
plt.show()

# %%
# The same network as the engine sees it: operations instead of circles, each layer a box.

ag.draw(np.sum(model(ag.Tensor(X, dtype=np.float32, name="X"))), gradients=False).save("graph.svg")

# %%
# How many numbers are there to learn? Each neuron has a weight for each neuron before it, and a bias.

count = sum(W.shape[0] * W.shape[1] + W.shape[1] for W in weights)
print(f"(3 + 1) * 4 + (4 + 1) * 2 = {count}; the model has {sum(p.size for p in model.parameters())}")

# %%
# **Try this.** Put a second hidden layer of four neurons in: ``nn.MLP(3, 4, 4, 2)``. How many parameters are there now?
#
# .. dropdown:: Solution
#
#    :math:`(3 + 1) \cdot 4 + (4 + 1) \cdot 4 + (4 + 1) \cdot 2 = 46`; ``model.summary()`` lists them layer by layer.
