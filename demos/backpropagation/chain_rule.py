r"""
The chain rule
==============

The derivative of nested functions is the product of the derivatives of the parts.

.. math:: \frac{df}{dx} = \frac{df}{dg} \, \frac{dg}{dx}

The slide writes :math:`f(x) = f(g(x))`, where one letter means two functions: the outer one, and the whole. Below the
whole is called ``h``, so :math:`h(x) = f(g(x))`.
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag


def g(x):
    return x**2 / 2


def f(u):
    return np.sin(u)


def h(x):
    return f(g(x))


# %%
# At one point: the slope of the inner function there, the slope of the outer function at what the inner one gives,
# and their product. ``ag.grad`` makes the derivative of a function; beside it is the slope of ``h`` by a tiny secant.

x = 1.2
inner, outer = ag.grad(g)(x), ag.grad(f)(g(x))
print(f"dg/dx        at x = {x}     {inner:9.6f}")
print(f"df/dg        at g = {g(x):.2f}    {outer:9.6f}")
print(f"their product           {inner * outer:9.6f}")
print(f"dh/dx by ag.grad        {ag.grad(h)(x):9.6f}")
print(f"dh/dx by a secant       {(h(x + 1e-6) - h(x - 1e-6)) / 2e-6:9.6f}")

# %%
# Slopes multiply because they are magnifications. A small piece of the ``x`` axis becomes ``dg/dx`` times as long on
# the ``g`` axis, and what is there becomes ``df/dg`` times as long again.

figure, axes = plt.subplots(1, 3, num="chain_rule", figsize=(8.4, 3.2))
for panel, function, at, name, of in zip(axes, (g, f, h), (x, g(x), x), ("g(x)", "f(g)", "h(x) = f(g(x))"), "xgx"):
    slope = ag.grad(function)(at)
    line = np.linspace(0, 2.4, 100)
    panel.plot(line, function(line), label="function")
    near = np.array([at - 0.5, at + 0.5])
    panel.plot(near, function(at) + slope * (near - at), "C4", label="tangent")
    panel.plot(at, function(at), "o", color="C4")
    panel.set(title=f"{name}, slope {slope:.3f}", xlabel=of, ylabel=name[:4])
axes[0].legend()
plt.show()

# %%
# A neuron and its cost are nested in the same way, :math:`J(w, b) = J(\phi(wx + b))`. In the graph each edge carries
# the derivative of one step, after the sign ∂. The gradient of a node is the product of all on the way to the end. It
# is played as well, one step at a time; the line below that picture is the chain rule: upstream times local derivative.

w, b, sample = ag.Value(0.8, name="w"), ag.Value(-0.3, name="b"), ag.Value(2.0, name="x")
with ag.debug.lines():
    z = w * sample + b
    phi = ag.sigmoid(z)
    J = (phi - 1) ** 2
z.name, phi.name, J.name = "z", "phi", "J"
ag.draw(J).save("neuron.svg")
ag.draw(J).save("neuron.html")

# %%
# **Try this.** Make ``g`` steeper: ``x**2`` instead of ``x**2 / 2``. Does the slope of ``h`` at 1.2 double?
#
# .. dropdown:: Solution
#
#    No: it falls from 0.902 to 0.313. The inner slope doubles, from 1.2 to 2.4. But ``g`` is now 1.44 instead of
#    0.72, and there the sine is much flatter: the outer slope is taken at what the inner function gives.
