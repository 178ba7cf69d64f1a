r"""
Stochastic gradient descent
===========================

The function stochastic_GD as it stands on the slide, where it goes wrong, mended, and the same with the engine.

.. math:: w \leftarrow w - \alpha (\phi(w x_i + b) - y_i) \, x_i \qquad b \leftarrow b - \alpha (\phi(w x_i + b) - y_i)
"""

import matplotlib.pyplot as plt
import numpy as np

import nn

data = np.random.default_rng(0).permutation(np.column_stack(nn.data.blobs(classes=2, n=50, noise=0.7, rng=0)))
X, y, activation, dot = data[:, :2], data[:, 2:], nn.sigmoid, np.dot


def rand(*shape):
    return np.random.default_rng(1).random(shape)


# %%
# **As on the slide.** ``alpha`` is an argument of ``gradient_descent``, and none here. With one it runs to the end, and
# that is worse: NumPy broadcasts (2, 1) minus (1, 2), of ``dw``, to (2, 2): a neuron in each column, of wrong inputs.


def stochastic_GD(X, y, epochs=100):
    w = rand(X.shape[1], 1)
    b = rand(1, 1)
    for _ in range(epochs):
        for x_i, y_i in zip(X, y):
            z = dot(x_i, w) + b
            a = activation(z)
            dw = (a - y_i) * x_i
            db = a - y_i
            w = w - alpha * dw
            b = b - alpha * db
    return w, b


try:
    stochastic_GD(X, y)
except NameError as error:
    print("NameError:", error)
alpha = 0.01
wrong, wrong_b = stochastic_GD(X, y)
print(f"w has the shape {wrong.shape}, not (2, 1); b has {wrong_b.shape}, not (1, 1)\n{wrong}")

# %%
# **Mended.** ``alpha`` is an argument, and ``X[:, None]`` is examples of one row each: so ``dw`` becomes a column. A
# pass has as many steps as examples: the cost of each step's own one jumps up and down, its mean over an epoch falls.


def mended(X, y, alpha=0.01, epochs=100):
    w, b = rand(X.shape[1], 1), rand(1, 1)
    for _ in range(epochs):
        for x_i, y_i in zip(X[:, None], y):
            error = activation(dot(x_i, w) + b) - y_i
            w, b = w - alpha * x_i.T.dot(error), b - alpha * error
    return w, b


w, b = mended(X, y, epochs=20)
W, B = nn.Parameter(rand(2, 1), dtype=float), nn.Parameter(rand(1, 1), dtype=float)  # with the engine
descent, costs = nn.SGD([W, B], lr=0.01), []
for x_i, y_i in list(zip(X[:, None], y[:, None])) * 20:
    J = nn.bce(activation(x_i @ W + B), y_i)
    descent.minimize(J)
    costs.append(J.item())
W, B = W.data, B.data
print(f"mended w {w.ravel()}, b {b.ravel()}; the engine's differ by {np.abs([*(w - W), *(b - B)]).max():.1e}")

figure, axes = plt.subplots(num="stochastic")
axes.plot(costs, color="0.8", lw=0.8, label="of the example of this step")
axes.plot(range(99, 2000), np.convolve(costs, np.full(100, 0.01), "valid"), label="mean of the last hundred")
axes.set(title="The cost in twenty epochs", xlabel="step", ylabel="log loss")
axes.legend()
plt.show()

# %%
# **Try this.** Which shapes do w and b have in ``stochastic_GD(X[:, :1], y)``, with one input?
#
# .. dropdown:: Solution
#
#    Both (1, 1), and the numbers are right, as ``mended`` has them: with one input there is nothing to broadcast.
