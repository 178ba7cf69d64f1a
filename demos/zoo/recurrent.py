r"""
Recurrent neural network
========================

In a stream of bits every third is the XOR of the two before it; a network with a memory finds out, and where.

:Cells: 3 inputs, 3 + 3 recurrent, 3 outputs
:Paper: Elman, "Finding structure in time", Cognitive Science 14, 1990
:Learned: all weights, by the gradient through time
:Criterion: at least 85 % right on every third bit, half on the others; without a memory half everywhere

The hidden layer sees the input and what it answered a moment ago:

.. math:: h_t = \tanh(W_x x_t + W_h h_{t-1} + b), \qquad \hat x_{t+1} = \sigma(W_y h_t + c)
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag
import nn

rng = np.random.default_rng(0)
pairs = rng.integers(0, 2, (6000, 2))
stream = np.column_stack([pairs, pairs[:, 0] ^ pairs[:, 1]]).ravel().astype(np.float32)


def listener(memory, rng):
    hidden = [nn.RNN(1, 16, rng=rng), nn.Outputs()] if memory else [nn.Dense(1, 16, "tanh", rng=rng)]
    return nn.Sequential(*hidden, nn.Dense(16, 1, rng=rng))


# %%
# It is not told where a triple begins: pieces start anywhere, and it hears each piece from an empty memory.


def pieces(bits, n, rng):
    starts = rng.integers(0, len(bits) - 25, n)
    return np.stack([bits[i : i + 25] for i in starts])[..., None], starts


def by_phase(model):
    """How often the next bit is right, for the first, second and third bit of a triple, late in a piece."""
    bits, starts = pieces(stream[12_000:], 1000, np.random.default_rng(1))
    right = (model.predict(bits[:, :-1]) > 0) == (bits[:, 1:] == 1)
    phases = (starts[:, None] + np.arange(1, 25)) % 3
    late = np.arange(24) >= 12
    return [np.mean(right[..., 0][:, late][phases[:, late] == k]) for k in range(3)]


right = {}
for name, memory in (("without a memory", False), ("recurrent", True)):
    model = listener(memory, np.random.default_rng(0))
    bits, _ = pieces(stream[:12_000], 3000, rng)
    options = {"optimizer": nn.Adam(model.parameters(), lr=0.01), "clip_norm": 1.0, "rng": 0, "progress": False}
    nn.fit(model, bits[:, :-1], bits[:, 1:], loss="bce_with_logits", epochs=25, batch_size=50, **options)
    right[name] = by_phase(model)
    print(f"{name:17s}" + "  ".join(f"bit {k + 1}: {share:.1%}" for k, share in enumerate(right[name])))

with_memory, without = right["recurrent"], right["without a memory"]
print(f"result: third bit {with_memory[2]:.1%}, others {max(with_memory[:2]):.1%}; without a memory {without[2]:.1%}")

# %%
# The first two bits of a triple are dice: nobody can know them. The third follows.

figure, axes = plt.subplots(num="recurrent", figsize=(6, 3.6))
for k, (name, shares) in enumerate(right.items()):
    axes.bar(np.arange(3) + 0.4 * k - 0.2, shares, width=0.38, label=name)
axes.axhline(0.5, color="0.4", linestyle=":", label="guessing")
axes.set(title="Which bit of a triple can be foretold", xlabel="bit of the triple", ylabel="right", ylim=(0, 1.25))
axes.set_xticks(range(3), ["first", "second", "third"])
axes.legend(loc="upper left", ncols=3, fontsize=8)
plt.show()

# %%
# Its cells at the end of a piece; the recurrent ones are joined to each other, from each bit to the next.

ag.draw(model, bits[0, :-1], cells=["input", "recurrent", "output"]).save("recurrent-cells.svg")
