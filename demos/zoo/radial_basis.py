r"""
Radial basis network
====================

Ten cells that each answer near a place of their own learn a curve, and are silent far from everything they saw.

:Cells: 2 inputs, 2 hidden, 1 output
:Paper: Broomhead and Lowe, "Multivariable functional interpolation and adaptive networks", Complex Systems 2, 1988
:Learned: the places and widths of the cells by the gradient, the output weights in closed form
:Criterion: the error is below 3 % of the curve's spread, on three seeds; far away it answers zero, tanh cells do not

A hidden cell answers by the distance from its centre :math:`c_j`, not by a weighted sum:

.. math:: \hat y(x) = \sum_j w_j \, e^{-\|x - c_j\|^2 / 2 s_j^2}
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag
import nn

X = np.linspace(-4, 4, 200)[:, None]
y = np.sin(2 * X) * np.exp(-(X**2) / 4)

# %%
# For given cells the best output weights are those of least squares; ``np.linalg.solve`` has a derivative, so the error
# *after* that step is a function of the centres and widths alone, and its gradient moves them.


def solved(H):
    return np.linalg.solve(H.T @ H + 1e-6 * np.eye(10), H.T @ y)


def trained(seed):
    cells = nn.RBF(1, 10, gamma=2, dtype=float)  # gamma is 1 / (2 s^2)
    cells.centers = np.sort(np.random.default_rng(seed).uniform(-4, 4, (10, 1)), axis=0)
    optimizer, readout = nn.Adam(cells.parameters(), lr=0.02), nn.Dense(10, 1, bias=False, dtype=float)
    for _ in range(300):
        H = cells(X)
        optimizer.minimize(np.mean((H @ solved(H) - y) ** 2))
    readout.W = solved(cells.predict(X))
    return nn.Sequential(cells, readout)


errors = []
for seed in range(3):
    model = trained(seed)
    errors.append(np.sqrt(np.mean((model.predict(X) - y) ** 2)) / y.std())
    print(f"seed {seed}: the error is {errors[-1]:.2%} of the spread")

# %%
# The baseline: a feed-forward network of tanh cells, trained for as many epochs. Far from the data it goes on as it
# happens to, because a tanh cell answers everywhere.

plain = nn.MLP(1, 20, 1, activation="tanh", rng=0)
nn.fit(plain, X, y, loss="mse", optimizer=lambda p: nn.Adam(p, lr=0.02), epochs=300, rng=0, progress=False)
far = np.array([[-12.0], [12.0]])
silent, loud = np.abs(model.predict(far)).max(), np.abs(plain.predict(far)).max()
near = np.sqrt(np.mean((plain.predict(X) - y) ** 2)) / y.std()
print(f"the feed-forward network: {near:.2%} of the spread; at -12 and 12 it answers {loud:.2f}, not {silent:.1e}")
print(f"result: error {max(errors):.2%} at most on 3 seeds; far away {silent:.0e}, feed forward {loud:.2f}")

figure, axes = plt.subplots(num="radial_basis")
wide = np.linspace(-8, 8, 400)[:, None]
axes.plot(X, y, color="0.7", linewidth=5, label="the curve")
axes.plot(wide, model.predict(wide), label="radial basis")
axes.plot(wide, plain.predict(wide), "--", label="feed forward")
axes.plot(model[0].centers.numpy(), np.zeros(10), "|", color="C0", markersize=14, label="centres")
axes.set(title="Far from the data only one of them is silent", xlabel="x", ylabel="y")
axes.legend()
plt.show()

# %%
# Its cells at x = 0.5: each answers by how near its centre is.

ag.draw(model, [0.5]).save("radial_basis-cells.svg")
