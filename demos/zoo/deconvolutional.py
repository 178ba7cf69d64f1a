r"""
Deconvolutional network
=======================

A picture is explained as a sum of few filters, put where they fit; codes and filters are both found by descent.

:Cells: 2 inputs, convolution and pool that widen, kernels, output
:Paper: Zeiler, Krishnan, Taylor and Fergus, "Deconvolutional networks", CVPR 2010
:Learned: codes z and filters f in turn, each by the gradient of the same cost; each code costs, unused ones stay zero
:Criterion: held-out pictures: error below 5 % with 300 numbers, 1.3 % of the codes; with as many all else above 10 %

.. math:: C = \tfrac12 \, \| x - \sum_k z_k * f_k \|^2 + \lambda \sum_k |z_k|
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag
import nn

rng = np.random.default_rng(0)
angle, b, a = np.pi / 6 * np.arange(6)[:, None, None], *np.mgrid[-3:4, -3:4]
along, across = a * np.cos(angle) + b * np.sin(angle), b * np.cos(angle) - a * np.sin(angle)
strokes = np.exp(-2 * np.maximum(np.abs(along) - 3, 0) ** 2 - 2 * across**2)  # of six directions, 7 x 7 pixels each
X = np.zeros((60, 1, 16, 16), np.float32)
for picture in X:  # five strokes, put anywhere
    for a, b in rng.integers(0, 10, (5, 2)):
        picture[0, a : a + 7, b : b + 7] += strokes[rng.integers(6)]
X, X_fresh = X[:40], X[40:]
draw = nn.ConvTranspose2d(12, 1, 7, bias=False, rng=rng)


def misfit(z, x):
    return 0.5 * np.sum((x - draw(z)) ** 2)


# Codes: a step down the slope, then nearer to zero by the price (FISTA). Those used in the end are fitted without it.
@ag.no_grad  # codes are numbers: the filters learn from what they are, not from how they were found
def codes(x, price, steps, z=0, used=1):
    step = 1 / np.max(np.sum(np.abs(np.fft.fft2(draw.W.numpy(), (32, 32))) ** 2, axis=0))  # the longest safe one
    z = ahead = np.zeros((len(x), 12, 10, 10), np.float32) + z
    for t in range(steps):
        before, z = z, ahead - np.float32(step) * ag.grad(misfit)(ahead, x)
        z = used * np.sign(z) * np.maximum(np.abs(z) - np.float32(step * price), 0)
        ahead = z + np.float32(t / (t + 3)) * (z - before)
    return z


# %%
# Zeiler's rule: the slope in the codes is a convolution, the filters held against what is not yet explained.

look = nn.Conv2d(1, 12, 7, bias=False)
look.W.data = draw.W.numpy()
z = rng.normal(size=(40, 12, 10, 10)).astype(np.float32)
gap = np.abs(ag.grad(misfit)(z, X) + look(X - draw(z))).numpy().max()
print(f"the gradient and the convolution of what is left are apart by {gap:.0e}")

# %%
# Filters: down the same cost with the codes held, their length kept at one. They begin as pieces of pictures.

start = rng.normal([X[i, :, a : a + 7, b : b + 7] for i, a, b in rng.integers(0, 10, (12, 3))], 0.01)
draw.W.data, z = start, 0
for _ in range(120):
    draw.W.data = draw.W.data / np.linalg.norm(draw.W.data, axis=(2, 3), keepdims=True)
    z = codes(X, 0.4, 10, z)
    optimizer = nn.Adam(draw.parameters(), lr=0.02)  # anew: what the last one had measured was for other codes
    for _ in range(3):
        optimizer.minimize(misfit(z, X) / len(X))

# %%
# Held-out pictures, explained by 300 numbers: by the largest codes, of each kind of filters, or the brightest pixels.

errors = {"brightest pixels": np.sum(np.sort(X_fresh, axis=None)[:-300] ** 2) / np.sum(X_fresh**2)}
for name, W in {"random filters": rng.normal(size=start.shape), "pieces": start, "learned": draw.W.data}.items():
    draw.W.data = W / np.linalg.norm(W, axis=(2, 3), keepdims=True)
    z = codes(X_fresh, 0.2, 100)
    z = codes(X_fresh, 0, 50, z, np.abs(z) >= np.sort(np.abs(z), axis=None)[-300])
    drawn, learned = draw.predict(z), draw.W.numpy()
    errors[name] = np.sum((X_fresh - drawn) ** 2) / np.sum(X_fresh**2)
print("result: error with 300 numbers:", ", ".join(f"{name} {each:.1%}" for name, each in errors.items()))

figure, panels = plt.subplots(1, 3, num="deconvolutional", figsize=(9, 2.8))
for axes, images, title in zip(panels, (X_fresh, drawn, learned), ("Held-out pictures", "Drawn", "The twelve filters")):
    limit = np.abs(images[:12]).max()
    nn.plot_images(images[:12], 4, ax=axes, cmap="RdBu", vmin=-limit, vmax=limit).set_title(title)
plt.show()

# %%
# Its cells for one code: each map says where one of the twelve strokes is put.

ag.draw(draw, z[0], cells=["input", "kernel"]).save("deconvolutional-cells.svg")
