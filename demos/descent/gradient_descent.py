r"""
Gradient descent with all the data
==================================

The function gradient_descent as it stands on the slide, and the same with the engine: equal weights.

.. math:: w \leftarrow w - \alpha \sum_i (\phi(w x_i + b) - y_i) \, x_i \qquad
   b \leftarrow b - \alpha \sum_i (\phi(w x_i + b) - y_i)

Each step looks at the whole data. The slide has the derivatives written out: ``dw`` and ``db`` are the two sums.
"""

import matplotlib.pyplot as plt
import numpy as np
from numpy import dot

import autograd as ag
import nn

X, y = nn.data.blobs(classes=2, n=50, noise=0.7, rng=0)
y = y.reshape(-1, 1).astype(float)

# %%
# The slide leaves ``rand`` and ``activation`` open. They are ``numpy.random.rand`` and, for two classes, the sigmoid.
# The seed makes every call start from the same weights.

activation = nn.sigmoid


def rand(*shape):
    return np.random.default_rng(1).random(shape)


def gradient_descent(X, y, alpha=0.001, epochs=100):
    w = rand(X.shape[1], 1)
    b = 0
    for _ in range(epochs):
        z = dot(X, w) + b
        a = activation(z)
        dw = X.T.dot(a - y)
        db = sum(a - y)
        w = w - alpha * dw
        b = b - alpha * db
    return w, b


w, b = gradient_descent(X, y)

# %%
# With the engine no derivative is written out. The cost is, and it is all that has to be changed for another network.

W, B, costs = ag.Tensor(rand(2, 1), requires_grad=True), ag.Tensor(np.zeros(1), requires_grad=True), []
for _ in range(100):
    J = nn.bce(activation(X @ W + B), y, reduction="sum")
    dW, dB = ag.gradients(J, [W, B])
    W.data -= 0.001 * dW
    B.data -= 0.001 * dB
    costs.append(J.item())
W, B = W.data, B.data
print("slide   w", w.ravel(), "b", b)
print("engine  w", W.ravel(), "b", B)
print(f"largest difference {max(np.abs(w - W).max(), np.abs(b - B).max()):.1e}")

accuracy = np.mean((activation(X @ w + b) > 0.5) == y)
figure, (left, right) = plt.subplots(1, 2, num="gradient_descent", figsize=(9.5, 4))
left.plot(costs, color="C0")
left.set(title="The cost falls with every step", xlabel="epoch", ylabel="log loss, summed")
for label in (0, 1):
    right.plot(*X[y.ravel() == label].T, "o", color=f"C{label}", markersize=4, label=f"y = {label}")
line = np.array([-3.5, 3.5])
right.plot(line, -(w[0] * line + b) / w[1], color="0.3", label="probability 1/2")
right.set(title=f"{accuracy:.0%} on the right side", xlabel="x1", ylabel="x2", ylim=(-4, 4))
right.legend()
plt.show()

# %%
# **Try this.** Leave out ``reshape(-1, 1)``, so that y has the shape (100,). Which shape has w in the end, and why does
# nothing fail? What does the engine's version say?
#
# .. dropdown:: Solution
#
#    (2, 100): ``a - y`` compares each of 100 outputs with each of 100 targets, (100, 1) - (100,) is (100, 100), and w
#    grows by broadcasting. Nothing fails because NumPy may do that. ``nn.bce`` raises an error that names both shapes.
