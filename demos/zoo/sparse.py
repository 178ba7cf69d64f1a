r"""
Sparse auto encoder
===================

More hidden cells than inputs, made to be nearly silent most of the time: few of them draw a digit.

:Cells: 2 inputs, 4 hidden, 2 match
:Paper: Ranzato, Poultney, Chopra and LeCun, NIPS 2006; the penalty on mean activity: Ng, CS294A notes, 2011
:Learned: all weights, by the gradient of the reconstruction error and the penalty
:Criterion: a mean activity below 0.1 at an error below 0.005, few cells above 0.1; without the penalty above 0.4

Each cell's mean activity :math:`\bar a_j` is drawn towards :math:`\rho = 0.05`:

.. math:: J = \text{mse} + \beta \sum_j \rho \log \frac{\rho}{\bar a_j} + (1 - \rho) \log \frac{1 - \rho}{1 - \bar a_j}
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

import autograd as ag
import nn

X = (load_digits().data / 16).astype(np.float32)
RHO = 0.05


def trained(beta):
    rng = np.random.default_rng(0)
    encoder, decoder = nn.Dense(64, 128, "sigmoid", rng=rng), nn.Dense(128, 64, rng=rng)
    optimizer = nn.Adam([*encoder.parameters(), *decoder.parameters()], lr=0.01)
    for _ in range(1500):
        batch = X[rng.integers(len(X), size=128)]
        activity = encoder(batch)
        mean = np.mean(activity, axis=0)
        penalty = np.sum(RHO * np.log(RHO / mean) + (1 - RHO) * np.log((1 - RHO) / (1 - mean)))
        loss = np.mean((decoder(activity) - batch) ** 2) + beta * penalty
        optimizer.minimize(loss)
    activity = encoder.predict(X)
    return np.mean((decoder.predict(activity) - X) ** 2), activity, nn.Sequential(encoder, decoder)


(error, activity, sparse), (plain_error, plain, dense) = trained(3e-3), trained(0)
awake, plain_awake = np.mean(activity > 0.1), np.mean(plain > 0.1)
print(f"with the penalty:    error {error:.4f}, mean activity {activity.mean():.3f}, {awake:.0%} above 0.1")
print(f"without the penalty: error {plain_error:.4f}, mean activity {plain.mean():.3f}, {plain_awake:.0%} above 0.1")
print(f"result: activity {activity.mean():.3f} ({awake:.0%} above 0.1) at an error of {error:.4f}; "
      f"without the penalty {plain.mean():.3f} ({plain_awake:.0%}) at {plain_error:.4f}")  # fmt: skip

# %%
# A low mean alone could be had by turning everything down, so the share of cells that answer at all is printed as well.
# The price is a larger error.

# %%

figure, cells = plt.subplots(4, 10, num="sparse", figsize=(9, 4))
for row, model in zip((cells[:2], cells[2:]), (sparse, dense)):
    strokes = model[1].W.numpy()
    order = np.argsort(-np.linalg.norm(strokes, axis=1))
    for cell, stroke in zip(row.flat, strokes[order]):
        limit = np.abs(stroke).max()
        cell.imshow(stroke.reshape(8, 8), cmap="RdBu", vmin=-limit, vmax=limit)
        cell.set(xticks=[], yticks=[])
        cell.grid(visible=False)
cells[0, 0].set_ylabel("penalty")
cells[2, 0].set_ylabel("none")
figure.suptitle("What the strongest cells draw: with the penalty (above), without (below)")
plt.show()

# %%
# The cells of the sparse one, for one digit: most are still.

ag.draw(sparse, X[0], cells=["input", "hidden", "match input output"]).save("sparse-cells.svg")
