r"""
Three spirals
=============

Three arms that wind around each other, told apart by a network with two hidden layers.

Softmax turns three outputs into probabilities that sum to one, cross-entropy is the price of a wrong one:

.. math:: J = -\frac{1}{n} \sum_{i=1}^{n} \log p_{i, y_i}
"""

import matplotlib.pyplot as plt
import numpy as np

import nn

rng = np.random.default_rng(0)
X, y = nn.data.spirals(arms=3, n=200, rng=rng)
fresh = nn.data.spirals(arms=3, n=1000, rng=rng)

model = nn.MLP(2, 64, 64, 3, activation="relu", rng=rng)
print(model.summary())

# %%
# ``validation`` are points that the model is not trained on: what it gets right there, it has understood.

history = nn.fit(
    model, X, y, loss="cross_entropy", optimizer=lambda parameters: nn.Adam(parameters, lr=0.01), epochs=80,
    batch_size=50, validation=fresh, metrics="accuracy", rng=rng, progress=False,
)  # fmt: skip

accuracy = history["val_accuracy"][-1]
print(f"loss      {history['loss'][0]:.3f} -> {history['loss'][-1]:.4f}")
print(f"accuracy  {accuracy:.2%} of {len(fresh[1])} held-out points")

# %%

figure, (left, right) = plt.subplots(1, 2, num="spiral", figsize=(9, 3.8))
nn.plot_regions(model, X, y, ax=left)
left.set_title(f"{accuracy:.1%} of held-out points right")
history.plot(ax=right).set(ylabel="mean cross-entropy", yscale="log")
plt.show()

# %%
# **Try this.** Leave the non-linearity out: ``activation="linear"``. How far does the model get?
#
# .. dropdown:: Solution
#
#    To 36% of the held-out points, little more than guessing: without a non-linearity two hidden layers are one linear
#    map, and its borders are straight lines. ``python -m demos linear_networks`` looks into that.
