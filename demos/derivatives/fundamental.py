r"""
Fundamental derivatives
=======================

The table of the slide line by line: by the table, by the engine, and by a difference quotient.

.. math::

   \begin{array}{lll}
   \text{constant} & f(x) = n & f'(x) = 0 \\
   \text{linear} & f(x) = x & f'(x) = 1 \\
   \text{power} & f(x) = x^n & f'(x) = n x^{n-1} \\
   \text{exponential} & f(x) = e^x & f'(x) = e^x \\
   \text{logarithm} & f(x) = \ln x & f'(x) = \frac{1}{x}
   \end{array}
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag

n = 3
table = {
    "constant": (lambda x: n + 0 * x, lambda x: 0 * x),
    "linear": (lambda x: x, lambda x: 1 + 0 * x),
    "power": (lambda x: x**n, lambda x: n * x ** (n - 1)),
    "exponential": (np.exp, np.exp),
    "logarithm": (np.log, lambda x: 1 / x),
}

# %%
# Each line at 2, where the quotient is the central one with h = 0.001. And then everywhere else, as pictures.

x, h = 2.0, 1e-3
print("                f(2)    f'(2): table   engine   quotient")
for name, (f, derivative) in table.items():
    quotient = (f(x + h) - f(x - h)) / (2 * h)
    print(f"{name:12s} {f(x):8.4f} {derivative(x):14.4f} {ag.grad(f)(x):9.4f} {quotient:10.4f}")

x = np.linspace(0.2, 2, 100)
figure, axes = plt.subplots(1, 5, num="fundamental", figsize=(12, 3.2), sharey=True)
for panel, (name, (f, derivative)) in zip(axes, table.items()):
    found = ag.elementwise_grad(f)(x)
    print(f"{name:12s} table and engine are apart by at most {np.max(np.abs(found - derivative(x))):.0e}")
    panel.plot(x, f(x), label="f(x)")
    panel.plot(x, found, "--", label="f'(x)")
    panel.set(title=name, xlabel="x", ylim=(-2, 8))
axes[0].legend()
plt.show()

# %%
# The line for powers holds for every n, negative and fractional ones too: 1/x is :math:`x^{-1}`, the square root is
# :math:`x^{1/2}`.

for m in (-1, 0.5, 2, 10):
    print(f"n = {m:4g}   at 4: engine {ag.grad(np.power)(4.0, m):10.6g}   table {m * 4.0 ** (m - 1):10.6g}")

# %%
# The exponential is the line to remember: it is its own derivative, so all of its derivatives are the same.

f = np.exp
for order in range(4):
    print(f"derivative {order} of exp at 1: {f(1.0):.6f}")
    f = ag.grad(f)

# %%
# With five lines, and rules for sums, products and functions of functions, very much follows. The engine has such a
# table, somewhat longer. It never takes a quotient, so it has no h. For instance :math:`x^2 e^x + \ln x`, whose
# derivative is :math:`2x e^x + x^2 e^x + \frac{1}{x}`, at 1:

print(f"engine  {ag.grad(lambda x: x**2 * np.exp(x) + np.log(x))(1.0):.6f}\nby hand {2 * np.e + np.e + 1:.6f}")

# %%
# **Try this.** What does the engine say of ``np.log`` at 0, and of ``np.abs`` at 0?
#
# .. dropdown:: Solution
#
#    ``ag.grad(np.log)(0.0)`` is ``inf``, with a warning of NumPy's: 1/x has no finite value there, and the engine does
#    not hide that. ``np.abs`` has a kink at 0, with slopes -1 and 1 to its sides; the engine answers 0, the mean.
