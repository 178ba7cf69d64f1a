r"""
Restricted Boltzmann machine
============================

Joined only between layers, the cells of each layer flicker all at once, and learning needs a few flickers, not a sum.

:Cells: 3 backfed inputs, 4 probabilistic hidden, joined between the two layers only
:Paper: Smolensky, "Foundations of harmony theory", in PDP 1, 1986; CD: Hinton, Neural Computation 14, 2002
:Learned: all weights, by contrastive divergence: the gradient of F(data) - F(sample), the sample held constant
:Criterion: exact surprise of bars and stripes below 3.0 nats with CD-5 on three seeds, with CD-1 at least 0.15 more

.. math:: F(v) = -b^T v - \sum_j \log(1 + e^{c_j + v^T w_j}), \qquad C = F(v) - F(\tilde v)
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag
import nn

stripes = np.array([np.tile(bits, (3, 1)) for bits in np.ndindex(2, 2, 2)], float)
data = np.unique(np.concatenate([stripes, stripes.swapaxes(1, 2)]).reshape(-1, 9), axis=0)
everything = np.array(list(np.ndindex((2,) * 9)), float)


def surprise(rbm):
    return np.mean(rbm(data)) + ag.logsumexp(-rbm(everything))  # exact, by all 512 pictures: to measure, not to learn


def flickered(rbm, v, k, rng):
    for _ in range(k):  # hidden from visible, visible from hidden, each layer at once
        h = rng.random((len(v), 8)) < rbm.up(v)
        v = 1.0 * (rng.random(v.shape) < rbm.down(h))
    return v


def contrast(rbm, v, k, rng):  # CD-k: a sample made of the data by k flickers pulls against them
    return np.mean(rbm(v)) - np.mean(rbm(flickered(rbm, v, k, rng)))


def trained(k, rng):
    rbm = nn.RestrictedBoltzmann(9, 8, rng=rng, dtype=float)
    optimizer, curve = nn.Adam(rbm.parameters()), []
    for step in range(800):
        optimizer.lr = 0.05 * (1 - step / 801)
        optimizer.minimize(contrast(rbm, np.tile(data, (10, 1)), k, rng))
        curve.append(surprise(rbm).item())
    return curve, rbm


# Hinton's rule, how often two cells are on together in the data minus in the sample, is its negative gradient.
rng = np.random.default_rng(0)
rbm = nn.RestrictedBoltzmann(9, 8, rng=rng, dtype=float)  # forward is its free energy F
sample = flickered(rbm, data, 1, rng)
rule = (data.T @ rbm.up.predict(data) - sample.T @ rbm.up.predict(sample)) / len(data)
slope = ag.gradients(np.mean(rbm(data)) - np.mean(rbm(sample)), rbm.up.W)
print(f"gradient and <vh>data - <vh>sample apart by {np.abs(slope + rule).max():.0e}")

# The pixels' means alone give a surprise of 9 ln 2. A table of the 14 pictures would give ln 14, the entropy of the
# data, and nothing can give less: what is shown here is a rule that learns, not one that finds new pictures.
entropy, independent = np.log(len(data)), 9 * nn.bce(np.full(data.shape, data.mean(axis=0)), data).item()
curves, last = {}, {}
for k in (1, 5):
    curves[k], (rbm, *_) = zip(*(trained(k, np.random.default_rng(seed)) for seed in range(3)))
    last[k] = [curve[-1] for curve in curves[k]]
    costs = surprise(rbm), contrast(rbm, np.tile(data, (2000, 1)), k, rng)
    exact, own = (np.linalg.norm(ag.gradients(cost, rbm.up.W)) for cost in costs)
    ends = " ".join(f"{each:.2f}" for each in last[k])
    print(f"CD-{k}: {ends} nats; where it ends, the exact slope is {exact:.3f} long, its own {own:.3f}")
one, five = (f"{min(last[k]):.2f} to {max(last[k]):.2f}" for k in (1, 5))
print(f"result: {five} nats with CD-5, {one} with CD-1; pixel by pixel {independent:.2f}, at best {entropy:.2f}")

# %%
# Few flickers do not reach where the machine would go by itself. So the slope is biased: learning comes to rest where
# its own slope is nothing and the exact one is not. Left alone, from noise, the machine shows what it has learned.

figure, (left, right) = plt.subplots(1, 2, num="restricted_boltzmann", figsize=(9, 3.6), width_ratios=(1.2, 1))
for k, colour in ((1, "C1"), (5, "C0")):
    left.plot(np.transpose(curves[k]), color=colour, label=[f"CD-{k}", "_", "_"])
left.axhline(entropy, color="0.5", ls="--", label="entropy of the data")
left.set(title="Contrastive divergence on three seeds", xlabel="step", ylabel="surprise in nats")
left.legend()
shown = flickered(rbm, rng.integers(0, 2, (1000, 9)), 300, rng)
share = np.mean((shown[:, None] == data).all(axis=2).any(axis=1))
nn.plot_images(shown[:48].reshape(48, 3, 3), 8, ax=right).set_title(f"Left alone: {share:.0%} bars and stripes")
plt.show()

# %%
# Its cells for one picture: the chance of each hidden cell to be on.

ag.draw(rbm.up, data[1], cells=["backfed input", "probabilistic hidden"]).save("restricted_boltzmann-cells.svg")
