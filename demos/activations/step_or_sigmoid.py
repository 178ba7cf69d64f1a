r"""
Step or sigmoid
===============

A step does not react to a small change of a weight, until it jumps; a sigmoid always reacts a little.

.. math:: z = wx + b, \qquad \hat{y} = g(z), \qquad J(w) = \frac{1}{n} \sum_{i=1}^{n} (\hat{y}_i - y_i)^2

The slides say that a sigmoid "still works for classification, and will be more sensitive to small changes". Here a
neuron with one weight has to learn which numbers are greater than 0.5. Its bias stays at -1.
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag
import nn

rng = np.random.default_rng(0)
x = rng.uniform(-1, 2, 30)
y = (x > 0.5).astype(float)
b = -1.0


def J(w, g):
    return np.mean((g(w * x + b) - y) ** 2)


# %%
# First the sensitivity: change the weight by a little, and see by how much the output for one x, and the loss, change.
# The sigmoid's loss changes in proportion to the weight, and the last column tends to the derivative. The step's loss
# stays as it is or jumps, and its derivative is 0.

w, one_x = 1.0, 1.5
print("  change of w   step: output      loss   sigmoid: output      loss   loss / change")
for change in (0.1, 0.01, 0.001):
    row = [g((w + change) * one_x + b) - g(w * one_x + b) for g in (nn.step, nn.sigmoid)]
    losses = [J(w + change, g) - J(w, g) for g in (nn.step, nn.sigmoid)]
    print(f"{change:13g} {row[0]:14.5f} {losses[0]:9.5f} {row[1]:17.5f} {losses[1]:9.5f} {losses[1] / change:15.5f}")

print(f"dJ/dw   step {ag.grad(J)(w, nn.step):.5f}   sigmoid {ag.grad(J)(w, nn.sigmoid):.5f}")

# %%
# So one of them can learn and the other cannot: two hundred steps of gradient descent for each. Once it is learned, a
# step does as well: with the weight that the sigmoid found it is right just as often.

found, paths = {}, {}
for name, g in {"step": nn.step, "sigmoid": nn.sigmoid}.items():
    w, paths[name] = 0.3, []
    for _ in range(200):
        paths[name].append(J(w, g))
        w -= 3.0 * ag.grad(J)(w, g)
    found[name] = w
    right = np.mean((g(w * x + b) > 0.5) == y)
    print(f"{name:8s} w = 0.3 -> {w:.3f}   loss {paths[name][0]:.3f} -> {J(w, g):.3f}   {right:.0%} right")
print(f"step with the sigmoid's weight: {np.mean(nn.step(w * x + b) == y):.0%} right")

# %%
# The losses as functions of the weight: a staircase, on which no slope points anywhere, and a hill to walk down.

figure, (left, right) = plt.subplots(1, 2, num="step_or_sigmoid", figsize=(10, 3.8))
grid, z = np.linspace(-1, 8, 1000), np.linspace(-6, 6, 401)
for name, g in {"step": nn.step, "sigmoid": nn.sigmoid}.items():
    left.plot(z, g(z), label=name)
    (line,) = right.plot(grid, [J(w, g) for w in grid], label=name)
    right.plot(found[name], J(found[name], g), "o", color=line.get_color(), label=f"{name}, after 200 steps")
left.set(title="The output", xlabel="z", ylabel="g(z)")
right.set(title="The loss by the weight", xlabel="w", ylabel="J(w)")
left.legend()
right.legend()
plt.show()

# %%
# **Try this.** Make the sigmoid steeper: ``lambda z: nn.sigmoid(k * z)`` with k = 2, 10, 100. What becomes of dJ/dw at
# w = 0.3?
#
# .. dropdown:: Solution
#
#    With ``print(ag.grad(J)(0.3, lambda z: nn.sigmoid(k * z)))``: -0.434, -0.086 and -5e-17, where k = 1 gives -0.246.
#    A steeper sigmoid reacts more, as long as the points are on its slope. With k = 100 all are where it is flat.
