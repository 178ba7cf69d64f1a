r"""
w1, through two layers
======================

The way back to a weight of the first layer goes through the second one, and uses what was found there.

.. math::
   \frac{\partial J}{\partial w_1} = \frac{\partial J}{\partial \hat{y}} \, \frac{\partial \hat{y}}{\partial z_1} \,
   \frac{\partial z_1}{\partial w_1}

The network of the slide is a chain: ``x`` times ``w1`` gives ``z1``, which times ``w2`` gives the answer ``y``, and its
error is ``J``. The slide leaves out activations; here ``z1`` passes through a tanh on its way.
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag

x, target = ag.Value(1.5, name="x"), 2.0
w1, w2 = ag.Value(0.4, name="w1"), ag.Value(1.2, name="w2")

with ag.debug.lines():
    z1 = w1 * x
    y = w2 * np.tanh(z1)
    J = (y - target) ** 2
z1.name, y.name, J.name = "z1", "y", "J"

# %%
# From the end to the beginning. Each line takes the number of a line before it, and multiplies it by one derivative.

a1 = np.tanh(z1.data)
dJ_dy = 2 * (y.data - target)
dJ_dw2 = dJ_dy * a1  # the last layer has its gradient
dJ_dz1 = dJ_dy * w2.data * (1 - a1**2)  # handed on, through w2 and the tanh
dJ_dw1 = dJ_dz1 * x.data

J.backward()
print(f"dJ/dw2   by hand {dJ_dw2:.6f}   engine {w2.grad:.6f}")
print(f"dJ/dw1   by hand {dJ_dw1:.6f}   engine {w1.grad:.6f}")

# %%
# The page plays it. Watch ``y``: its gradient is computed once, and used for both weights.

ag.draw(J).save("two_layers.html")

# %%
# *Repeat this for every weight in the network, using gradients from later layers*, says the slide. With ten layers
# the first weight gets a product of ten factors. The derivative of the sigmoid is at most 1/4, so with sigmoids the
# product shrinks from layer to layer. The derivative of tanh is 1 at zero, and that of relu is 1 wherever it answers
# at all.


def chain(activation, depth=10):
    """How the output of a chain of neurons, of which all weights are 1, answers to each of the weights."""
    weights, a = [ag.Value(1.0) for _ in range(depth)], ag.Value(0.5)
    for w in weights:
        a = activation(w * a)
    return np.abs(ag.gradients(a, weights))


figure, axes = plt.subplots(num="two_layers")
sizes = {"sigmoid": chain(ag.sigmoid), "tanh": chain(np.tanh), "relu": chain(lambda z: np.maximum(z, 0))}
for (name, size), style in zip(sizes.items(), ("o-", "s-", "^-")):
    print(f"{name:8s} first layer {size[0]:.1e}   last layer {size[-1]:.1e}")
    axes.semilogy(np.arange(1, 11), size, style, label=name)
axes.set(title="The gradient on its way back through ten layers", xlabel="layer", ylabel="size of the gradient")
axes.legend()
plt.show()

# %%
# This is the vanishing gradient: the first layers of a deep network with sigmoids hardly learn.
#
# **Try this.** Let the weights of the chain be 3 instead of 1. Does the sigmoid's gradient still vanish?
#
# .. dropdown:: Solution
#
#    Even more. Each factor is the weight times the derivative. The weight is three times as large, but it also drives
#    the sigmoid to where it is flat. At the first layer ``tanh`` now vanishes, too. This is why weights begin small.
