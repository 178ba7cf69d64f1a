r"""
A sum and a step
================

The perceptron: multiply each input by its weight, add all up, and ask whether the sum reaches zero.

.. math::

   \hat y = g(z), \qquad z = w_0 + \sum_{j} x_j w_j, \qquad
   g(z) = \begin{cases} 1, & z \ge 0 \\ 0, & \text{otherwise} \end{cases}

The weights say how much each input counts, the bias :math:`w_0` how hard it is to convince. The slides call the sum
alone :math:`f(x)` first; the activation function :math:`g` comes with the forward propagation.
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag
import nn

w1, w2, bias = 2.0, -1.0, 0.5

# %%
# Shall I go out? :math:`x_1` says how well I feel, :math:`x_2` how hard it rains. Once with single numbers, as it
# stands in the formula: the graph shows every product.

x1, x2 = ag.Value(0.6, "x1"), ag.Value(1.4, "x2")
z = ag.Value(w1, "w1") * x1 + ag.Value(w2, "w2") * x2 + ag.Value(bias, "w0")
z.name = "z"
answer = nn.step(z)
answer.name = "answer"
print(f"z = {w1} * {x1.data} + {w2} * {x2.data} + {bias} = {z.data:.1f}   answer {answer.data:.0f}")
ag.draw(answer, gradients=False).save("neuron.svg")

# %%
# The same for many points at once, as one product :math:`X w`; and as ``nn.Perceptron``.

X = np.array([[0.6, 1.4], [0.0, 0.0], [0.0, 1.0], [-0.5, 0.5], [0.25, 1.0]])
w = np.array([w1, w2])
by_hand = np.where(X @ w + bias >= 0, 1.0, 0.0)

model = nn.Perceptron(2)
model.w.data = w
model.b.data = bias
for point, score, one, other in zip(X, X @ w + bias, by_hand, model.predict(X)):
    print(f"x = ({point[0]:5.2f}, {point[1]:4.2f})   z = {score:5.2f}   by hand {one:.0f}   nn.Perceptron {other:.0f}")

# %%
# Where :math:`z = 0` the answer changes: a straight line. The vector of the weights stands at a right angle to it and
# points to the side of the ones. Its length does not matter to the answers, only its direction does.

figure, (left, right) = plt.subplots(1, 2, num="line", figsize=(9.5, 4))
z_grid = np.linspace(-3, 3, 601)
left.plot(z_grid, nn.step(z_grid), label="step")
left.plot(X @ w + bias, by_hand, "o", color="C1", label="the five points")
left.set(title="The step", xlabel="z", ylabel="answer")
left.legend()

a, b = np.meshgrid(np.linspace(-1, 2, 301), np.linspace(-1, 2, 301))
plane = model.predict(np.stack([a, b], axis=-1).reshape(-1, 2)).reshape(a.shape)
right.contourf(a, b, plane, levels=[-0.5, 0.5, 1.5], colors=["C0", "C1"], alpha=0.25)
right.scatter(*X.T, c=np.where(by_hand, "C1", "C0"), edgecolors="black", zorder=3)
right.annotate("", (0.25 + 0.8, 1.0 - 0.4), (0.25, 1.0), arrowprops={"arrowstyle": "->", "linewidth": 1.8})
right.text(1.1, 0.5, "w", weight="bold")
right.text(-0.8, 1.5, "answer 0")
right.text(0.9, -0.7, "answer 1")
right.set(title="A line in the plane of the inputs", xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
plt.show()

# %%
# **Try this.** Double ``w1``, ``w2`` and ``bias``. What changes, and what does not? Then double the bias alone.
#
# .. dropdown:: Solution
#
#    Every :math:`z` doubles, and no answer changes: a step asks for the sign alone. (A sigmoid would become steeper.)
#    The bias alone moves the line, parallel to itself, and away from :math:`w`: more points are answered with 1.
