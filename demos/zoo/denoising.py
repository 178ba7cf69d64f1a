r"""
Denoising auto encoder
======================

It sees digits through noise and is asked for the clean ones, so it has to know what digits look like.

:Cells: 4 noisy inputs, 4 hidden, 4 match
:Paper: Vincent, Larochelle, Bengio and Manzagol, "Extracting and composing robust features", ICML 2008
:Learned: all weights, by the gradient of the error against the clean digit
:Criterion: the error is below 0.3 of the noisy input's, and below 0.7 of the best linear denoiser's

.. math:: J = \frac{1}{n} \sum_i \|x_i - f(x_i + \varepsilon_i)\|^2, \qquad \varepsilon_i \sim \mathcal{N}(0, 0.3^2)
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

import nn

data = load_digits()
X, X_fresh, _, _ = nn.data.split(data.data / 16, data.target, test=0.3, stratify=True, rng=0)
X, X_fresh = X.astype(np.float32), X_fresh.astype(np.float32)

rng = np.random.default_rng(0)
model = nn.Sequential(nn.GaussianNoise(0.3, rng), nn.MLP(64, 192, 64, activation="relu", rng=rng))
nn.fit(
    model, X, X, loss="mse", optimizer=lambda p: nn.Adam(p, lr=0.003), epochs=150, batch_size=64,
    schedule=nn.CosineAnnealingLR(150), rng=rng, progress=False,
)  # fmt: skip

# %%
# ``GaussianNoise`` is silent outside of training, so the noise for the test is added by hand. The baseline is the best
# that a straight squeeze can do: PCA with as many components as suit it best.

noisy = X_fresh + rng.normal(0, 0.3, X_fresh.shape).astype(np.float32)
cleaned = model.predict(noisy)


def error(images):
    return np.mean((images - X_fresh) ** 2)


mean = X.mean(axis=0)
components = np.linalg.svd(X - mean, full_matrices=False)[2]
by_pca = {k: error((noisy - mean) @ components[:k].T @ components[:k] + mean) for k in range(1, 40)}
best = min(by_pca, key=by_pca.get)
print(f"error: noisy {error(noisy):.4f}, PCA with {best} components {by_pca[best]:.4f}, denoised {error(cleaned):.4f}")
print(f"result: {error(cleaned):.4f}, which is {error(cleaned) / error(noisy):.2f} of the noisy "
      f"and {error(cleaned) / by_pca[best]:.2f} of PCA's error")  # fmt: skip

# %%

figure, cells = plt.subplots(4, 8, num="denoising", figsize=(8, 4.4))
linear = (noisy - mean) @ components[:best].T @ components[:best] + mean
for row, images, title in zip(cells, (X_fresh, noisy, linear, cleaned), ("clean", "seen", "PCA", "denoised")):
    row[0].set_ylabel(title)
    for cell, image in zip(row, images):
        cell.imshow(image.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
        cell.set(xticks=[], yticks=[])
        cell.grid(visible=False)
figure.suptitle("Digits through noise")
plt.show()
