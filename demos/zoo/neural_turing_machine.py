r"""
Neural Turing machine
=====================

A network with a memory beside it learns to copy short lists, and then copies lists three times as long.

:Cells: 3 inputs, 2 + 2 hidden, 3 hidden joined to 3 memory, 1 output
:Paper: Graves, Wayne and Danihelka, "Neural Turing machines", 2014, arXiv:1410.5401
:Learned: all weights, by the gradient of the bits' cross-entropy, which goes through every look into the memory
:Criterion: learns from 1 to 6 words; at least 99 % of bits right at 6, 12 and 18; an LSTM below 80 % at 12 and 18

A head looks everywhere at once, with weights that sum up to one: an address :math:`w` that has a derivative.
It is found by likeness to a key, blended with the last one, moved along, and sharpened. Then the memory :math:`M` is
read, or partly erased and written:

.. math:: r = \sum_i w_i M_i, \qquad M_i \leftarrow M_i (1 - w_i e) + w_i a
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag
import nn

BITS, WIDTH, HEAD = 4, 8, 8 + 6


def copies(n, shortest, longest, rng):
    """Words between two marks, then silence in which they are to be answered; the answers, and when they are due."""
    x = np.zeros((n, 2 * longest + 2, BITS + 2), np.float32)
    y, due = np.zeros((n, 2 * longest + 2, BITS), np.float32), np.zeros((n, 2 * longest + 2, 1), np.float32)
    for k, length in enumerate(rng.integers(shortest, longest + 1, n)):
        words, answer = rng.integers(0, 2, (length, BITS)), slice(length + 2, 2 * length + 2)
        x[k, 0, BITS] = x[k, length + 1, BITS + 1] = 1
        x[k, 1 : length + 1, :BITS] = y[k, answer] = words
        due[k, answer] = 1
    return x, y, due


class Turing(nn.Module):
    def __init__(self, rng):
        self.hidden = nn.Dense(BITS + 2 + WIDTH, 64, "tanh", rng=rng)
        self.heads = nn.Dense(64, 2 * HEAD + 2 * WIDTH, rng=rng)
        self.out = nn.Dense(64 + WIDTH, BITS, rng=rng)

    def address(self, p, w, memory):
        key, strength, gate, shift, sharp = np.tanh(p[:, :8]), p[:, 8:9], ag.sigmoid(p[:, 9:10]), p[:, 10:13], p[:, 13:]
        norms = np.sqrt(np.sum(memory**2, axis=2) + 1e-6) * np.sqrt(np.sum(key**2, axis=1, keepdims=True) + 1e-6)
        likeness = np.matmul(memory, key[:, :, None])[:, :, 0] / norms
        w = gate * ag.softmax(ag.softplus(strength) * likeness, axis=1) + (1 - gate) * w
        s = ag.softmax(shift, axis=1)
        w = s[:, :1] * np.roll(w, -1, axis=1) + s[:, 1:2] * w + s[:, 2:] * np.roll(w, 1, axis=1)
        w = (w + 1e-8) ** (1 + ag.softplus(sharp))
        return w / np.sum(w, axis=1, keepdims=True)

    def forward(self, x):
        return self.run(x)[0]

    def run(self, x):
        """The answers, and where the heads looked. The memory grows with the list."""
        slots = x.shape[1] // 2 + 13
        memory = np.full((len(x), slots, WIDTH), 0.01, np.float32)
        first = np.eye(1, slots, dtype=np.float32)  # both heads begin at the first slot
        reading = writing = first + np.zeros((len(x), 1), np.float32)
        seen = np.zeros((len(x), WIDTH), np.float32)
        answers, looks = [], []
        for t in range(x.shape[1]):
            h = self.hidden(np.concatenate([x[:, t], seen], axis=1))
            p = self.heads(h)
            writing = self.address(p[:, :HEAD], writing, memory)
            erase, add = ag.sigmoid(p[:, 2 * HEAD : 2 * HEAD + WIDTH]), np.tanh(p[:, 2 * HEAD + WIDTH :])
            memory = memory * (1 - writing[:, :, None] * erase[:, None]) + writing[:, :, None] * add[:, None]
            reading = self.address(p[:, HEAD : 2 * HEAD], reading, memory)
            seen = np.matmul(reading[:, None], memory)[:, 0]
            answers.append(self.out(np.concatenate([h, seen], axis=1)))
            looks.append(np.concatenate([writing, reading], axis=1))
        return np.stack(answers, axis=1), np.stack(looks, axis=1)


def long_short_term(rng):
    return nn.Sequential(nn.LSTM(BITS + 2, 64, rng=rng), nn.Outputs(), nn.Dense(64, BITS, rng=rng))


# %%
# One step of training is compiled: thousands of small operations become one program.


def trained(model, steps, rng):
    optimizer = nn.Adam(model.parameters(), lr=0.003)

    @ag.compile
    def step(x, y, due):
        s = model(x)
        loss = np.sum(due * (ag.softplus(s) - y * s)) / (BITS * np.sum(due))
        optimizer.zero_grad()
        loss.backward()
        nn.clip_grad_norm(model.parameters(), 5.0)
        optimizer.step()

    for _ in range(steps):
        step(*copies(32, 1, 6, rng))


def right(model, length):
    """The share of bits that are right."""
    x, y, due = copies(100, length, length, np.random.default_rng(1))
    return np.mean((model.predict(x) > 0)[due[..., 0] == 1] == y[due[..., 0] == 1])


models, shares, words = {}, {}, {}
for name, kind in (("Turing", Turing), ("LSTM", long_short_term)):
    rng = np.random.default_rng(0)
    models[name] = kind(rng)
    trained(models[name], 1200, rng)
    shares[name] = [right(models[name], length) for length in (6, 12, 18)]
    words[name] = ", ".join(f"{share:.1%}" for share in shares[name])
print(f"result: bits right at 6, 12, 18 words: {words['Turing']}; LSTM {words['LSTM']}")

# %%
# Where the heads look while twelve words are copied: they write one slot after the other, and read in the same order.

with ag.no_grad():
    looks = models["Turing"].run(copies(1, 12, 12, np.random.default_rng(2))[0])[1].numpy()[0]
figure, axes = plt.subplots(1, 2, num="neural_turing_machine", figsize=(8, 4.4), sharey=True)
for ax, look, title in zip(axes, np.split(looks, 2, axis=1), ("Where it writes", "Where it reads")):
    ax.imshow(look.T, cmap="gray_r", aspect="auto", vmin=0, vmax=1)
    ax.axvline(13, color="C1", linestyle="--", label="end of the list")
    ax.set(title=title, xlabel="time")
    ax.grid(visible=False)
axes[0].set_ylabel("slot of the memory")
axes[0].legend(loc="lower right")
plt.show()

# %%
# Its cells at one moment: what it hears and what it has read, the controller, the heads, and the answer.

ag.draw(models["Turing"], copies(1, 1, 1, np.random.default_rng(2))[0][0, :1]).save("neural_turing_machine-cells.svg")
