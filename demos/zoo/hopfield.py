r"""
Hopfield network
================

Cells that are all joined to each other remember patterns: shown a damaged one, they fall into the whole.

:Cells: backfed inputs, fully joined
:Paper: Hopfield, "Neural networks and physical systems with emergent collective computational abilities", PNAS 79, 1982
:Learned: the weights; by Hebb's rule, or by the gradient of the pseudo-likelihood
:Criterion: random patterns: 95 % recalled, of 30 in 100 cells below 20 %; digits: Hebb 0 %, pseudo-likelihood 90 %

.. math:: E(s) = -\tfrac12 s^T W s, \qquad s_i \leftarrow \text{sign}(-\partial E / \partial s_i), \qquad s_i = \pm 1
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

import autograd as ag
import nn


def energy(s, W):
    return -0.5 * s @ (W @ s)


def recalled(s, W, flipped=0.0):
    """Flip a share of the cells; then fall, one cell after the other, until nothing changes: the energy never rises."""
    s = np.where(rng.random(len(s)) < flipped, -s, s)
    energies, old = [energy(s, W)], None
    while not np.array_equal(s, old):
        old = s.copy()
        for i in rng.permutation(len(s)):
            s[i] = 1.0 if W[i] @ s >= 0 else -1.0
            energies.append(energy(s, W))
    assert np.max(np.diff(energies)) <= 1e-9
    return s


def joined(W):
    return (W + W.T) / 2 * (1 - np.eye(len(W)))  # both ways alike, and nothing to itself


# %%
# Hebb: what is active together is wired together. It is the gradient of how well the patterns agree with themselves,
# :math:`\frac12 \sum_p s_p^T W s_p`, as the engine finds; cells are not joined to themselves. (2 / 100 sets the scale.)

rng = np.random.default_rng(0)
P = rng.choice([-1.0, 1.0], (5, 100))
W = joined(ag.grad(lambda W: sum(-energy(p, W) for p in P))(np.zeros((100, 100))) * 2 / 100)
print("Hebb's rule is the gradient:", np.allclose(W, P.T @ P / 100 - np.eye(100) * 5 / 100, rtol=1e-12, atol=1e-15))
print("the update is the gradient: ", np.allclose(-ag.grad(energy)(P[0], W), W @ P[0], rtol=1e-12))
right = np.mean([np.array_equal(recalled(p, W, flipped=0.2), p) for p in P for _ in range(10)])

# %%
# Digits look alike, and Hebb mixes them up, as it does random patterns if they are more than about 0.14 for each cell.
# The pseudo-likelihood asks of each cell to follow from the others:

D = np.where(load_digits().data[:5] > 7, 1.0, -1.0)  # the first five: 0, 1, 2, 3, 4
W2 = nn.Parameter(np.zeros((64, 64)), dtype=float)
optimizer = nn.Adam([W2], lr=0.01)
for _ in range(300):
    optimizer.minimize(np.mean(ag.softplus(-2 * D * (D @ joined(W2)))))
H, learned, share = joined(D.T @ D / 64), joined(W2.numpy()), {}
for name, weights in {"Hebb": H, "pseudo-likelihood": learned}.items():
    share[name] = np.mean([np.array_equal(recalled(d, weights, flipped=0.1), d) for d in D for _ in range(20)])
many = rng.choice([-1.0, 1.0], (30, 100))
stayed = np.mean([np.array_equal(recalled(p, joined(many.T @ many / 100)), p) for p in many])  # not even damaged
digits = ", ".join(f"{name} {each:.0%}" for name, each in share.items())
print(f"result: 5 random patterns, a fifth flipped: {right:.0%}, 30, as they are: {stayed:.0%}; digits: {digits}")

shown = np.where(rng.random(D.shape) < 0.1, -D, D)
sheet = np.array([D, shown, [recalled(d, H) for d in shown], [recalled(d, learned) for d in shown]])
figure, axes = plt.subplots(num="hopfield", figsize=(6, 5))
nn.plot_images(sheet.reshape(20, 8, 8), 5, ax=axes).set_title("What is recalled from a damaged digit")
axes.set_yticks(3.5 + 9 * np.arange(4), ["stored", "shown", "Hebb", "pseudo-\nlikelihood"])
plt.show()

# %%
# Its cells, before and after all of them look at each other once: the same cells, drawn twice.

once = nn.Dense(64, 64, np.sign, bias=False)
once.W = learned
ag.draw(once, shown[3], cells=["backfed input"] * 2).save("hopfield-cells.svg")
