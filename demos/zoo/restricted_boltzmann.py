r"""
Restricted Boltzmann machine
============================

Joined only between layers, the cells of each layer flicker all at once, and learning needs a few flickers, not a sum.

:Cells: 3 backfed inputs, 4 probabilistic hidden, joined between the two layers only
:Paper: Smolensky, "Foundations of harmony theory", in PDP 1, 1986; CD: Hinton, Neural Computation 14, 2002
:Learned: all weights, by contrastive divergence: the gradient of F(data) - F(sample), the sample held constant
:Criterion: exact surprise of bars and stripes below 3.0 nats with CD-5 on three seeds, with CD-1 at least 0.15 more

Summing over the hidden cells leaves a free energy. A sample made of data by k flickers (CD-k) pulls against the data:

.. math:: F(v) = -b^T v - \sum_j \log(1 + e^{c_j + v^T w_j}), \qquad C = F(v) - F(\tilde v)
"""

from itertools import product

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag
import nn

stripes = np.array([np.tile(bits, (3, 1)) for bits in product([0.0, 1.0], repeat=3)])
data = np.unique(np.concatenate([stripes, stripes.swapaxes(1, 2)]).reshape(-1, 9), axis=0)
everything = np.array(list(product([0.0, 1.0], repeat=9)))


def free_energy(v, W, b, c):
    return -(v @ b) - np.sum(ag.softplus(v @ W + c), axis=1)


def surprise(W, b, c):
    """Exactly: the sum runs over all 512 pictures. It only measures, learning does without it."""
    return np.mean(free_energy(data, W, b, c)) + ag.logsumexp(-free_energy(everything, W, b, c))


def flickered(v, W, b, c, k, rng):
    for _ in range(k):  # hidden from visible, visible from hidden, each layer at once
        h = rng.random((len(v), len(c))) < nn.sigmoid(v @ W + c)
        v = (rng.random(v.shape) < nn.sigmoid(h @ W.T + b)).astype(float)
    return v


def contrast(W, b, c, v, sample):
    return np.mean(free_energy(v, W, b, c)) - np.mean(free_energy(sample, W, b, c))


# Hinton's rule, how often two cells are on together in the data minus in the sample, is its negative gradient.
rng = np.random.default_rng(0)
W, b, c = rng.normal(size=(9, 8)), rng.normal(size=9), rng.normal(size=8)
sample = flickered(data, W, b, c, 1, rng)
rule = (data.T @ nn.sigmoid(data @ W + c) - sample.T @ nn.sigmoid(sample @ W + c)) / len(data)
slope = ag.grad(contrast)(W, b, c, data, sample)
print(f"gradient and <vh>data - <vh>sample apart by {np.abs(slope + rule).max():.0e}")

# %%
# The pixels' means alone give a surprise of 9 ln 2. A table of the 14 pictures would give ln 14, the entropy of the
# data, and nothing can give less: what is shown here is a rule that learns, not one that finds new pictures.


def trained(k, seed):
    rng = np.random.default_rng(seed)
    W = nn.Parameter(rng.normal(size=(9, 8)) * 0.1, dtype=float)
    b, c = (nn.Parameter(np.zeros(n), dtype=float) for n in W.shape)
    optimizer, curve, v = nn.Adam([W, b, c], lr=0.05), [], np.tile(data, (10, 1))
    for step in range(801):
        now = W.numpy(), b.numpy(), c.numpy()
        curve += [surprise(*now)] if step % 50 == 0 else []
        optimizer.lr = 0.05 * (1 - step / 801)
        optimizer.minimize(contrast(W, b, c, v, flickered(v, *now, k, rng)))
    return curve, now


entropy, independent = np.log(len(data)), surprise(np.zeros((9, 1)), np.log(data.mean(0) / (1 - data.mean(0))), [0.0])
curves, last = {}, {}
for k in (1, 5):
    curves[k], weights = zip(*(trained(k, seed) for seed in range(3)))
    last[k] = [curve[-1] for curve in curves[k]]
    exact, many = ag.grad(surprise)(*weights[0]), np.tile(data, (2000, 1))
    own = ag.grad(contrast)(*weights[0], many, flickered(many, *weights[0], k, rng))
    print(f"CD-{k}: surprise {' '.join(f'{each:.2f}' for each in last[k])} nats; where it ends, the exact slope is "
          f"{np.linalg.norm(exact):.3f} long, its own {np.linalg.norm(own):.3f}")  # fmt: skip
one, five = (f"{min(last[k]):.2f} to {max(last[k]):.2f}" for k in (1, 5))
print(f"result: {five} nats with CD-5, {one} with CD-1; pixel by pixel {independent:.2f}, at best {entropy:.2f}")

# %%
# Few flickers do not reach where the machine would go by itself. So the slope is biased: learning comes to rest where
# its own slope is nothing and the exact one is not. Left alone, from noise, the machine shows what it has learned.

figure, (left, right) = plt.subplots(1, 2, num="restricted_boltzmann", figsize=(9, 3.6), width_ratios=(1.2, 1))
for k, colour in ((1, "C1"), (5, "C0")):
    left.plot(np.arange(0, 801, 50), np.transpose(curves[k]), color=colour, label=[f"CD-{k}", "_", "_"])
left.axhline(entropy, color="0.5", ls="--", label="entropy of the data")
left.set(title="Contrastive divergence on three seeds", xlabel="step", ylabel="surprise in nats")
left.legend()
shown = flickered(rng.integers(0, 2, (1000, 9)), *weights[0], 300, rng)
share = np.mean((shown[:, None] == data).all(axis=2).any(axis=1))
nn.plot_images(shown[:48].reshape(48, 3, 3), 8, ax=right).set_title(f"Left alone: {share:.0%} bars and stripes")
plt.show()

# %%
# Its cells for one picture: the chance of each hidden cell to be on.

seeing = nn.Dense(9, 8, "sigmoid")
seeing.W, seeing.b = weights[0][0], weights[0][2]
ag.draw(seeing, data[1], cells=["backfed input", "probabilistic hidden"]).save("restricted_boltzmann-cells.svg")
