r"""
Secant and tangent
==================

The derivative as a limit: the secant of the slide, with h = 2, turns into the tangent as h goes to 0.

.. math:: f(x) = \frac{1}{4} x^2 - 2x + 5, \qquad f'(a) = \lim_{h \to 0} \frac{f(a + h) - f(a)}{h}

The slide says :math:`\Delta y = 3`, :math:`\Delta y / \Delta x = 1.5` and :math:`f'(a) = 1`. It does not say what a is;
the derivative tells, since :math:`f'(x) = \frac{1}{2} x - 2` is 1 at 6 only.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import FuncAnimation

import autograd as ag


def f(x):
    return x**2 / 4 - 2 * x + 5


a = 6.0
slope = ag.grad(f)(a)
print(f"f({a:g}) = {f(a):g}, and f'({a:g}) = {slope:g}")

# %%
# The secant goes through the points at a and a + h. Its slope, the difference quotient (*rapporto incrementale*), comes
# nearer to 1 as h gets smaller: it is 1 + h/4 exactly.

print("        h   delta y   delta y / delta x")
for h in (2.0, 1.0, 0.5, 0.1, 0.01, 0.001):
    print(f"{h:9g} {f(a + h) - f(a):9.6f} {(f(a + h) - f(a)) / h:19.6f}")

# %%
# The picture of the slide, and the limit as a film: h is halved again and again.

x = np.linspace(0, 10, 200)


def picture(h):
    axes.clear()
    steep = (f(a + h) - f(a)) / h
    axes.plot(x, f(x), color="0.6", label="f")
    axes.plot(x, f(a) + slope * (x - a), "--", color="C2", label=f"tangent, slope {slope:g}")
    axes.plot(x, f(a) + steep * (x - a), color="C0", label=f"secant, slope {steep:.3f}")
    axes.plot([a, a + h, a + h], [f(a), f(a), f(a + h)], "o:", color="C4", markersize=4)
    axes.set(title=f"From a = 6 to a + h, h = {h:.3g}", xlabel="x", ylabel="y", xlim=(0, 10), ylim=(0, 8))
    axes.legend(loc="upper center")


figure, axes = plt.subplots(figsize=(5, 4), layout="none")
FuncAnimation(figure, picture, frames=2.0 ** np.arange(1, -8, -1)).save("limit.gif", writer="pillow", fps=2, dpi=80)
plt.close(figure)
figure, axes = plt.subplots(num="secant_and_tangent")
picture(2.0)
axes.annotate(r"$\Delta x = h = 2$", (a + 1, f(a)), xytext=(0, -14), textcoords="offset points", ha="center")
axes.annotate(r"$\Delta y = 3$", (a + 2, f(a) + 1.5), xytext=(6, -4), textcoords="offset points")
plt.show()

# %%
# Why not simply take a tiny h, and no engine? Because numbers have 16 digits. The difference of two that are nearly
# equal keeps few of them, and division by h makes the error large. The engine takes no h: its slope is exact.

sizes = 10.0 ** np.arange(0, -17, -1)
quotients = (f(a + sizes) - f(a)) / sizes
errors = np.abs(quotients - 1)
print("        h   quotient      error")
for k in (4, 8, 12, 16):
    print(f"{sizes[k]:9g} {quotients[k]:10.6f} {errors[k]:10.1e}")
print(f"the engine: {slope:8.6f} {abs(slope - 1):9.1e}")
figure, axes = plt.subplots(num="too_small")
axes.loglog(sizes, errors, "o-")
axes.set(title="The error of the difference quotient: smaller is better, until it is not", xlabel="h", ylabel="error")
axes.invert_xaxis()
plt.show()

# %%
# **Try this.** Take the central quotient, ``(f(a + h) - f(a - h)) / (2 * h)``. What is its error with h = 2? Why?
#
# .. dropdown:: Solution
#
#    None: it is 1 exactly. The errors on both sides, +h/4 and -h/4, cancel. For a parabola they do so completely, for
#    other functions up to terms of :math:`h^2`; with :math:`f(x) = x^3` the error is :math:`h^2` itself.
