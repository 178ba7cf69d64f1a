r"""
Variational auto encoder
========================

The code of a digit is a cloud instead of a point; so every point between codes means something, and can be drawn.

:Cells: 4 inputs, 4 probabilistic hidden, 4 match
:Paper: Kingma and Welling, "Auto-encoding variational Bayes", ICLR 2014
:Learned: encoder and decoder, by the gradient of the bound, which goes through the dice: z = m + s * noise
:Criterion: the bound is above the mean-pixel model by 2 nats, below the tighter IWAE bound; 8 kinds of digits are drawn

.. math:: \log p(x) \ge \mathbb{E}_{z \sim q} [\log p(x \mid z)] - \text{KL}(q(z \mid x) \,\|\, \mathcal{N}(0, 1))
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

import autograd as ag
import nn

X, y = load_digits(return_X_y=True)
X, X_fresh, y, _ = nn.data.split((X / 16).astype(np.float32), y, test=0.3, stratify=True, rng=0)
rng = np.random.default_rng(0)


class Variational(nn.Module):
    def __init__(self):
        self.encoder, self.decoder = nn.MLP(64, 128, 4, rng=rng), nn.MLP(2, 128, 64, rng=rng)

    def forward(self, x):
        return self.decoder(np.split(self.encoder(x), 2, axis=1)[0])  # without dice, through the mean of the code


def log_likelihood(x, logits):
    return np.sum(x * logits - ag.softplus(logits), axis=-1)  # a pixel's grey is the chance that it is black


def divergence(m, log_s):
    return np.sum(0.5 * (m**2 + np.exp(2 * log_s) - 1) - log_s, axis=-1)


model = Variational()
optimizer = nn.Adam(model.parameters(), lr=0.003)
for _ in range(3000):
    x, noise = X[rng.integers(len(X), size=64)], rng.normal(size=(64, 2)).astype(np.float32)
    m, log_s = np.split(model.encoder(x), 2, axis=1)
    optimizer.minimize(-np.mean(log_likelihood(x, model.decoder(m + np.exp(log_s) * noise)) - divergence(m, log_s)))

# %%
# How good is the bound? The mean of 64 tries inside the logarithm (IWAE) is a bound as well, and lies between it and
# the truth. The divergence, whose formula stands above, is checked by throwing dice.

noise = rng.normal(size=(64, len(X_fresh), 2)).astype(np.float32)
m, log_s = np.split(model.encoder.predict(X_fresh), 2, axis=1)
z = m + np.exp(log_s) * noise
log_q, log_prior = np.sum(-0.5 * noise**2 - log_s, axis=-1), np.sum(-0.5 * z**2, axis=-1)
log_p = np.stack([log_likelihood(X_fresh, model.decoder.predict(each)) for each in z])
thrown, formula = np.mean(log_q - log_prior), np.mean(divergence(m, log_s))
elbo, iwae = np.mean(log_p[:8]) - formula, np.mean(ag.logsumexp(log_p + log_prior - log_q, axis=0) - np.log(64))
flat = np.clip(X.mean(axis=0), 0.001, 0.999)
mean_pixels = np.mean(log_likelihood(X_fresh, np.log(flat / (1 - flat))))
print(f"divergence {formula:.3f} by the formula, {thrown:.3f} by dice")

# %%
# Drawn from nothing but noise, and named by a reader that learned from real digits:

reader = nn.MLP(64, 64, 10, rng=0)
nn.fit(reader, X, y, loss="cross_entropy", optimizer=lambda p: nn.Adam(p, lr=0.01), epochs=30, rng=0, progress=False)
drawn = nn.sigmoid(model.decoder.predict(rng.normal(size=(500, 2)).astype(np.float32)))
kinds = np.sum(np.bincount(reader.predict(drawn).argmax(axis=1), minlength=10) >= 5)
print(f"result: bound {elbo:.2f} <= {iwae:.2f} (64 tries), mean pixels {mean_pixels:.2f}; {kinds} kinds of digits")

side = np.linspace(-2, 2, 12)
sheet = nn.sigmoid(model.decoder.predict(np.array([[a, b] for b in side[::-1] for a in side], np.float32)))
figure, axes = plt.subplots(num="variational", figsize=(5, 5.2))
nn.plot_images(sheet.reshape(144, 8, 8), ax=axes)
axes.set(title="What is drawn from each code", xlabel="$z_1$, from -2 to 2", ylabel="$z_2$, from -2 to 2")
plt.show()

# %%
# Its cells for one digit, by the mean of its code.

marks = ["input", "hidden", "hidden", "probabilistic hidden", "hidden", "match input output"]
ag.draw(model, X_fresh[0], cells=marks).save("variational-cells.svg")
