r"""
The five rules
==============

SGD, Adagrad, RMSProp, Adadelta and Adam in a few lines each, beside those of nn, and the papers they come from.

.. math:: w \leftarrow w - \eta \, g \qquad \text{or} \qquad w \leftarrow w - \eta \, \frac{g}{\sqrt{v} + \epsilon}

Each rule takes a gradient and gives the step to subtract; ``s`` is what it remembers, which begins at 0.
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag
import nn


def sgd(g, s, lr=0.1):
    return lr * g


def adagrad(g, s, lr=0.1, eps=1e-10):
    s["v"] += g**2  # all squares, for ever: the steps become shorter and shorter
    return lr * g / (np.sqrt(s["v"]) + eps)


def rmsprop(g, s, lr=0.02, rho=0.99, eps=1e-8):
    s["v"] = rho * s["v"] + (1 - rho) * g**2  # a running mean of the squares, from 0: the first steps are long
    return lr * g / (np.sqrt(s["v"]) + eps)


def adadelta(g, s, lr=1.0, rho=0.9, eps=1e-6):
    s["v"] = rho * s["v"] + (1 - rho) * g**2
    step = np.sqrt(s["u"] + eps) / np.sqrt(s["v"] + eps) * g  # in the unit of w: the paper has no rate
    s["u"] = rho * s["u"] + (1 - rho) * step**2
    return lr * step


def adam(g, s, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
    s["t"] += 1
    s["m"] = beta1 * s["m"] + (1 - beta1) * g
    s["v"] = beta2 * s["v"] + (1 - beta2) * g**2
    mean, square = s["m"] / (1 - beta1 ** s["t"]), s["v"] / (1 - beta2 ** s["t"])  # corrected for the beginning at 0
    return lr * mean / (np.sqrt(square) + eps)


# %%
# Fifty steps on a valley a hundred times steeper across than along, :math:`J = (a^2 + 100 \, b^2) / 20`, beside ``nn``.

paths = {}
for name, rule in {"SGD": sgd, "Adagrad": adagrad, "RMSProp": rmsprop, "Adadelta": adadelta, "Adam": adam}.items():
    w, state, twin = np.array([1.0, 1.0]), dict.fromkeys("tmuv", 0.0), ag.Tensor([1.0, 1.0], requires_grad=True)
    optimizer = getattr(nn, name)([twin], lr={"Adadelta": 1.0, "RMSProp": 0.02}.get(name, 0.1))
    paths[name] = [w]
    for _ in range(50):
        w = w - rule(np.array([0.1, 10]) * w, state)
        paths[name].append(w)
        optimizer.minimize((twin[0] ** 2 + 100 * twin[1] ** 2) / 20)
    print(f"{name:9s} along {w[0]:8.4f}  across {w[1]:8.4f}  difference from nn {np.abs(w - twin.data).max():.0e}")

# %%
# SGD is exactly right across, where its rate of 0.1 fits the steepness of 10, and slow along the valley. The others
# divide by the size of the gradient, so both directions look the same to them. Adadelta begins with tiny steps.

figure, axes = plt.subplots(1, 2, num="references", sharey=True, figsize=(8.4, 3.6))
for panel, columns in zip(axes, np.transpose(list(paths.values()))):
    panel.plot(columns, label=list(paths))
axes[0].set(title="along the valley", xlabel="step", ylabel="distance from the minimum")
axes[1].set(title="across, a hundred times steeper", xlabel="step")
axes[1].legend(loc="upper left", bbox_to_anchor=(1, 1))
plt.show()

# %%
# **References.** The slide has none for RMSProp, which was published in a lecture only.
#
# * SGD: J. Kiefer and J. Wolfowitz, "Stochastic Estimation of the Maximum of a Regression Function", *The Annals of
#   Mathematical Statistics* 23 (3), 462-466, 1952. They took secants; with noisy derivatives it is H. Robbins and
#   S. Monro, "A Stochastic Approximation Method", in volume 22 of 1951.
# * Adam: D. P. Kingma and J. Ba, "Adam: A Method for Stochastic Optimization", 2014, *ICLR* 2015, arXiv:1412.6980.
# * Adadelta: M. D. Zeiler, "ADADELTA: An Adaptive Learning Rate Method", 2012, arXiv:1212.5701.
# * Adagrad: J. Duchi, E. Hazan and Y. Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic
#   Optimization", *Journal of Machine Learning Research* 12, 2121-2159, 2011.
# * RMSProp: T. Tieleman and G. Hinton, "Lecture 6.5: RMSProp, divide the gradient by a running average of its recent
#   magnitude" (lecture 6e of the slides), *Coursera: Neural Networks for Machine Learning*, 2012.
#
# **Try this.** Begin SGD with a rate of 0.21. What happens, and to which of the two weights?
#
# .. dropdown:: Solution
#
#    Across the valley each step multiplies the distance by :math:`1 - 0.21 \cdot 10 = -1.1`: it jumps ever farther out.
