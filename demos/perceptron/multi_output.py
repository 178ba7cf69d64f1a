r"""
Several outputs
===============

A layer with several outputs is several perceptrons on the same inputs, and one product of matrices.

.. math:: z_i = w_{0,i} + \sum_{j=1}^m x_j w_{j,i} \qquad \text{or} \qquad z = xW + w_0

Read :math:`w_{j,i}` as *from input j to output i*. So :math:`W` has :math:`m` rows and a column for each output.
Because all inputs are connected to all outputs, these layers are called **dense**.
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag
import nn

m, k = 3, 2
layer = nn.Dense(m, k, rng=0, dtype=float)
layer.b.data = np.array([0.5, -0.5])
x = np.array([1.0, 2.0, -1.0])

# %%
# The formula with its indices, as two loops; the product; and the layer.

W, w0 = layer.W.data, layer.b.data
z = [w0[i] + sum(x[j] * W[j, i] for j in range(m)) for i in range(k)]
for i in range(k):
    products = "".join(f" + {x[j]:4.1f} * {W[j, i]:6.3f}" for j in range(m))
    print(f"z_{i + 1} = {w0[i]:4.1f}{products} = {z[i]:.6f}")
print("x W + w0 =", np.round(x @ W + w0, 6), "  nn.Dense =", np.round(layer(x).data, 6))

# %%
# Every line of this picture is a weight. As a graph of single numbers it has the same lines, and the numbers on them.

small = nn.scalar.Layer(m, k, activation=None)
for i, neuron in enumerate(small.neurons):
    neuron.b.data = w0[i]
    for j in range(m):
        neuron.w[j].data = W[j, i]
first, second = small([ag.Value(number, f"x[{j}]") for j, number in enumerate(x)])
print("nn.scalar.Layer =", round(first.data, 6), round(second.data, 6))
ag.draw(first + second, gradients=False).save("outputs.svg")

figure, axes = plt.subplots(num="dense", figsize=(6, 3.6))
ins, outs = [(0, m - 1 - j) for j in range(m)], [(2, m - 1.5 - i) for i in range(k)]
for j, (x_in, y_in) in enumerate(ins):
    for i, (x_out, y_out) in enumerate(outs):
        axes.plot([x_in, x_out], [y_in, y_out], color=f"C{i}", zorder=1)
        at = 0.3
        label = f"$w_{{{j + 1},{i + 1}}}$"
        axes.text(x_in + at * 2, y_in + at * (y_out - y_in), label, ha="center", va="center", backgroundcolor="white")
for name, places, color in (("x", ins, "0.85"), ("z", outs, "white")):
    for n, place in enumerate(places):
        axes.scatter(*place, s=900, color=color, edgecolors="black", zorder=2)
        axes.text(*place, f"${name}_{n + 1}$", ha="center", va="center", zorder=3)
axes.set(title="All inputs are connected to all outputs", xlim=(-0.4, 2.4), ylim=(-0.5, m - 0.5))
axes.axis("off")
plt.show()

# %%
# What several outputs are good for: one for each class, and the largest wins. Each output is a plane over the inputs.
# Where two of them meet is a straight line.

X, y = nn.data.blobs(3, rng=0)
classifier = nn.Dense(2, 3, rng=0)
nn.fit(classifier, X, y, loss="cross_entropy", optimizer="adam", epochs=300, progress=False)
print(f"three outputs for three classes: {np.mean(classifier.predict(X).argmax(axis=1) == y):.1%} right")

figure, axes = plt.subplots(num="classes", figsize=(5, 4.4))
nn.plot_regions(classifier, X, y, ax=axes).set_title("The largest of three outputs")
plt.show()

# %%
# **Try this.** How many parameters has a dense layer from 784 pixels to 10 digits? Ask ``nn.Dense(784, 10)``.
#
# .. dropdown:: Solution
#
#    :math:`784 \cdot 10` weights and 10 biases: 7850. ``print(nn.Dense(784, 10))`` says so.
