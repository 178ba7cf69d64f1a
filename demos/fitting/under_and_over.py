r"""
Underfitting, ideal fit, overfitting
====================================

The three panels of the slide: a model too small, one that fits, and one that learns the noise as well.

.. math:: y = \sin x + \text{noise}, \qquad J = \frac{1}{n} \sum_{i=1}^{n} \left( \hat{y}_i - y_i \right)^2

Sixteen points to learn from, and three hundred held-out ones, from the same curve, to see what was understood.
"""

import matplotlib.pyplot as plt
import numpy as np

import nn

rng = np.random.default_rng(2)
X = np.linspace(-3, 3, 16)[:, None]
y = np.sin(X) + rng.normal(0, 0.3, X.shape)
X_fresh = rng.uniform(-3, 3, (300, 1))
y_fresh = np.sin(X_fresh) + rng.normal(0, 0.3, X_fresh.shape)

models = {
    "Underfitting": nn.Dense(1, 1, rng=0),
    "Ideal fit": nn.MLP(1, 2, 1, activation="tanh", rng=0),
    "Overfitting": nn.MLP(1, 64, 64, 64, 1, activation="tanh", rng=0),
}

# %%
# All three are trained in the same way, for 500 epochs.

histories = {}
print("              parameters   J training   J held-out")
for name, model in models.items():
    size = sum(p.size for p in model.parameters())
    histories[name] = nn.fit(
        model, X, y, loss="mse", epochs=500, optimizer=lambda parameters: nn.Adam(parameters, lr=0.01),
        validation=(X_fresh, y_fresh), rng=0, progress=False,
    )  # fmt: skip
    print(f"{name:13s} {size:10,} {histories[name]['loss'][-1]:12.3f} {histories[name]['val_loss'][-1]:12.3f}")

# %%
# The noise has the variance :math:`0.3^2 = 0.09`, so no model can be expected to do better than that on new points.
# The first one "does not have capacity to fully learn the data". The last one has "extra parameters" and bends to meet
# each single point, but the noise of the held-out points is another.

figure, panels = plt.subplots(1, 3, num="under_and_over", figsize=(11, 3.6), sharey=True)
x = np.linspace(-3.2, 3.2, 400)[:, None]
for panel, (name, model) in zip(panels, models.items()):
    panel.plot(X_fresh, y_fresh, ".", color="0.85", markersize=4, label="held-out points")
    panel.plot(X, y, "o", color="C0", markersize=5, label="training points")
    panel.plot(x, model.predict(x), color="C4", label="model")
    panel.set(title=f"{name}: J held-out = {histories[name]['val_loss'][-1]:.3f}", xlabel="x")
panels[0].set_ylabel("y")
panels[0].legend(loc="upper left", fontsize=8)
plt.show()

# %%
# While it learns, the training loss cannot tell the two failures from success. The distance between the two losses can.

figure, panels = plt.subplots(1, 3, num="losses", figsize=(11, 3.2), sharey=True)
for panel, (name, history) in zip(panels, histories.items()):
    history.plot(ax=panel).set(title=name, ylabel="J", yscale="log")
    panel.label_outer()
plt.show()

best = histories["Overfitting"].best
print(f"the large network was best in epoch {best['epoch']}, with {best['val_loss']:.3f} on held-out points")

# %%
# **Try this.** Give the large network more to learn from: 500 training points instead of 16. What happens?
#
# .. dropdown:: Solution
#
#    With ``np.linspace(-3, 3, 500)`` both losses come out near 0.1, and it is no worse than the ideal fit: 8,513
#    parameters cannot follow the noise of so many points in this time. More data is the best remedy, if one can get it.
