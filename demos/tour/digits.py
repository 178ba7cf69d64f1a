r"""
Handwritten digits
==================

1,797 digits of 8 x 8 pixels, read by a network with one hidden layer; noise and dropout keep it from learning by heart.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

import nn

rng = np.random.default_rng(0)
data = load_digits()
X, X_fresh, y, y_fresh = nn.data.split(data.images / 16, data.target, test=0.2, stratify=True, rng=rng)

model = nn.Sequential(
    nn.Flatten(),
    nn.GaussianNoise(0.1, rng),
    nn.Dense(64, 128, "relu", rng=rng),
    nn.Dropout(0.3, rng),
    nn.Dense(128, 10, rng=rng),
)
history = nn.fit(
    model, X, y, loss="cross_entropy", epochs=60,
    optimizer=lambda parameters: nn.Adam(parameters, lr=0.005), schedule=nn.CosineAnnealingLR(60),
    validation=(X_fresh, y_fresh), metrics="accuracy", rng=rng, progress=False,
)  # fmt: skip

accuracy = history["val_accuracy"][-1]
print(f"{len(y):,} digits to learn from; {accuracy:.2%} of {len(y_fresh)} held-out ones right")

# %%
# What it gets wrong: rows are digits, columns what the model says. The hardest are those whose own class got the least
# probability.

p = nn.softmax(model.predict(X_fresh))
matrix = nn.confusion_matrix(p, y_fresh)
print(matrix)

hardest = np.argsort(p[np.arange(len(p)), y_fresh])[:10]
figure, cells = plt.subplots(2, 5, num="hardest", figsize=(8, 3.8))
for i, cell in zip(hardest, cells.flat):
    cell.imshow(X_fresh[i], cmap="gray_r")
    answer = p[i].argmax()
    verdict = "right" if answer == y_fresh[i] else f"read as {answer}"
    cell.set_title(f"{y_fresh[i]}, {verdict} ({p[i, answer]:.0%})", fontsize=9)
    cell.set(xticks=[], yticks=[])
    cell.grid(visible=False)
figure.suptitle("The hardest of the held-out digits")
plt.show()

# %%
# **Try this.** Take noise and dropout out. What happens to the loss on the training set, and on the held-out one?
#
# .. dropdown:: Solution
#
#    The training loss falls further, the held-out loss does not: the network now learns its own digits by heart.
