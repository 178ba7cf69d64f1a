r"""
m inputs
========

The same sum for any number of inputs: 64 pixels, one weight for each, and two digits are told apart.

.. math:: \hat y = g\left(w_0 + \sum_{j=1}^{m} x_j w_j\right) = g(w_0 + X^T w)

Nothing in the formula says how many inputs there are. A sample is a vector of :math:`m` numbers, and so are the
weights: :math:`m + 1` parameters, with the bias. Here the inputs are the pixels of small pictures.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

import nn

data = load_digits()
chosen = np.isin(data.target, (3, 8))
X, y = data.data[chosen] / 16, (data.target[chosen] == 8).astype(int)
X, X_fresh, y, y_fresh = nn.data.split(X, y, test=0.3, stratify=True, rng=0)
m = X.shape[1]

# %%
# Threes and eights, which differ in few pixels. A perceptron with 64 inputs learns by Rosenblatt's rule.

model = nn.Perceptron(m)
mistakes = model.learn(X, y, epochs=60)
print(f"{m} inputs, {sum(p.size for p in model.parameters())} parameters, {len(X)} pictures")
print(f"mistakes by epoch: {' '.join(map(str, mistakes))}")
print(f"right on held-out pictures: {np.mean(model.predict(X_fresh) == y_fresh):.1%} of {len(y_fresh)}")

# %%
# The sum of one picture, as a loop over the pixels, as a product of vectors, and as the model computes it for all
# pictures with one product.

w, w0 = model.w.data.astype(float), model.b.item()
loop = w0
for j in range(m):
    loop += X_fresh[0, j] * w[j]
print(f"loop {loop:.6f}   X^T w {w0 + X_fresh[0] @ w:.6f}   model {model.score(X_fresh).data[0]:.6f}")

# %%
# Weights can be looked at where the inputs can: this is a picture of what speaks for an eight (orange) and for a three
# (violet). The left side of the eight, which closes its loops, counts most.

figure, panels = plt.subplots(1, 4, num="weights", figsize=(10, 2.9))
for axes, label in zip(panels, (0, 1)):
    axes.imshow(X[y == label].mean(axis=0).reshape(8, 8), cmap="gray_r")
    axes.set_title(f"the mean {'three' if label == 0 else 'eight'}")
limit = np.abs(w).max()
image = panels[2].imshow(w.reshape(8, 8), cmap="PuOr_r", vmin=-limit, vmax=limit)
panels[2].set_title("the 64 weights")
figure.colorbar(image, ax=panels[2], shrink=0.8)
wrong = np.flatnonzero(model.predict(X_fresh) != y_fresh)
hardest = wrong[0] if len(wrong) else np.argmin(np.abs(model.score(X_fresh).data))
panels[3].imshow(X_fresh[hardest].reshape(8, 8), cmap="gray_r")
panels[3].set_title("wrong: a " + ("three", "eight")[y_fresh[hardest]] if len(wrong) else "the closest call")
for axes in panels:
    axes.set(xticks=[], yticks=[])
    axes.grid(visible=False)
plt.show()

# %%
# **Try this.** Shuffle the pixels, all pictures in the same way: ``X = X[:, order]`` with
# ``order = np.random.default_rng(0).permutation(64)``, and ``X_fresh`` too. Does it learn worse?
#
# .. dropdown:: Solution
#
#    Not at all: the mistakes are the same, to the last one. A sum does not know which of its terms are neighbours. That
#    pixels next to each other belong together is what convolutions know.
