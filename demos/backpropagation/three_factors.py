r"""
dJ/dw in three factors
======================

How the cost answers to the output, the output to the weighted sum, and the weighted sum to the weight.

.. math::
   \frac{dJ}{dw} = \frac{dJ}{d\phi} \, \frac{d\phi}{dz} \, \frac{dz}{dw} \qquad
   \frac{dJ}{db} = \frac{dJ}{d\phi} \, \frac{d\phi}{dz} \, \frac{dz}{db}

One neuron with a sigmoid, one sample, and the log loss: :math:`z = wx + b`, :math:`\phi = \sigma(z)`,
:math:`J = -y \log \phi - (1 - y) \log(1 - \phi)`.
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag

w, b = ag.Value(0.6, name="w"), ag.Value(-0.2, name="b")
x, y = 1.5, 0.0

z = w * x + b
phi = ag.sigmoid(z)
J = -y * np.log(phi) - (1 - y) * np.log(1 - phi)
z.name, phi.name, J.name = "z", "phi", "J"

# %%
# ``ag.gradients(a, [b])`` is how ``a`` answers to ``b``, for any two nodes of the graph. So each factor can be had by
# itself; beside it is what one finds with pencil and paper.

(dJ_dphi,) = ag.gradients(J, [phi])
(dphi_dz,) = ag.gradients(phi, [z])
dz_dw, dz_db = ag.gradients(z, [w, b])
print("                      engine     by hand")
print(f"dJ/dphi             {dJ_dphi:9.5f}   {1 / (1 - phi.data):9.5f}   1 / (1 - phi), as y is 0")
print(f"dphi/dz             {dphi_dz:9.5f}   {phi.data * (1 - phi.data):9.5f}   phi (1 - phi)")
print(f"dz/dw               {dz_dw:9.5f}   {x:9.5f}   x")
print(f"dz/db               {dz_db:9.5f}   {1:9.5f}   1")
print(f"dJ/dw, the product  {dJ_dphi * dphi_dz * dz_dw:9.5f}   {(phi.data - y) * x:9.5f}   (phi - y) x")
print(f"dJ/db, the product  {dJ_dphi * dphi_dz * dz_db:9.5f}   {phi.data - y:9.5f}   phi - y")

# %%
# One call of ``backward`` gives both products at once. Two factors of the three are the same for the weight and for
# the bias: they are computed once, and handed on.

J.backward()
print(f"after J.backward(): dJ/dw {w.grad:.5f}, dJ/db {b.grad:.5f}")
ag.draw(J).save("three_factors.svg")

# %%
# Why does the product come out as simple as :math:`\phi - y`? Where the neuron is wrong and sure of it, on the right,
# the sigmoid is flat: its derivative is nearly zero. The derivative of the log loss is huge there, and exactly by as
# much.

line = np.linspace(-6, 6, 200)
s = ag.sigmoid(line)
figure, axes = plt.subplots(num="three_factors")
axes.semilogy(line, 1 / (1 - s), label="dJ/dphi, of the log loss")
axes.semilogy(line, s * (1 - s), label="dphi/dz, of the sigmoid")
axes.semilogy(line, s, color="C4", linewidth=3, label="their product, phi - y")
axes.set(title="Two factors and their product, for y = 0", xlabel="z", ylabel="derivative")
axes.legend()
plt.show()

# %%
# With the squared error the second factor stays alone, and a neuron that is wrong and sure learns slowly.

wrong = ag.Value(6.0, name="z")
answer = ag.sigmoid(wrong)
for name, cost in ("log loss", -np.log(1 - answer)), ("squared error", (answer - y) ** 2 / 2):
    print(f"dJ/dz at z = 6, y = 0, with the {name:14s} {ag.gradients(cost, [wrong])[0]:.5f}")

# %%
# **Try this.** Set ``x = 0.0``. Which of the two parameters can still learn from this sample?
#
# .. dropdown:: Solution
#
#    Only the bias. The factor :math:`dz/dw = x` is zero, and with it the whole product; :math:`dz/db` is 1 whatever
#    the sample is.
