r"""
Exclusive classes
=================

Of red, green and blue exactly one is true: softmax makes probabilities that sum to one.

.. math:: \sigma(\mathbf{z})_i = \frac{e^{z_i}}{\sum_{j=1}^{K} e^{z_j}} \quad \text{for } i = 1, \dots, K
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import FuncAnimation

import nn

names, colors = ["Red", "Green", "Blue"], ["tomato", "C2", "C0"]


def softmax_as_written(z):
    return np.exp(z) / np.sum(np.exp(z))


# %%
# Any three numbers will do, negative ones too. These give the slide's [Red, Green, Blue] = [0.1, 0.6, 0.3]: green,
# since its probability is the highest. Sigmoids of the same numbers do not sum to one.

z = np.array([0.2, 2.0, 1.3])
p = softmax_as_written(z)
for label, row in {"z": z, "softmax": p, "sigmoid": nn.sigmoid(z)}.items():
    print(f"{label:8s} {row.round(2)}   sum {row.sum():.2f}")
print(f"the choice is {names[np.argmax(p)]}")

# %%
# Only differences between the numbers count: adding the same number to all of them changes nothing. As it is written
# that goes well up to about 700; there :math:`e^z` ends. ``nn.softmax`` subtracts the largest number first.

with np.errstate(over="ignore", invalid="ignore"):
    for shift in (0.0, 100.0, 1000.0):
        written, safe = softmax_as_written(z + shift), nn.softmax(z + shift)
        print(f"z + {shift:<5g} as written {written.round(4)}   nn.softmax {safe.round(4)}")

# %%
# Now a network learns three clouds of points. The film shows the bars of one example, between them, nearest to green.

X, y = nn.data.blobs(classes=3, n=60, noise=0.35, rng=0)
model = nn.MLP(2, 16, 3, activation="tanh", rng=0)
example, frames = np.array([[-0.15, 0.3]]), []


def watch(epoch):
    if epoch.number % 6 == 1:
        frames.append((epoch.number, nn.softmax(epoch.model.predict(example))[0]))


def show(axes, title, bars):
    axes.clear()
    axes.bar_label(axes.bar(names, bars, color=colors), fmt="%.2f", padding=2)
    axes.set(title=title, ylabel="probability", ylim=(0, 1.05))


adam = nn.Adam(model.parameters(), lr=0.02)
nn.fit(model, X, y, loss="cross_entropy", optimizer=adam, epochs=60, callbacks=watch, rng=0, progress=False)
p_example = nn.softmax(model.predict(example))[0]
print(f"{nn.accuracy(model.predict(X), y):.1%} of the points right")
print(f"the example: {p_example.round(3)}, sum {p_example.sum():.3f}")

figure, (left, middle, right) = plt.subplots(1, 3, num="exclusive", figsize=(11, 3.6))
middle.scatter(*X.T, c=np.array(colors)[y], s=12)
middle.plot(*example[0], "k*", markersize=14)
middle.set(title="Three classes, and an example: the star", xlabel="$x_1$", ylabel="$x_2$")
show(left, f"The slide's probabilities: sum {p.sum():.2f}", p)
show(right, f"The example's probabilities: sum {p_example.sum():.2f}", p_example)
figure, axes = plt.subplots(figsize=(3.6, 4), layout="none", gridspec_kw={"left": 0.2})
film = FuncAnimation(figure, lambda frame: show(axes, f"epoch {frame[0]}", frame[1]), frames)
film.save("bars.gif", writer="pillow", fps=3, dpi=80)
plt.close(figure)
plt.show()

# %%
# **Try this.** Multiply z by 5, and by 0.2, before the softmax. What becomes of the bars?
#
# .. dropdown:: Solution
#
#    Times 5 they are 0.000, 0.971, 0.029: nearly all goes to the largest. Times 0.2 they are 0.272, 0.390, 0.339:
#    nearly equal shares. The choice stays the same. One over this factor is called the temperature.
