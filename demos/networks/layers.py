r"""
Input, hidden and output layers
===============================

The three kinds of layers on one picture, with their names, their sizes, and the weights between them.

.. math:: a_1 = g(x W_1 + b_1), \qquad \hat y = a_1 W_2 + b_2

The input layer computes nothing: it *is* the data. A network "of three layers" has therefore two layers of weights;
which ones are counted differs from book to book, so we say "one hidden layer of four neurons".
"""

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
# Every circle is a neuron, with what it says of the first sample; every line is a weight, thick ones are large, double
# ones below zero.

ag.draw(model, X[0]).save("layers.svg")

# %%
# The same network as the engine sees it: operations instead of circles, each layer a box.

ag.draw(np.sum(model(ag.Tensor(X, dtype=np.float32, name="X"))), gradients=False).save("graph.svg")

# %%
# How many numbers are there to learn? Each neuron has a weight for each neuron before it, and a bias.

weights = [layer.W for layer in model]
count = sum(W.shape[0] * W.shape[1] + W.shape[1] for W in weights)
print(f"(3 + 1) * 4 + (4 + 1) * 2 = {count}; the model has {sum(p.size for p in model.parameters())}")

# %%
# **Try this.** Put a second hidden layer of four neurons in: ``nn.MLP(3, 4, 4, 2)``. How many parameters are there now?
#
# .. dropdown:: Solution
#
#    :math:`(3 + 1) \cdot 4 + (4 + 1) \cdot 4 + (4 + 1) \cdot 2 = 46`; ``model.summary()`` lists them layer by layer.
