r"""
Markov chain
============

The next letter follows from the last one alone: the probabilities are counted, and learned by the gradient.

:Cells: probabilistic, fully joined
:Paper: Markov, 1906, and 1913 on the letters of Pushkin's Eugene Onegin; Hayes, American Scientist 101, 2013
:Learned: a row of logits for each letter, by the likelihood of the text
:Criterion: the learned rows are the (smoothed) counts to 1e-6; the stationary letters are the left eigenvector

.. math:: J = -\sum_t \log \text{softmax}(W_{x_t})_{x_{t+1}}, \qquad \partial J / \partial W_{ab} = n_a p_{ab} - n_{ab}

The gradient is *expected counts minus counts*: it vanishes where the model expects what was seen.
"""

import sys
import unicodedata
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag
import nn

text = (Path(sys.argv[0]).parents[1] / "tour/dante.txt").read_text(encoding="utf-8").lower()
plain = unicodedata.normalize("NFD", text).replace("'", " ")  # accents become marks of their own
words = "".join(c for c in plain if c.isascii() and (c.isalpha() or c.isspace())).split()
letters, x = np.unique(list(" ".join(words) + " "), return_inverse=True)
n = len(letters)
counts = np.full((n, n), 0.5)  # as if each pair had been seen half a time: no probability is exactly zero
np.add.at(counts, (x[:-1], x[1:]), 1)
print(f"{len(x):,} letters, {n} different ones")


def surprise(W):
    return -np.sum(counts * ag.log_softmax(W, axis=1))


# %%
# The gradient is what the formula says. Steps against it, each entry with its own rate, about one over its curvature: a
# few dozen, and the learned rows are the frequencies.

rng = np.random.default_rng(0)
W = rng.normal(size=(n, n))
seen = counts.sum(axis=1, keepdims=True)
rule = seen * nn.softmax(W) - counts
print("the slope is expected minus counted:", np.allclose(ag.grad(surprise)(W), rule, atol=1e-9))
for _ in range(60):
    W = W - ag.grad(surprise)(W) / (seen * np.maximum(nn.softmax(W), counts / seen))
learned = nn.softmax(W)
apart = np.abs(learned - counts / seen).max()
print(f"learned and counted probabilities are {apart:.0e} apart")
# Run long enough, the chain forgets where it began: its letters come as often as the left eigenvector says.
now = np.full(n, 1 / n) @ np.linalg.matrix_power(learned, 200)
values, vectors = np.linalg.eig(learned.T)
first = np.real(vectors[:, np.argmax(values.real)])
stationary = np.abs(now - first / first.sum()).max()
print(f"after 200 steps the letters are {stationary:.0e} from the eigenvector")
codes = [x[-1]]
for _ in range(70):
    codes.append(rng.choice(n, p=learned[codes[-1]]))
print("it writes:", "".join(letters[codes]).strip())
uniform, own, single = np.log(n), surprise(W) / counts.sum(), -np.sum(now * np.log(now))
print(f"nats for a letter: {own:.2f}, without the last letter {single:.2f}, guessing {uniform:.2f}")
print(f"result: {apart:.0e} from counting, {stationary:.0e} from the eigenvector; {own:.2f} nats, not {single:.2f}")

figure, axes = plt.subplots(num="markov_chain", figsize=(5.6, 5))
image = axes.imshow(learned, cmap="Blues")
for axis in (axes.xaxis, axes.yaxis):
    axis.set_ticks(range(n), np.where(letters == " ", "␣", letters), fontsize=8)
axes.set(title="The next letter (columns) by the last (rows)", xlabel="next", ylabel="last")
axes.grid(visible=False)
figure.colorbar(image, label="probability")
plt.show()

# %%
# Its cells after an e: how probable each next letter is, by the row of the weights that belongs to e.

chain = nn.Dense(n, n, nn.softmax, bias=False)
chain.W = W
ag.draw(chain, 1.0 * (letters == "e"), cells=["probabilistic hidden"] * 2).save("markov_chain-cells.svg")
