r"""
Denoising auto encoder
======================

It sees digits through noise and is asked for the clean ones, so it has to know what digits look like.

:Cells: 4 noisy inputs, 4 hidden, 4 match
:Paper: Vincent, Larochelle, Bengio and Manzagol, "Extracting and composing robust features", ICML 2008
:Learned: all weights, by the gradient of the error against the clean digit
:Criterion: the error is below 0.3 of the noisy input's, and below 0.8 of the best linear filter's

.. math:: J = \frac{1}{64\,n} \sum_i \|x_i - f(x_i + \varepsilon_i)\|^2, \qquad \varepsilon_i \sim \mathcal{N}(0, 0.3^2)
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

import autograd as ag
import nn

data = load_digits()
X, X_fresh, _, _ = nn.data.split(data.data / 16, data.target, test=0.3, stratify=True, rng=0)
X, X_fresh = X.astype(np.float32), X_fresh.astype(np.float32)

rng = np.random.default_rng(0)
model = nn.Sequential(nn.GaussianNoise(0.3, rng), nn.MLP(64, 512, 64, activation="relu", rng=rng))
nn.fit(
    model, X, X, loss="mse", optimizer=lambda p: nn.Adam(p, lr=0.003), epochs=250, batch_size=64,
    schedule=nn.CosineAnnealingLR(250), rng=rng, progress=False,
)  # fmt: skip

# %%
# ``GaussianNoise`` is silent outside of training, so the noise for the test is added by hand. There are two
# baselines: PCA with as many components as suit it best, and Wiener's filter, the best that anything linear can do.
# From the covariance :math:`C` of the digits it is :math:`(C + 0.3^2 I)^{-1} C`.

noisy = X_fresh + rng.normal(0, 0.3, X_fresh.shape).astype(np.float32)
cleaned = model.predict(noisy)


def error(images):
    return np.mean((images - X_fresh) ** 2)


mean = X.mean(axis=0)
components = np.linalg.svd(X - mean, full_matrices=False)[2]
by_pca = {k: error((noisy - mean) @ components[:k].T @ components[:k] + mean) for k in range(1, 40)}
best = min(by_pca, key=by_pca.get)
C = np.cov(X.T)
linear = (noisy - mean) @ np.linalg.solve(C + 0.3**2 * np.eye(64), C) + mean
print(
    f"error: noisy {error(noisy):.4f}, PCA with {best} components {by_pca[best]:.4f}, linear filter {error(linear):.4f}"
)
print(f"result: {error(cleaned):.4f}, which is {error(cleaned) / error(noisy):.2f} of the noisy "
      f"and {error(cleaned) / error(linear):.2f} of the best linear filter's error")  # fmt: skip

# %%

figure, cells = plt.subplots(4, 8, num="denoising", figsize=(8, 4.4))
for row, images, title in zip(cells, (X_fresh, noisy, linear, cleaned), ("clean", "seen", "linear", "denoised")):
    row[0].set_ylabel(title)
    for cell, image in zip(row, images):
        cell.imshow(image.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
        cell.set(xticks=[], yticks=[])
        cell.grid(visible=False)
figure.suptitle("Digits through noise")
plt.show()

# %%
# Its cells for one digit, seen through noise.

ag.draw(model, noisy[0], cells=["noisy input", "hidden", "match input output"]).save("denoising-cells.svg")
