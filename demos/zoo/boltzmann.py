r"""
Boltzmann machine
=================

Joined cells that flicker at random learn the even bit patterns, and only hidden cells make that possible.

:Cells: backfed inputs and probabilistic hidden, fully joined
:Paper: Ackley, Hinton and Sejnowski, "A learning algorithm for Boltzmann machines", Cognitive Science 9, 1985
:Learned: all weights, by the exact gradient of the likelihood, summed over every state
:Criterion: KL = ln 2 without hidden cells, below 0.05 with three (best of 3 starts); gradient <ss>data - <ss>model

.. math:: E(s) = -\tfrac12 s^T W s - b^T s, \qquad p(s) = \frac{e^{-E(s)}}{\sum_{s'} e^{-E(s')}}, \qquad
          \frac{\partial \log p}{\partial W_{ij}} = \langle s_i s_j \rangle_{data} - \langle s_i s_j \rangle_{model}
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag
import nn

states = {cells: np.array(list(np.ndindex((2,) * cells)), float) for cells in range(4, 8)}
even = states[4].sum(axis=1) % 2 == 0  # the eight patterns that are the data


def log_p(W, b):
    """How probable each state is, exactly, (16, 2^hidden): a row for each pattern of the four visible cells."""
    s, joined = states[len(b)], (W + W.T) / 2 * (1 - np.eye(len(b)))
    return np.reshape(ag.log_softmax(0.5 * np.sum(s @ joined * s, axis=1) + s @ b), (16, -1))


def surprise(W, b):
    return -np.mean(ag.logsumexp(log_p(W, b)[even], axis=1)) - np.log(8)  # KL(data || model), hidden cells summed over


rng = np.random.default_rng(0)
W, b, s = rng.normal(size=(6, 6)), rng.normal(size=6), states[6]
p = np.exp(log_p(W, b))
held = even[:, None] / 8 * p / p.sum(axis=1, keepdims=True)
rule = (s.T * (held - p).ravel()) @ s  # how often two are on together: when the data are held, minus running free
apart = np.abs(-ag.grad(surprise)(W, b) - rule / 2 * (1 - np.eye(6))).max()  # half each: a wire stands in W twice
print(f"gradient and <ss>data - <ss>model apart by {apart:.0e}")

# %%
# Parity cannot be seen from pairs: without hidden cells nothing is better than giving every pattern the same chance,
# which costs ln 2 = 0.6931 too much. A hidden cell joins several visible ones, and so can stand for more than a pair.


def trained(hidden, seed):
    rng = np.random.default_rng(seed)
    W, b = (nn.Parameter(rng.normal(size=(4 + hidden,) * n), dtype=float) for n in (2, 1))
    optimizer, curve = nn.Adam([W, b], lr=0.1), []
    for _ in range(600):
        loss = surprise(W, b)
        optimizer.minimize(loss)
        curve.append(loss.item())
    return curve, W.numpy(), b.numpy()


curves = {}
for hidden in (0, 1, 2, 3):  # the best of three starts
    curves[hidden], W, b = min((trained(hidden, seed) for seed in range(3)), key=lambda run: run[0][-1])
costs = ", ".join(f"{curves[hidden][-1]:.4f} with {hidden}" for hidden in (1, 2, 3))
print(f"result: KL {curves[0][-1]:.4f} without hidden cells (ln 2 = {np.log(2):.4f}), {costs}")

# %%
# Left alone, each cell in turn is on with the chance that its neighbours give it (Gibbs). That shows what the sum says.

once = nn.Dense(7, 7, "sigmoid")
once.W, once.b = (W + W.T) / 2 * (1 - np.eye(7)), b
chains = rng.integers(0, 2, (4000, 7)).astype(float)
for i in [*range(7)] * 300:
    chains[:, i] = rng.random(4000) < nn.sigmoid(chains @ once.W[i] + b[i])
shown, exact = np.mean(chains[:, :4].sum(axis=1) % 2 == 0), np.exp(log_p(W, b))[even].sum()
print(f"even patterns: {shown:.1%} of what it shows, {exact:.1%} by the sum")
figure, axes = plt.subplots(num="boltzmann")
axes.plot(np.transpose(list(curves.values())), label=[f"{hidden} hidden" for hidden in curves])
axes.set(title="Even bit patterns: what hidden cells are for", xlabel="step", ylabel="KL in nats", ylim=(0, 1))
axes.legend()
plt.show()

# %%
# Its cells, drawn twice: a state, and the chance that each of them is on next. Four are shown, three hidden.

ag.draw(once, chains[0], cells=["backfed input", "probabilistic hidden"]).save("boltzmann-cells.svg")
