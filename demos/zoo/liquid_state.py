r"""
Liquid state machine
====================

A pool of spiking cells, wired at random, remembers a burst long enough to compute the XOR of two.

:Cells: input, spiking hidden (random wires), output
:Paper: Maass, Natschläger and Markram, "Real-time computing without stable states", Neural Computation 14, 2002
:Learned: the readout alone, by the gradient of the logistic loss
:Criterion: at least 85 % of XORs right on three seeds; the same readout on the input alone gets below 65 %

A cell leaks, adds up what arrives, and fires when it reaches its threshold; then it starts again from zero. A spike has
no derivative. Nothing is learned inside the pool, so none is needed: only the readout has a gradient.

.. math:: v_t = 0.95 \, v_{t-1} + W s_{t-1} + R\, u_t, \qquad s_t = [v_t \ge 1]
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag
import nn

CELLS, GAP, TIME = 150, 25, 40


def bursts(n, rng):
    """Four lines. A burst on every other one is a bit: at the beginning, and after a gap. Asked for is their XOR."""
    bits = rng.integers(0, 2, (n, 2))
    u = rng.random((n, TIME, 4)) < 0.02
    for half, k in np.ndindex(2, n):
        u[k, half * GAP : half * GAP + 8, bits[k, half] :: 2] |= rng.random((8, 2)) < 0.6
    return u.astype(float), bits[:, 0] ^ bits[:, 1]


def pool(u, rng, strength=0.1):
    """The spikes of the pool, and the traces that they leave."""
    W = rng.normal(size=(CELLS, CELLS)) * (rng.random((CELLS, CELLS)) < 0.1) * strength
    R = rng.normal(size=(CELLS, 4)) * 0.5
    spikes, (v, s, trace) = [], np.zeros((3, len(u), CELLS))
    for t in range(TIME):
        v = 0.95 * v * (s == 0) + s @ W.T + u[:, t] @ R.T
        s = (v >= 1).astype(float)
        trace = 0.95 * trace + s
        spikes.append(s)
    return np.array(spikes), trace


def readout(traces, y):
    """A single cell that reads traces, trained by descent on the first thousand, and judged by the others."""
    traces = (traces - traces[:1000].mean(axis=0)) / (traces[:1000].std(axis=0) + 1e-6)
    cell = nn.Dense(traces.shape[1], 1, rng=0)
    options = {"optimizer": nn.AdamW(cell.parameters(), lr=0.01, weight_decay=0.1), "batch_size": 64, "epochs": 60}
    nn.fit(cell, traces[:1000], y[:1000, None], loss="bce_with_logits", rng=0, progress=False, **options)
    return np.mean((cell.predict(traces[1000:])[:, 0] > 0) == y[1000:]), cell, traces[1000]


# %%
# No line through the two bits themselves has more than three of the four cases right, 75 %. The pool does the rest.
# Without any wires between its cells it does as well: for this gap leak and threshold are enough.

with_pool, alone = [], []
for seed in (2, 1, 0):
    rng = np.random.default_rng(seed)
    u, y = bursts(1600, rng)
    spikes, trace = pool(u, rng)
    right, cell, fresh = readout(trace, y)
    with_pool.append(right)
    alone.append(readout(np.einsum("ntk,t->nk", u, 0.95 ** np.arange(TIME)[::-1]), y)[0])
    print(f"seed {seed}: XOR read from the pool {right:.1%}, from the input's own traces {alone[-1]:.1%}")
unwired = readout(pool(u, np.random.default_rng(1), strength=0)[1], y)[0]
print(f"the same cells without wires: {unwired:.1%}")
print(f"result: {min(with_pool):.1%} at least on 3 seeds; from the input alone {max(alone):.1%} at most")

figure, axes = plt.subplots(num="liquid_state", figsize=(8, 3.6))
axes.plot(*np.nonzero(spikes[:, 0]), "|", markersize=4)
axes.bar([3.5, GAP + 3.5], CELLS + 16, width=8, bottom=-8, color="C1", alpha=0.2, label="a burst comes in")
axes.set(title="The spikes of 150 cells", xlabel="time", ylabel="cell")
axes.legend(loc="upper center")
plt.show()

# %%
# What is learned: the readout, of the traces that the spiking cells leave.

ag.draw(cell, fresh, cells=["spiking hidden", "output"]).save("liquid_state-cells.svg")
