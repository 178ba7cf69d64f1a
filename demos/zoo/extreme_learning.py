r"""
Extreme learning machine
========================

A thousand hidden cells with random weights that are never trained, and output weights in closed form, read digits.

:Cells: input, hidden (random wires), output
:Paper: Huang, Zhu and Siew, "Extreme learning machine: theory and applications", Neurocomputing 70, 2006
:Learned: the output weights alone, by ridge regression
:Criterion: at least 96 % of held-out digits right on three seeds; gradient descent reaches the same weights (50 cells)

The hidden cells answer :math:`H = \tanh(X R + r)`. Where the gradient of the ridge loss vanishes, W has a formula:

.. math:: J(W) = \tfrac12 \|H W - Y\|^2 + \tfrac{\lambda}{2} \|W\|^2, \qquad W = (H^T H + \lambda I)^{-1} H^T Y
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

import autograd as ag
import nn

data = load_digits()


def learned(seed, cells):
    rng = np.random.default_rng(seed)
    X, X_fresh, y, y_fresh = nn.data.split(data.data / 16, data.target, test=0.3, stratify=True, rng=rng)
    R, r = rng.normal(size=(64, cells)) * 0.3, rng.normal(size=cells)
    H, Y = np.tanh(X @ R + r), nn.data.one_hot(y, 10)
    W = np.linalg.solve(H.T @ H + np.eye(cells), H.T @ Y)
    right = np.mean((np.tanh(X_fresh @ R + r) @ W).argmax(axis=1) == y_fresh)
    return right, H, Y, W, (R, r, X_fresh[0])


def ridge(W, H, Y):
    return 0.5 * np.sum((H @ W - Y) ** 2) + 0.5 * np.sum(W**2)


accuracies = [learned(seed, 1000)[0] for seed in range(3)]
print("1,000 random cells, three seeds:", "  ".join(f"{right:.2%}" for right in accuracies))

# %%
# That it is the minimum, the engine says: the gradient of the ridge loss at these weights is zero. And gradient descent
# with momentum walks to the same weights, in two thousand steps instead of one; fifty cells are enough to see it.

_, H, Y, W, (R, r, digit) = learned(0, 50)
print(f"largest slope at the closed form: {np.abs(ag.grad(ridge)(W, H, Y)).max():.1e}")
walked = nn.Parameter(np.zeros_like(W), dtype=float)
optimizer = nn.SGD([walked], lr=1.5 / np.linalg.eigvalsh(H.T @ H).max(), momentum=0.99)
for _ in range(2000):
    optimizer.minimize(ridge(walked, H, Y))
apart = np.abs(walked.numpy() - W).max()
print(f"after 2,000 steps of descent from zero the weights are {apart:.1e} apart")

# %%
# The baseline is the same readout on the pixels themselves. What helps is the number of random cells.

sizes = [10, 30, 100, 300, 1000]
by_size = [learned(0, cells)[0] for cells in sizes[:-1]] + accuracies[:1]
X, X_fresh, y, y_fresh = nn.data.split(data.data / 16, data.target, test=0.3, stratify=True, rng=0)
X, X_fresh = (np.column_stack([np.ones(len(each)), each]) for each in (X, X_fresh))
direct = np.linalg.solve(X.T @ X + np.eye(65), X.T @ nn.data.one_hot(y, 10))
plain = np.mean((X_fresh @ direct).argmax(axis=1) == y_fresh)
print(f"result: {min(accuracies):.2%} at least on 3 seeds, pixels alone {plain:.2%}; descent {apart:.0e} apart")

figure, axes = plt.subplots(num="extreme_learning")
axes.semilogx(sizes, by_size, "o-", label="random cells, then ridge")
axes.axhline(plain, color="0.5", linestyle=":", label="ridge on the pixels")
axes.set(title="Digits read by cells that nobody trained", xlabel="random cells", ylabel="held-out digits right")
axes.legend()
plt.show()

# %%
# The cells of the small one, for one digit: the first weights are thrown, the last ones are solved for.

machine = nn.Sequential(nn.Dense(64, 50, "tanh"), nn.Dense(50, 10, bias=False))
machine[0].W, machine[0].b, machine[1].W = R, r, W
ag.draw(machine, digit).save("extreme_learning-cells.svg")
