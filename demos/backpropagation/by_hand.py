r"""
Forward and backward, by hand
=============================

The slide's two functions do not fit each other: what goes wrong, where, and what it makes of the gradients.
"""

import numpy as np

import autograd as ag
import nn

dot, sum, relu, sigmoid, relu_derivative = np.dot, np.sum, nn.relu, nn.sigmoid, ag.elementwise_grad(nn.relu)


def forward_propagation(X):  # both functions as on the slide, but with self.W1 called W1
    z1 = dot(W1, X.T) + b1
    a1 = relu(z1)
    z2 = dot(W2, a1) + b2
    a2 = sigmoid(z2)
    return a2


def backward_propagation(X, a2, y):  # of the mean log loss of m samples
    m = a1.shape[1]
    dz2 = a2 - y
    dW2 = dot(a1.T, dz2) / m
    db2 = sum(dz2, axis=0)
    m = X.shape[1]
    dz1 = dot(dz2, W2.T) * relu_derivative(z1)
    dW1 = dot(X.T, dz1) / m
    db1 = sum(dz1, axis=0)
    return dW1, db1, dW2, db2


def attempt(what, *run):
    try:
        print(f"{what}: shape {run[0](*run[1:]).shape}")
    except (NameError, ValueError) as error:
        print(f"{what}: {type(error).__name__}: {error}")


# %%
# Twenty samples in rows, three inputs, four hidden units. First ``W1`` as (h, in). Forward runs. Backward uses ``a1``
# and ``z1``, names inside of forward. Told them, it does not fit: forward has samples in *columns*, backward in *rows*.

rng = np.random.default_rng(0)
X = rng.normal(size=(20, 3))
y = (X[:, :1] + X[:, 1:2] ** 2 > 1) * 1.0
W1, b1, W2, b2 = rng.normal(size=(4, 3)), np.zeros((4, 1)), rng.normal(size=(1, 4)), np.zeros((1, 1))
attempt("W1 (h, in)   forward ", forward_propagation, X)
attempt("             backward", backward_propagation, X, forward_propagation(X), y.T)
z1 = dot(W1, X.T) + b1
a1 = relu(z1)
attempt("   with z1, a1       ", backward_propagation, X, forward_propagation(X), y.T)

# %%
# Then ``W1`` as (in, h), a column for each unit, as backward's gradients are. Now forward fails: it must be turned to
# samples in rows, as in ``nn``. Then all shapes fit, and one looks at the numbers. The engine derives its own.

W1, b1, W2, b2 = W1.T, b1.T, W2.T, b2.T
attempt("W1 (in, h)   forward ", forward_propagation, X)
z1 = dot(X, W1) + b1
a1 = relu(z1)
of_slide = backward_propagation(X, sigmoid(dot(a1, W2) + b2), y)
parameters = [ag.Tensor(p, requires_grad=True, name=n) for p, n in zip((W1, b1, W2, b2), ("W1", "b1", "W2", "b2"))]
hidden = np.maximum(ag.Tensor(X, name="X") @ parameters[0] + parameters[1], 0)
loss = nn.bce_with_logits(hidden @ parameters[2] + parameters[3], y)
factors = [np.mean(s / e) for s, e in zip(of_slide, ag.gradients(loss, parameters))]
for p, factor in zip(parameters, factors):
    print(f"d{p.name} of the slide is {factor:5.2f} times the engine's")
loss.name = "J"
ag.draw(loss, direction="TB").save("by_hand.svg")

# %%
# ``m`` should be the number of samples, 20. In this layout ``a1.shape[1]`` is that of hidden units, ``X.shape[1]`` that
# of inputs: 20/4 and 20/3 times too much. ``db1`` and ``db2`` are sums, where ``dW1`` and ``dW2`` are means: 20 times
# too much. The next page has both functions mended. In the picture, the engine's, backward climbs up from ``J``.
#
# **Try this.** Leave forward and ``W1`` (h, in) as they were, and turn backward. Is one ``m`` of the slide right then?
#
# .. dropdown:: Solution
#
#    The first one, for both layers: a sample is a column. Then ``dW2 = dot(dz2, a1.T) / m``, ``dW1 = dot(dz1, X) / m``,
#    ``dz1 = dot(W2.T, dz2) * relu_derivative(z1)``, and the biases are sums over ``axis=1``, divided by ``m``.
