r"""
Deep convolutional network
==========================

Kernels that look for the same strokes everywhere read digits with few weights, also when the digit is shifted.

:Cells: inputs, kernels, convolution and pool, 4 + 4 hidden, output
:Paper: LeCun, Bottou, Bengio and Haffner, Proceedings of the IEEE 86, 1998; Fukushima, 1980
:Learned: kernels and weights, by the gradient of the cross-entropy
:Criterion: at least 96 % with fewer than 2,000 weights; shifted by a pixel, 8 points above a dense network with more

.. math:: z_{i,j} = b + \sum_{u,v} x_{i+u,\, j+v} \, w_{u,v}
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

import autograd as ag
import nn

data = load_digits()
X, X_fresh, y, y_fresh = nn.data.split(data.images[:, None] / 16, data.target, test=0.3, stratify=True, rng=0)


def shifted(images):
    """Each image moved by one pixel in each of the four directions."""
    padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)))
    return [padded[:, :, a : a + 8, b : b + 8] for a, b in ((0, 1), (2, 1), (1, 0), (1, 2))]


def networks(rng):
    convolutional = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1, rng=rng), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1, rng=rng), nn.ReLU(), nn.GlobalMaxPool(),
        nn.Dense(16, 24, "relu", rng=rng), nn.Dense(24, 10, rng=rng),
    )  # fmt: skip
    dense = nn.Sequential(nn.Flatten(), nn.Dense(64, 32, "relu", rng=rng), nn.Dense(32, 10, rng=rng))
    return {"convolutional": convolutional, "dense": dense}


right, moved, sizes = {}, {}, {}
for name, model in networks(np.random.default_rng(0)).items():
    sizes[name] = sum(p.size for p in model.parameters())
    nn.fit(
        model, X, y, loss="cross_entropy", optimizer=lambda p: nn.Adam(p, lr=0.005), epochs=40, batch_size=16,
        schedule=nn.CosineAnnealingLR(40), rng=0, progress=False,
    )  # fmt: skip
    right[name] = np.mean(model.predict(X_fresh).argmax(axis=1) == y_fresh)
    moved[name] = np.mean([model.predict(images).argmax(axis=1) == y_fresh for images in shifted(X_fresh)])
    print(f"{name:13s} {sizes[name]:5,} weights: {right[name]:.1%} right, shifted by a pixel {moved[name]:.1%}")
    if name == "convolutional":
        reader, kernels, seen = model, model[0].W.numpy(), model[:2].predict(X_fresh[:1])[0]

print(f"result: {right['convolutional']:.1%} with {sizes['convolutional']:,} weights; shifted "
      f"{moved['convolutional']:.1%}, dense {moved['dense']:.1%}")  # fmt: skip

# %%

figure, cells = plt.subplots(2, 8, num="deep_convolutional", figsize=(9, 2.8))
for k, (above, below) in enumerate(cells.T):
    above.imshow(kernels[k, 0], cmap="RdBu", vmin=-1, vmax=1)
    below.imshow(seen[k], cmap="gray_r")
    for cell in (above, below):
        cell.set(xticks=[], yticks=[])
        cell.grid(visible=False)
figure.suptitle("Eight kernels, and where each of them answers in one digit")
plt.show()

# %%
# Its cells for that digit: kernels, the maps that they make, the largest of every four, and so on.

ag.draw(reader, X_fresh[0]).save("deep_convolutional-cells.svg")
