r"""
Remedies
========

Five ways to keep a network that is too large from learning the noise by heart.

.. math:: J + \lambda \sum_j w_j^2 \quad \text{(L2)}, \qquad J + \lambda \sum_j |w_j| \quad \text{(L1)}

Two half moons with much noise, 80 points to learn from, and a network of more than four thousand parameters.
"""

import matplotlib.pyplot as plt
import numpy as np

import nn

rng = np.random.default_rng(0)
(X, y), watched, fresh = (nn.data.moons(n=n, noise=0.3, rng=rng) for n in (40, 100, 500))


def large(noise=0.0, dropout=0.0):
    rng = np.random.default_rng(0)
    return nn.Sequential(
        nn.GaussianNoise(noise, rng), nn.Dense(2, 64, "relu", rng=rng), nn.Dropout(dropout, rng),
        nn.Dense(64, 64, "relu", rng=rng), nn.Dropout(dropout, rng), nn.Dense(64, 2, rng=rng),
    )  # fmt: skip


# %%
# The L2 penalty puts a price on the squares of the weights, and so pulls all of them towards zero; L1, on their sizes,
# makes many of them nearly zero. Dropout switches off half of the units, others each time, so that none can rely on a
# certain other one. Noise shows the network every point in a new place each time. And early stopping watches points
# kept aside: it ends when their loss has not fallen for 20 epochs, with the best weights. (Held-out are others again.)


def train(model, penalty=nn.l2, strength=0.0, **options):
    weights = [p for p in model.parameters() if p.ndim > 1]
    options |= {"optimizer": nn.Adam(model.parameters(), lr=0.015), "epochs": 150, "batch_size": 40, "rng": 0}
    options["loss"] = lambda prediction, target: nn.cross_entropy(prediction, target) + strength * penalty(weights)
    return model, nn.fit(model, X, y, progress=False, **options)


runs = {
    "no remedy": train(large()),
    "L2 penalty": train(large(), nn.l2, 0.005),
    "L1 penalty": train(large(), nn.l1, 0.002),
    "dropout": train(large(dropout=0.5)),
    "noise": train(large(noise=0.3)),
    "early stopping": train(large(), early_stopping=20, validation=watched),
}

# %%
# Cross-entropy without the penalties, on the training points and on held-out ones, and how many of these are right.
# Without a remedy the border winds around single points. With one it is smoother, and the loss on held-out points is
# lower, while the loss on the training points is higher. That is the trade.

losses = {}
print("                 training  held-out  held-out right")
for name, (model, _) in runs.items():
    losses[name] = [nn.cross_entropy(model.predict(a), b).item() for a, b in ((X, y), fresh)]
    right = np.mean(model.predict(fresh[0]).argmax(axis=1) == fresh[1])
    print(f"{name:15s} {losses[name][0]:9.3f} {losses[name][1]:9.3f} {right:15.1%}")

figure, panels = plt.subplots(2, 3, num="remedies", figsize=(10, 6.2), sharex=True, sharey=True)
for panel, (name, (model, _)) in zip(panels.flat, runs.items()):
    nn.plot_regions(model, X, y, ax=panel, grid_resolution=100)
    panel.set_title(f"{name}: held-out loss {losses[name][1]:.2f}")
    panel.label_outer()
    panel.get_legend().set_visible(panel is panels[0, 2])
figure, axes = plt.subplots(num="bars", figsize=(7, 3.6))
for i, label in enumerate(("training points", "held-out points")):
    axes.barh(np.arange(6) + 0.4 * i - 0.2, [pair[i] for pair in losses.values()], 0.38, label=label)
axes.set(title="Both losses, with each remedy", xlabel="mean cross-entropy", yticks=range(6), yticklabels=losses)
axes.invert_yaxis()
axes.legend()
plt.show()

# %%
# **Try this.** Make the L2 penalty a hundred times stronger, 0.5. What happens to both losses?
#
# .. dropdown:: Solution
#
#    Both are 0.693, the logarithm of 2, and half of the points are right: the weights are so expensive that all become
#    zero, and the network answers 1/2 everywhere. A remedy in excess is underfitting.
