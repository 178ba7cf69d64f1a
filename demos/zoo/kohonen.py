r"""
Kohonen network
===============

A sheet of ten by ten cells lays itself over the digits, so that neighbours on the sheet answer to similar ones.

:Cells: 2 inputs, 9 hidden in a grid
:Paper: Kohonen, "Self-organized formation of topologically correct feature maps", Biological Cybernetics 43, 1982
:Learned: every cell's picture, by the gradient of a distance; that gradient is Kohonen's rule
:Criterion: topographic error below 10 %, untrained and without neighbours above 80 %; purity above 85 %

The winner :math:`b` is the cell that lies nearest to the sample. With the neighbourhood :math:`h` held still,

.. math:: J = \tfrac12 \sum_j h_{bj} \|x - w_j\|^2, \qquad -\frac{\partial J}{\partial w_j} = h_{bj} (x - w_j)
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

import autograd as ag
import nn

rng = np.random.default_rng(0)
data = load_digits()
X, y = data.data / 16, data.target
grid = np.stack(np.meshgrid(range(10), range(10)), axis=-1).reshape(-1, 2)
apart = np.sum((grid[:, None] - grid) ** 2, axis=-1)  # squared distances on the sheet


def distance(W, x, h):
    return 0.5 * np.sum(h[:, None] * (x - W) ** 2)


def judged(W):
    """How often the two best cells are no neighbours; how many digits fall on a cell that mostly gets their kind."""
    first, second = np.argsort(np.sum((X[:, None] - W) ** 2, axis=-1), axis=1)[:, :2].T
    pure = sum(np.bincount(y[first == j]).max() for j in np.unique(first))
    return np.mean(apart[first, second] > 2), pure / len(y)


start = X.mean(axis=0) + 0.05 * rng.normal(size=(100, 64))
h = np.exp(-apart[37] / (2 * 3.0**2))
rule = h[:, None] * (X[0] - start)
print("Kohonen's rule is the gradient:", np.array_equal(-ag.grad(distance)(start, X[0], h), rule))

# %%
# Sample by sample; the neighbourhood shrinks from a third of the sheet to a single cell. The baseline is the same
# learning without neighbours: every cell for itself. Its cells are as pure, and nothing lies beside what it resembles.


def learned(reach, steps=8000):
    W = start
    for t, i in enumerate(rng.integers(len(X), size=steps)):
        wide, rate = reach * 0.15 ** (t / steps), 0.5 * 0.05 ** (t / steps)
        winner = np.argmin(np.sum((X[i] - W) ** 2, axis=1))
        W = W - rate * ag.grad(distance)(W, X[i], np.exp(-apart[winner] / (2 * wide**2)))
    return W


W, alone = learned(reach=4), learned(reach=1e-3)
(untrained, _), (error, purity), (without, as_pure) = map(judged, (start, W, alone))
print(f"topographic error {untrained:.1%} before, {error:.1%} after")
print(f"{purity:.1%} of the digits fall on a cell of their own kind, without neighbours {as_pure:.1%}")
print(f"result: topographic error {error:.1%}, without neighbours {without:.1%}; purity {purity:.1%}")

figure, axes = plt.subplots(num="kohonen", figsize=(5, 5.2))
nn.plot_images(W.reshape(100, 8, 8), ax=axes).set_title("The sheet: each cell's picture")
plt.show()

# %%
# Its cells for one digit: each answers by how near its picture is.

cells = nn.RBF(64, 100, gamma=0.2)
cells.centers = W
ag.draw(cells, X[0], cells=["input", "hidden"]).save("kohonen-cells.svg")
