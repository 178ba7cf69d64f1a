r"""
Two costs, one gradient
=======================

RSS with a line and log loss with a sigmoid are different costs, yet their gradients are one formula: (phi - y) x.

.. math:: J = \frac{1}{2} \sum_i \big( y_i - \phi(w x_i + b) \big)^2
   \qquad J = -\sum_i \big( y_i \log \phi(w x_i + b) + (1 - y_i) \log(1 - \phi(w x_i + b)) \big)

.. math:: \frac{dJ}{dw} = \sum_i (\phi(w x_i + b) - y_i) \, x_i \qquad \frac{dJ}{db} = \sum_i (\phi(w x_i + b) - y_i)
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag
import nn

rng = np.random.default_rng(0)
x = rng.normal(size=20)
w = ag.Tensor(0.7, requires_grad=True, name="w")
b = ag.Tensor(-0.2, requires_grad=True, name="b")

# %%
# "Differentiating the equations we get the same partial derivatives", say the slides. The engine knows none of these
# formulas. It differentiates the costs, and we compare. For regression :math:`\phi` is the identity, for
# classification it is the sigmoid.

cases = {
    "regression": (lambda z: z, nn.rss, 2 * x + rng.normal(size=20)),
    "classification": (nn.sigmoid, nn.bce, rng.integers(0, 2, 20).astype(float)),
}
differences = []
print("                        dJ/dw      dJ/db")
for name, (phi, cost, y) in cases.items():
    engine = ag.gradients(cost(phi(w * x + b), y, reduction="sum"), [w, b])
    error = phi(w.data * x + b.data) - y
    formula = [np.sum(error * x), np.sum(error)]
    differences.append(np.max(np.abs(np.subtract(engine, formula))))
    for who, (dw, db) in {"engine": engine, "formula": formula}.items():
        print(f"{name:15s}{who:9s}{dw:9.5f}{db:11.5f}")

# %%
# Together they are the gradient, :math:`\nabla J = [dJ/dw, dJ/db]`. That it is the same formula is no accident: each
# cost has the :math:`\phi` that fits it. Log loss divides by :math:`\phi (1 - \phi)`, which is the derivative of the
# sigmoid, and the two cancel. RSS with a sigmoid has nothing to cancel it with, and keeps the factor:

phi, y = nn.sigmoid, cases["classification"][2]
a = phi(w.data * x + b.data)
(engine,) = ag.gradients(nn.rss(phi(w * x + b), y), [w])
print(f"RSS with a sigmoid, engine   {engine:.5f}")
print(f"the formula of the slide     {np.sum((a - y) * x):.5f}")
print(f"with the factor phi (1-phi)  {np.sum((a - y) * a * (1 - a) * x):.5f}")

# %%
# It matters. A neuron that is sure and wrong, y = 0 and z = 6, should learn most. With log loss the derivative by z is
# nearly 1. With RSS the factor makes it nearly 0: the neuron hardly learns.

z = ag.Tensor(np.linspace(-8, 8, 161), requires_grad=True)
zero = np.zeros(161)
slopes = {
    "log loss, sigmoid": ag.gradients(nn.bce(nn.sigmoid(z), zero, reduction="sum"), z),
    "RSS, sigmoid": ag.gradients(nn.rss(nn.sigmoid(z), zero), z),
}
figure, axes = plt.subplots(num="slopes")
for name, slope in slopes.items():
    print(f"{name:18s} dJ/dz at z = 6: {slope[140]:.4f}")
    axes.plot(z.data, slope, label=name)
axes.plot(z.data, z.data, color="C2", label="RSS, identity")
axes.set(title="What one sample with y = 0 contributes", xlabel="z = w x + b", ylabel="dJ/dz", ylim=(-1.2, 1.2))
axes.legend()
plt.show()

# %%
# **Try this.** Give ``nn.bce`` a tanh that is moved into 0 ... 1, ``phi = lambda z: (nn.tanh(z) + 1) / 2``. Is the
# gradient the formula's?
#
# .. dropdown:: Solution
#
#    It is twice the formula's. This :math:`\phi(z)` is the sigmoid of 2z, so the chain rule brings in a factor 2.
