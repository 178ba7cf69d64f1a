r"""
What if an x is zero?
=====================

The weight of an input that is zero changes nothing, neither an answer nor its gradient: hence the bias.

.. math:: x = 0: \qquad z = x w = 0, \qquad \frac{\partial z}{\partial w} = x = 0

Whatever :math:`w` is, the product is zero, and the gradient says that no change of :math:`w` would help. A bias
:math:`b`, also written :math:`w_0`, is added to the product. It counts at every :math:`x`, since
:math:`\partial z / \partial b = 1`.
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag
import nn

# %%
# A thermometer in a town where it freezes: degrees Celsius, and what an American reads, :math:`F = 1.8 \, C + 32`.

rng = np.random.default_rng(0)
celsius = np.append(rng.uniform(-10, 30, 29), 0.0)[:, None]
fahrenheit = 1.8 * celsius + 32 + rng.normal(0, 1, celsius.shape)

# %%
# At zero degrees the answer should be 32. Without a bias it is zero for every weight, and so is the gradient:

x = ag.Value(0.0, "x")
for weight in (-5.0, 1.8, 100.0):
    w, b = ag.Value(weight, "w"), ag.Value(0.0, "b")
    z = w * x + b
    loss = (z - 32) ** 2
    loss.backward()
    print(f"w = {weight:5.1f}   x w = {abs((w * x).data):.0f}   dC/dw = {abs(w.grad):.0f}   dC/db = {b.grad:.0f}")
z.name, loss.name = "z", "C"
ag.draw(loss).save("loss.svg")

# %%
# So a perceptron without a bias is bent to go through the origin. With one, both numbers are found.

models = {False: nn.Dense(1, 1, bias=False, rng=0), True: nn.Dense(1, 1, bias=True, rng=0)}
for bias, model in models.items():
    history = nn.fit(
        model, celsius / 10, fahrenheit, loss="mse", epochs=150, progress=False,
        optimizer=lambda parameters: nn.SGD(parameters, lr=0.1),
    )  # fmt: skip
    shift = model.b.item() if bias else 0
    error = history["loss"][-1]
    print(f"bias {bias!s:5s}   F = {model.W.item() / 10:.2f} C + {shift:5.2f}   mean squared error {error:6.2f}")

figure, axes = plt.subplots(num="bias")
grid = np.linspace(-12, 32, 2)[:, None]
axes.plot(celsius, fahrenheit, "o", color="0.6", label="measured")
for bias, model in models.items():
    axes.plot(grid, model.predict(grid / 10), label="with a bias" if bias else "without a bias: 0 at 0")
axes.plot(0, 0, "s", color="black")
axes.set(title="Without a bias every line goes through the origin")
axes.set(xlabel="degrees Celsius", ylabel="degrees Fahrenheit")
axes.legend()
plt.show()

# %%
# The bias is a weight, too: that of an input which is always 1. This is why the slides call it :math:`w_0`.

with_one = np.column_stack([np.ones(len(celsius)), celsius / 10])
together = with_one @ [models[True].b.item(), models[True].W.item()]
print(f"the largest difference is {np.abs(together - models[True].predict(celsius / 10)[:, 0]).max():.0e}")

# %%
# **Try this.** Measure in kelvin, ``kelvin = celsius + 273.15``, where no :math:`x` is zero. The best line through the
# origin is ``np.linalg.lstsq(kelvin, fahrenheit)``. Is it good?
#
# .. dropdown:: Solution
#
#    No. The error falls from 604 to 435, but the line has a slope of 0.19, and 1.8 is right. The truth is
#    :math:`F = 1.8 \, K - 459.67`. The trouble was never the point zero alone, but that the whole line hangs on it.
