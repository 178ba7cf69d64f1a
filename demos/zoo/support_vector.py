r"""
Support vector machine
======================

The border with the widest margin, held in place by the few points that touch it.

:Cells: 3 inputs, 3 hidden, 1 output
:Paper: Cortes and Vapnik, "Support-vector networks", Machine Learning 20, 1995
:Learned: the border, by the subgradient of the hinge loss; with kernels, by the gradient of the dual
:Criterion: within 0.1 % of scikit-learn's objective, the same direction; points that do not touch do not matter

.. math:: J(w, b) = \tfrac12 \|w\|^2 + C \sum_i \max(0, 1 - s_i (w^T x_i + b))
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.svm import SVC

import autograd as ag
import nn

rng = np.random.default_rng(0)
X = np.concatenate([rng.normal((-1.2, -0.8), 0.8, (60, 2)), rng.normal((1.2, 0.8), 0.8, (60, 2))])
s = np.repeat([-1.0, 1.0], 60)


def objective(wb, X, s):
    return 0.5 * np.sum(wb[:2] ** 2) + np.sum(np.maximum(0, 1 - s * (X @ wb[:2] + wb[2])))


def fitted(X, s, steps=6000):
    """Descent along the subgradient, with smaller and smaller steps; the mean of the last half is the answer."""
    slope, path = ag.grad(objective), [np.zeros(3)]
    for t in range(steps):
        path.append(path[-1] - 0.05 / (1 + 0.02 * t) * slope(path[-1], X, s))
    return np.mean(path[-steps // 2 :], axis=0)


found = fitted(X, s)
w, b = found[:2], found[2]
oracle = SVC(kernel="linear", C=1).fit(X, s)
ours, theirs = objective(found, X, s), objective(np.append(oracle.coef_, oracle.intercept_), X, s)
cosine = w @ oracle.coef_[0] / np.linalg.norm(w) / np.linalg.norm(oracle.coef_)
print(f"objective {ours:.4f}, scikit-learn's {theirs:.4f}; cosine of the directions {cosine:.7f}")

# Only the points on the margin or beyond it hold the border. Without all others it is the same one.
touching = s * (X @ w + b) < 1.05
moved = np.linalg.norm(fitted(X[touching], s[touching])[:2] - w) / np.linalg.norm(w)
print(f"{touching.sum()} of {len(s)} points touch; without the others the border moves by {moved:.1e}")

# %%
# With a kernel the border may bend. The dual has a weight for every point, held between 0 and C:

X2, y2 = nn.data.moons(n=120, noise=0.15, rng=rng)
s2, K = 2.0 * y2 - 1, rbf_kernel(X2, gamma=2) + 1  # the one is the bias
slope = ag.grad(lambda alpha: 0.5 * (alpha * s2) @ K @ (alpha * s2) - np.sum(alpha))
alpha, rate = np.zeros(len(s2)), 1 / np.linalg.eigvalsh(K).max()
for _ in range(3000):
    alpha = np.clip(alpha - rate * slope(alpha), 0, 10)

# A cell for each point with a weight, which answers by how near it is; the others have no say.
held = alpha > 0
machine = nn.Sequential(nn.RBF(2, held.sum(), gamma=2, dtype=float), nn.Dense(held.sum(), 1, dtype=float))
machine[0].centers, machine[1].W, machine[1].b = X2[held], (alpha * s2)[held, None], [alpha @ s2]
fresh, labels = nn.data.moons(n=1000, noise=0.15, rng=rng)
bent = np.mean((machine.predict(fresh)[:, 0] > 0) == labels)
straight = SVC(kernel="linear").fit(X2, y2).score(fresh, labels)
print(f"result: objective {ours / theirs - 1:+.3%} off, cosine {cosine:.6f}; moons {bent:.1%}, straight {straight:.1%}")
figure, (left, right) = plt.subplots(1, 2, num="support_vector", figsize=(9, 3.8))
nn.plot_regions(lambda x: x @ w + b, X, s, threshold=0, ax=left).set_title("The widest margin")
for height in (-1, 1):
    left.axline((0, (height - b) / w[1]), slope=-w[0] / w[1], color="0.3", linestyle="--")
left.scatter(*X[touching].T, s=70, facecolors="none", edgecolors="0.3", label="touching")
left.legend()
nn.plot_regions(machine, X2, y2, threshold=0, ax=right).set_title("With a kernel")
plt.show()

# %%
# The cells of the bent one: one for each point with a weight.

ag.draw(machine, fresh[0]).save("support_vector-cells.svg")
