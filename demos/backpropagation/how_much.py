r"""
How much did each weight contribute?
====================================

One backward pass says of every weight of every layer how the error answers to it.

.. math:: \Delta J \approx \frac{\partial J}{\partial w} \, \Delta w

The slide: backpropagation tells how much every weight of every layer contributed to the error of the model, by sending
the error of the last layer backward. The number for each weight is its partial derivative. It is measured per unit of
the weight: move ``w`` by a little, and ``J`` moves by that much times the derivative.
"""

import matplotlib.pyplot as plt

import autograd as ag
import nn

model = nn.scalar.MLP(2, [3, 1], rng=1)  # two inputs, a hidden layer of three, one output
x, target = [1.0, -0.5], 1.0


def error():
    return (model(x) - target) ** 2


J = error()
J.name = "J"
J.backward()

# %%
# Thirteen weights and biases, and thirteen derivatives from the one call of ``backward``. To believe them, do it the
# slow way as well: move each weight by a little, to either side, compute the whole network anew, and see by how much
# the error moves.

step, slow = 1e-5, {}
for weight in model.parameters():
    kept = weight.data
    weight.data = kept + step
    above = error().data
    weight.data = kept - step
    below = error().data
    weight.data = kept
    slow[weight.name] = (above - below) / (2 * step)

print(f"J = {J.data:.4f}\n\nweight      backward   moved by a little")
for weight in model.parameters():
    print(f"{weight.name:8s} {weight.grad:11.6f} {slow[weight.name]:11.6f}")

# %%
# Backward needed one pass, the slow way two computations of the network for every weight. That is why a network with
# a million weights can learn at all.

figure, axes = plt.subplots(num="how_much")
for layer, label in ("0.", "first layer"), ("1.", "last layer"):
    own = [weight for weight in model.parameters() if weight.name.startswith(layer)]
    axes.barh([w.name for w in own], [w.grad for w in own], label=label)
axes.axvline(0, color="0.5", linewidth=1)
axes.invert_yaxis()
axes.set(title="How the error answers to each weight", xlabel="dJ/dw", ylabel="weight w[input, unit] or bias b[unit]")
axes.legend()
plt.show()

# %%
# The sign says which way to go: where the derivative is negative, a larger weight makes the error smaller. In the
# graph an edge is the wider, the more of the gradient goes back along it.

ag.draw(J, values=False).save("how_much.svg")

# %%
# A large derivative says that the error is sensitive to the weight. It does not say that the weight is large, nor
# that the error would vanish without it: it is true for small moves.
#
# **Try this.** Set the second input to ``0.0``. Which derivatives become zero, and why?
#
# .. dropdown:: Solution
#
#    ``0.w[1,0]``, ``0.w[1,1]`` and ``0.w[1,2]``, the weights of that input. They multiply zero, so the error does not
#    notice them, whatever they are. The biases still count.
