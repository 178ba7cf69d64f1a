r"""
A network that writes like Dante
================================

A recurrent network learns the first canto of the Commedia letter by letter, and then writes on by itself.

It keeps a memory :math:`h_t` of what it has read, and gives the probability of every next letter:

.. math:: h_t = \text{GRU}(x_t, h_{t-1}), \qquad p(x_{t+1}) = \text{softmax}(h_t W + b)
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag
import nn

rng = np.random.default_rng(0)
text = Path(sys.argv[0]).with_name("dante.txt").read_text(encoding="utf-8")
letters, codes = np.unique(list(text), return_inverse=True)
cut = len(codes) * 9 // 10  # the last tenth is held out
X, held_out = (np.lib.stride_tricks.sliding_window_view(part, 31)[::10] for part in (codes[:cut], codes[cut:]))


class Writer(nn.Module):
    def __init__(self, letters, hidden, rng):
        self.embedding = nn.Embedding(letters, 24, rng=rng)
        self.gru = nn.GRU(24, hidden, rng=rng)
        self.output = nn.Dense(hidden, letters, rng=rng)

    def forward(self, x):
        return self.read(x)[0]

    def read(self, x, memory=None):
        outputs, memory = self.gru(self.embedding(x), memory)
        return self.output(outputs), memory


@ag.no_grad
def write(model, start, length, temperature, rng):
    written, memory = [start], None
    for _ in range(length):
        logits, memory = model.read([written[-1:]], memory)
        p = nn.softmax(logits.numpy()[0, -1].astype(float) / temperature)
        written.append(int(rng.choice(len(p), p=p)))
    return "".join(letters[written]).strip()


def sample(epoch):
    if epoch.number in (1, 5, 15):
        print(f"--- after {epoch.number} epochs, loss {epoch.logs['loss']:.2f}")
        print(write(epoch.model, codes[-1], 150, temperature=0.6, rng=np.random.default_rng(0)))


# %%
# It is trained on pieces of thirty letters, by a compiled step. What it writes says more than the loss.

model = Writer(len(letters), 80, rng)
history = nn.fit(
    model, X[:, :-1], X[:, 1:], loss="cross_entropy", optimizer=nn.Adam(model.parameters(), 0.01), epochs=15, rng=rng,
    clip_norm=1.0, compile=True, validation=(held_out[:, :-1], held_out[:, 1:]), callbacks=sample, progress=False,
)  # fmt: skip

# %%
# On verses never seen it soon stops getting better: the canto is too short to learn Italian, and is learned by heart.

figure, axes = plt.subplots(num="text")
history.plot(ax=axes)
axes.axhline(np.log(len(letters)), color="0.6", linestyle=":", label="guessing")
axes.set(title="The loss for each letter", xlabel="epoch", ylabel="mean cross-entropy")
axes.legend()
plt.show()

# %%
# **Try this.** Write with ``temperature=0.1``, and with 2.
#
# .. dropdown:: Solution
#
#    Cold, it takes the likeliest letter each time and goes round in circles; hot, it draws almost any letter, and the
#    words fall apart.
