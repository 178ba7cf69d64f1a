r"""
Linear networks
===============

Networks with linear activations, small and large: all of them draw the same straight line.

.. math:: (x W_1 + b_1) W_2 + b_2 = x \, (W_1 W_2) + (b_1 W_2 + b_2)

The slide: "Linear activation functions produce linear decisions no matter the network size". The formula says why: two
layers with nothing between them are one layer, with another W and another b. So are three, or a hundred.
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag
import nn

X, y = nn.data.moons(n=100, noise=0.15, rng=0)

models = {
    "no hidden layer": nn.Dense(2, 2, rng=0),
    "16 hidden units": nn.MLP(2, 16, 2, activation="linear", rng=0),
    "64, 64, 64 hidden units": nn.MLP(2, 64, 64, 64, 2, activation="linear", rng=0),
}

# %%
# All three learn the same points, and all three get as far as a line gets.

figure, axes = plt.subplots(1, 3, num="linear_networks", figsize=(11, 3.6))
for panel, (name, model) in zip(axes, models.items()):
    history = nn.fit(
        model, X, y, loss="cross_entropy", optimizer=lambda parameters: nn.Adam(parameters, lr=0.01), epochs=150,
        schedule=nn.CosineAnnealingLR(150), rng=0, progress=False,
    )  # fmt: skip
    size = sum(p.size for p in model.parameters())
    right = np.mean(model.predict(X).argmax(axis=1) == y)
    print(f"{name:24s} {size:5,} parameters   loss {history['loss'][-1]:.4f}   {right:.1%} right")
    nn.plot_regions(model, X, y, ax=panel)
    panel.set_title(f"{name}\n{size:,} parameters")
for panel in axes[:2]:
    panel.get_legend().remove()
plt.show()

# %%
# Multiply the matrices of the largest one together, and there is one layer that does exactly the same.

W, b = np.eye(2), np.zeros(2)
for layer in models["64, 64, 64 hidden units"].layers:
    W, b = W @ layer.W.data, b @ layer.W.data + layer.b.data
print(f"W = {W.round(2).tolist()}, b = {b.round(2).tolist()}")

large = models["64, 64, 64 hidden units"].predict(X)
print(f"the large network and this layer are apart by at most {np.max(np.abs(large - (X @ W + b))):.0e}")

# %%
# The engine sees it, too: the derivative of the outputs by the inputs is this matrix, wherever it is taken. What does
# not depend on x is the slope of a straight line, or plane.

for point in ([0.0, 0.0], [1.0, -2.0]):
    slope = ag.jacobian(models["64, 64, 64 hidden units"])(np.array(point)).T
    print(f"at {point}: {slope.round(2).tolist()}")

# %%
# **Try this.** Give the second network a non-linearity: ``activation="tanh"``. What changes?
#
# .. dropdown:: Solution
#
#    It gets 95% of the points right instead of 89%, with the same 82 parameters, and its border is bent. And its
#    Jacobian, ``ag.jacobian(models["16 hidden units"])``, is no longer the same at the two points.
