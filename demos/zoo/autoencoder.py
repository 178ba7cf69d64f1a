r"""
Auto encoder
============

A digit is squeezed through two numbers and comes out again; straight squeezing, which is PCA, loses more.

:Cells: 4 inputs, 2 hidden, 4 match
:Paper: Bourlard and Kamp, "Auto-association by multilayer perceptrons and singular value decomposition", 1988
:Learned: encoder and decoder together, by the gradient of the reconstruction error
:Criterion: the error on held-out digits is below 0.8 of PCA's with two components; a linear one finds PCA's plane

.. math:: J = \frac{1}{64\,n} \sum_i \|x_i - d(e(x_i))\|^2, \qquad e(x) \in \mathbb{R}^2
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

import autograd as ag
import nn

data = load_digits()
X, X_fresh, y, y_fresh = nn.data.split(data.data / 16, data.target, test=0.3, stratify=True, rng=0)
X, X_fresh = X.astype(np.float32), X_fresh.astype(np.float32)

rng = np.random.default_rng(0)
encoder = nn.MLP(64, 64, 2, activation="tanh", rng=rng)
decoder = nn.MLP(2, 64, 64, activation="tanh", rng=rng)
model = nn.Sequential(encoder, decoder)
nn.fit(
    model, X, X, loss="mse", optimizer=lambda p: nn.Adam(p, lr=0.01), epochs=150, batch_size=64,
    schedule=nn.CosineAnnealingLR(150), rng=rng, progress=False,
)  # fmt: skip
curved = np.mean((model.predict(X_fresh) - X_fresh) ** 2)

# %%
# The baseline: the best plane through the digits, by the singular value decomposition.

mean = X.mean(axis=0)
plane = np.linalg.svd(X - mean, full_matrices=False)[2][:2]
straight = np.mean(((X_fresh - mean) @ plane.T @ plane + mean - X_fresh) ** 2)
print(f"error through two numbers: auto encoder {curved:.4f}, PCA {straight:.4f}")

# %%
# An auto encoder without any bend finds exactly that plane. The principal angles between the two are zero.

E = nn.Parameter(rng.normal(size=(64, 2)) * 0.1, dtype=float)
D = nn.Parameter(rng.normal(size=(2, 64)) * 0.1, dtype=float)
centred = (X - mean).astype(float)
optimizer = nn.Adam([E, D], lr=0.02)
for _ in range(1500):
    loss = np.mean((centred @ E @ D - centred) ** 2)
    optimizer.minimize(loss)
angles = np.arccos(np.clip(np.linalg.svd(np.linalg.qr(D.numpy().T)[0].T @ plane.T)[1], -1, 1))
print(f"largest angle between the linear auto encoder's plane and PCA's: {angles.max():.0e}")
print(f"result: error {curved:.4f}, PCA {straight:.4f} ({curved / straight:.2f}); linear: {angles.max():.0e} from PCA")

# %%

figure, (left, right) = plt.subplots(1, 2, num="autoencoder", figsize=(9.5, 4))
for axes, code, title in (
    (left, encoder.predict(X_fresh), "Two numbers each"),
    (right, (X_fresh - mean) @ plane.T, "PCA"),
):
    dots = axes.scatter(*code.T, c=y_fresh, cmap="tab10", vmin=-0.5, vmax=9.5, s=14)
    axes.set(title=title, xlabel="first number", ylabel="second number")
figure.colorbar(dots, label="digit", ticks=range(10))
plt.show()

# %%
# Its cells for one digit, which goes through two numbers.

kinds = ["input", "hidden", "hidden", "hidden", "match input output"]
ag.draw(model, X_fresh[0], cells=kinds).save("autoencoder-cells.svg")
