r"""
Three costs, and large errors
=============================

Quadratic cost, sum of squared residuals and log loss: what each charges for an error, and two misprints mended.

.. math:: C = \frac{1}{2n} \sum_x \|y(x) - a(x)\|^2, \quad J = \frac{1}{2} \sum_i (y_i - a_i)^2, \quad
          J = -\sum_i \big( y_i \log a_i + (1 - y_i) \log(1 - a_i) \big), \quad a_i = P(y_i = 1)
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag
import nn

y, a = np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.5, 2.0, 2.0, 6.0])  # of regression: RSS is n times the other cost
print(f"quadratic cost {nn.quadratic_cost(a, y).item():.5f}, RSS {nn.rss(a, y).item():.5f}, n = {len(y)}")

# %%
# "Punishes large errors", says the slide. An error twice as large costs four times as much. Log loss goes further: a
# certain and wrong answer, probability 1 for what is false, would cost infinitely much.

print(" error  quadratic  log loss (y = 0, so the error is the probability)")
for error in (0.25, 0.5, 0.99, 0.9999):
    print(f"{error:6.4f}{nn.rss([error], [0.0]).item():11.4f}{nn.bce([error], [0.0]).item():10.4f}")
e, p = np.linspace(-3, 3, 200), np.linspace(0.001, 0.999, 300)
figure, (left, right) = plt.subplots(1, 2, num="large_errors", figsize=(9.5, 4))
left.plot(e, np.abs(e), "0.6", e, e**2 / 2, "C0")
left.set(title="Regression: twice the error, four times the cost", xlabel="error e", ylabel="cost of one sample")
left.legend(["distance |e|", "quadratic e²/2"])
right.plot(p, -np.log(1 - p), "C1", p, p**2 / 2, "C0", p, np.log(1 - p), "C4--")
right.set(title="Classification: y = 0", xlabel="predicted probability a", ylabel="cost of one sample", ylim=(-4, 7))
right.legend(["log loss", "quadratic", "log loss with the sign of the slide"], loc="upper left")
plt.show()

# %%
# **A sign on the slide.** It has a minus between the two terms of log loss, where a plus belongs. Then a sample with
# y = 0 costs log(1 - a), the *less* the surer the wrong answer is. In thirty steps it ends worse than guessing:


def slide(a, y):
    return -np.mean(y * np.log(a) - (1 - y) * np.log(1 - a))


def mended(a, y):
    return -np.mean(y * np.log(a) + (1 - y) * np.log(1 - a))


y = np.repeat([0.0, 1.0], 40)
x = np.random.default_rng(0).normal(3 * y - 1.5)
shares = {}
for cost in (slide, mended):
    w, b = ag.Tensor(0.0, requires_grad=True), ag.Tensor(0.0, requires_grad=True)
    descent = nn.SGD([w, b], lr=0.5)
    for _ in range(30):
        a = nn.sigmoid(w * x + b)
        descent.minimize(cost(a, y))
    shares[cost.__name__] = np.mean((a.data > 0.5) == y)
    print(f"{cost.__name__:8s} cost {cost(a, y).item():8.3f}   right {shares[cost.__name__]:.0%}   b {b.item():.2f}")

# %%
# **Indices.** The slide's :math:`(1 - y)` lacks the index of its sample. Read literally, J is a vector, and cannot be
# minimized: the engine says so. And both costs have :math:`w^{(i)}`, a weight for each sample. Then any data cost
# nothing, and nothing has been learned: a network has one :math:`w` for all samples, those to come among them.

J = -sum(y[i] * np.log(a[i]) + (1 - y) * np.log(1 - a[i]) for i in range(80))
try:
    J.backward()
except ValueError as error:
    refused = str(error)
    print(f"J has the shape {J.shape}\n{refused}")
w = ag.Tensor(y / x, requires_grad=True)
print(f"a weight for each sample: RSS {nn.rss(w * x, y).item():.4f}, of any y")
try:
    w * np.array([0.5, 1.0])
except ValueError as error:
    print(f"two new inputs: {error}")

# %%
# **Try this.** What is ``ag.grad(lambda z: slide(nn.sigmoid(z), 0.0))(9.0)``, and what is it with ``mended``?
#
# .. dropdown:: Solution
#
#    -0.9999 and 0.9999. Mended, a step makes z smaller, as it should. The slide pushes z, already wrong, further away.
