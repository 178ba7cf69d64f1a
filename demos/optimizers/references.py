r"""
The five rules
==============

SGD, Adagrad, RMSProp, Adadelta and Adam in a few lines each, beside those of nn, and the papers they come from.

.. math:: w \leftarrow w - \eta \, g \qquad \text{or} \qquad w \leftarrow w - \eta \, \frac{g}{\sqrt{v} + \epsilon}

Every rule gets a gradient ``g`` and answers with a step. What it remembers from step to step is its state. The slide
lists them as classes of Keras; in ``nn`` they have the same names.
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag
import nn

# %%
# Each rule as a generator: it is sent a gradient, and gives the step to subtract.


def sgd(lr=0.1):
    step = 0
    while True:
        g = yield step
        step = lr * g


def adagrad(lr=0.1, eps=1e-10):
    total, step = 0, 0
    while True:
        g = yield step
        total = total + g**2  # all squares, for ever: the steps become shorter and shorter
        step = lr * g / (np.sqrt(total) + eps)


def rmsprop(lr=0.02, rho=0.99, eps=1e-8):
    v, step = 0, 0
    while True:
        g = yield step
        v = rho * v + (1 - rho) * g**2  # a running mean of the squares
        step = lr * g / (np.sqrt(v) + eps)


def adadelta(lr=1.0, rho=0.9, eps=1e-6):
    v, u, step = 0, 0, 0
    while True:
        g = yield step
        v = rho * v + (1 - rho) * g**2
        delta = np.sqrt(u + eps) / np.sqrt(v + eps) * g  # in the unit of w: the paper needs no rate
        u = rho * u + (1 - rho) * delta**2
        step = lr * delta


def adam(lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v, t, step = 0, 0, 0, 0
    while True:
        g = yield step
        t, m, v = t + 1, beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        step = lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)  # means that began at 0, corrected


# %%
# Fifty steps on a valley that is a hundred times steeper across than along, :math:`J = (a^2 + 100 \, b^2) / 20`. The
# classes of ``nn`` go beside.

ours = {"SGD": sgd, "Adagrad": adagrad, "RMSProp": rmsprop, "Adadelta": adadelta, "Adam": adam}
paths = {}
for name, rule in ours.items():
    w, twin, steps = np.array([1.0, 1.0]), ag.Tensor([1.0, 1.0], requires_grad=True), rule()
    optimizer = getattr(nn, name)([twin], lr={"Adadelta": 1.0, "RMSProp": 0.02}.get(name, 0.1))
    next(steps)
    paths[name] = [w]
    for _ in range(50):
        w = w - steps.send(np.array([0.1, 10]) * w)
        paths[name].append(w)
        optimizer.zero_grad()
        ((twin[0] ** 2 + 100 * twin[1] ** 2) / 20).backward()
        optimizer.step()
    print(f"{name:9s} along {w[0]:8.4f}  across {w[1]:8.4f}  difference from nn {np.abs(w - twin.data).max():.0e}")

# %%
# SGD is exactly right across, where its rate of 0.1 fits the steepness of 10, and slow along the valley. The others
# divide by the size of the gradient, so both directions look the same to them: the two curves of each are equal.
# RMSProp's running mean begins at 0 and is too small at first, so its first steps are long; Adam corrects for that.
# Adadelta begins with steps of a thousandth, and takes its time.

figure, axes = plt.subplots(1, 2, num="references", sharey=True, figsize=(8.4, 3.6))
for name, path in paths.items():
    for panel, column in zip(axes, np.transpose(path)):
        panel.plot(column, label=name)
axes[0].set(title="along the valley", xlabel="step", ylabel="distance from the minimum")
axes[1].set(title="across, a hundred times steeper", xlabel="step")
axes[1].legend(loc="upper left", bbox_to_anchor=(1, 1))
plt.show()

# %%
# **References**, as on the slide, in full. The slide has none for RMSProp, which was never published but in a
# lecture.
#
# * SGD: J. Kiefer and J. Wolfowitz, "Stochastic Estimation of the Maximum of a Regression Function", *The Annals of
#   Mathematical Statistics* 23 (3), 462-466, 1952. They had no derivatives and took secants; with noisy derivatives
#   it is H. Robbins and S. Monro, "A Stochastic Approximation Method", in volume 22 of 1951.
# * Adam: D. P. Kingma and J. Ba, "Adam: A Method for Stochastic Optimization", 2014, *ICLR* 2015, arXiv:1412.6980.
# * Adadelta: M. D. Zeiler, "ADADELTA: An Adaptive Learning Rate Method", 2012, arXiv:1212.5701.
# * Adagrad: J. Duchi, E. Hazan and Y. Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic
#   Optimization", *Journal of Machine Learning Research* 12, 2121-2159, 2011.
# * RMSProp: T. Tieleman and G. Hinton, "Lecture 6.5: RMSProp, divide the gradient by a running average of its recent
#   magnitude" (lecture 6e of the slides), *Coursera: Neural Networks for Machine Learning*, 2012.
#
# Keras spells the last one ``RMSprop``.
#
# **Try this.** Begin SGD with a rate of 0.21. What happens, and to which of the two weights?
#
# .. dropdown:: Solution
#
#    Across the valley each step multiplies the distance by :math:`1 - 0.21 \cdot 10 = -1.1`: it jumps from side to
#    side and farther out each time. Along it the same rate is still far too small.
