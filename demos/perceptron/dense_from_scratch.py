r"""
A dense layer from scratch
==========================

The slide's ``MyDenseLayer``, line by line, beside ``nn.Dense``: equal to the last digit.

A layer holds its weights and says what it computes, :math:`a = \sigma(xW + b)`. That is all: nobody tells it how to
differentiate, since the graph of what it computes knows that.
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag
import nn

# %%
# The class of the slide, in our names: ``call`` is ``forward``, ``tf.matmul`` is ``np.matmul``, ``tf.math.sigmoid`` is
# ``ag.sigmoid``. On the slide it does not run: its last line, outside of ``call``, lacks four spaces.

slide = """
class MyDenseLayer:
    def call(self, inputs):
        output = sigmoid(matmul(inputs, self.W) + self.b)

    return output
"""
try:
    exec(slide)
except SyntaxError as error:
    print(f"as on the slide: {error.msg}")


class MyDenseLayer(nn.Module):
    def __init__(self, input_dim, output_dim):
        # Initialize weights and bias
        self.W = nn.Parameter(nn.init.glorot_uniform([input_dim, output_dim], rng=0))
        self.b = nn.Parameter(np.zeros([1, output_dim]))

    def forward(self, inputs):
        # Forward propagate the inputs
        z = np.matmul(inputs, self.W) + self.b

        # Feed through a non-linear activation
        output = ag.sigmoid(z)
        return output


# %%
# The same inputs through both, forward and backward: every number is the same, bit by bit.

mine, theirs = MyDenseLayer(3, 2), nn.Dense(3, 2, "sigmoid", rng=0)
X = np.random.default_rng(1).normal(size=(5, 3)).astype(np.float32)
for layer in (mine, theirs):
    np.sum(layer(X) ** 2).backward()
    print(layer)
print("outputs equal        ", np.array_equal(mine(X).data, theirs(X).data))
print("gradients of W equal ", np.array_equal(mine.W.grad, theirs.W.grad))
print("gradients of b equal ", np.array_equal(mine.b.grad[0], theirs.b.grad))
ag.draw(mine(ag.Tensor(X, name="inputs")).sum()).save("layer.svg")

# %%
# It is a layer like any other: it stands in a network, and learns.

X, y = (each.astype(np.float32) for each in nn.data.moons(200, noise=0.1, rng=0))  # the dtype of the weights
layers = {"MyDenseLayer": MyDenseLayer(2, 16), "nn.Dense": nn.Dense(2, 16, "sigmoid", rng=0)}
figure, axes = plt.subplots(num="losses")
losses = {}
for (name, layer), width in zip(layers.items(), (6, 1.8)):
    network = nn.Sequential(layer, nn.Dense(16, 1, rng=1))
    options = {"optimizer": nn.Adam(network.parameters(), lr=0.05), "epochs": 200, "rng": 0, "progress": False}
    losses[name] = nn.fit(network, X, y[:, None], loss="bce_with_logits", **options)["loss"]
    print(f"{name:13s} loss {losses[name][-1]:.6f}, {np.mean((network.predict(X)[:, 0] > 0) == y):.1%} right")
    axes.semilogy(losses[name], linewidth=width, label=name)
axes.set(title="The layer from scratch learns as the other does", xlabel="epoch", ylabel="mean log loss")
axes.legend()
plt.show()

# %%
# **Try this.** Give the layer an argument ``activation``, as ``nn.Dense`` has it, and put ``np.tanh`` there.
#
# .. dropdown:: Solution
#
#    Keep the function, ``self.activation = activation``, and return ``self.activation(z)``: it gives what ``nn.Dense(3,
#    2, "tanh", rng=0)`` gives. No derivative has to be written, ``np.tanh`` has one in the table.
