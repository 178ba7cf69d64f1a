r"""
Deep convolutional inverse graphics network
===========================================

One code is taught to mean the angle, by batches in which nothing else varies; turning it turns digits never seen.

:Cells: inputs, kernels, convolution and pool, 3 probabilistic hidden, convolution, kernels, output
:Paper: Kulkarni, Whitney, Kohli and Tenenbaum, "Deep convolutional inverse graphics network", NIPS 2015
:Learned: encoder and decoder, by the gradient of the bound, while codes of what does not vary are held at their mean
:Criterion: unseen digits: r^2 of first code and angle > 0.95, free < 0.8; turned, 0.8 of a mean picture's error at most

.. math:: z = \bar m + s \epsilon \text{ if clamped, else } m + s \epsilon, \qquad \text{pull} = \tfrac12 |m - \bar m|^2
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.ndimage import rotate
from sklearn.datasets import load_digits

import autograd as ag
import nn

data = load_digits()
digits = np.random.default_rng(0).permutation(data.images[np.isin(data.target, (1, 4, 7))] / 16)
angles = np.linspace(-48, 48, 9)  # a wide range nearly closes to a ring: a bar turned by 180 degrees is itself
turned = [rotate(digits, -angle, (1, 2), reshape=False, order=1, mode="grid-constant") for angle in angles]
seen, fresh = np.split(np.stack(turned, axis=1).astype(np.float32), [400])  # (digits, angles, 8, 8)


class InverseGraphics(nn.Module):
    def __init__(self, rng):
        self.look = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1, rng=rng), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
        self.encoder = nn.MLP(128, 64, 6, activation="relu", rng=rng)
        self.decoder = nn.Sequential(nn.Dense(3, 64, "relu", rng=rng), nn.Dense(64, 128, "relu", rng=rng))
        self.paint = nn.ConvTranspose2d(8, 1, 4, stride=2, padding=1, rng=rng)

    def codes(self, x):
        code = self.encoder(self.look(np.reshape(x, (-1, 1, 8, 8))))
        return np.split(np.reshape(code, (*x.shape[:2], 6)), 2, axis=2)  # the means, and the logarithms of s

    def forward(self, x):
        return self.draw(self.codes(x)[0])

    def draw(self, z):
        return nn.sigmoid(np.reshape(self.paint(np.reshape(self.decoder(z), (-1, 8, 4, 4))), (*z.shape[:-1], 8, 8)))


# Clamped codes are pulled to their mean. The slope, m - mean, is what the paper has in place of their own; here it is
# added. It grows from nothing: else it can flatten a code before there is anything in it.
def trained(clamping, steps=1200):
    rng = np.random.default_rng(0)
    model = InverseGraphics(rng)
    optimizer = nn.Adam(model.parameters(), lr=0.01)
    schedule = nn.CosineAnnealingLR(steps).attach(optimizer)

    @ag.compile
    def step(x, noise, still, strength):
        m, log_s = model.codes(x)
        held = m + still * (np.mean(m, axis=1, keepdims=True) - m)
        misfit = np.sum((x - model.draw(held + np.exp(log_s) * noise)) ** 2) / (2 * 0.2**2)  # pixels are 0.2 off
        divergence = np.sum(0.5 * (held**2 + np.exp(2 * log_s) - 1) - log_s)
        optimizer.minimize((misfit + divergence + strength * 0.5 * np.sum((m - held) ** 2)) / 9)

    for t in range(steps):
        # Each digit at nine angles: what tells them apart must go through the first code, as the others are clamped.
        x, still = seen[rng.integers(len(seen), size=9)], np.array([0, 1, 1], np.float32)
        if t % 2:  # in the next batch the first code is clamped, and each angle is seen on nine digits
            x, still = x.swapaxes(0, 1), 1 - still  # (angles, digits, 8, 8)
        step(x, rng.normal(size=(9, 9, 3)).astype(np.float32), clamping * still, np.float32(100 * t / steps))
        schedule.step()
    return model


# %%
# Is the first code the angle, on digits never seen? Without clamping the best of the three codes is taken. A linear fit
# to all pixels is even told the angles. And the first code of a turned digit, put into an upright one, must turn it, so
# that it is nearer to the turned digit than the mean of all digits at that angle is.

of_mean = np.mean((fresh - seen.mean(axis=0)) ** 2, axis=(0, 2, 3))  # the error of the mean, by angle
codes, pictures, worst = {}, {}, {}
for name in ("free", "clamped"):
    model = trained(name == "clamped")
    codes[name] = m = model.codes(fresh)[0].numpy()
    z = np.repeat(m[:, 4:5], 9, axis=1)
    z[..., 0] = np.roll(m[..., 0], 1, axis=0)  # that of the digit before, turned
    pictures[name] = model.draw(z).numpy()
    worst[name] = np.max(np.mean((fresh - pictures[name]) ** 2, axis=(0, 2, 3)) / of_mean)
fit = np.linalg.lstsq(seen.reshape(-1, 64), np.tile(angles, len(seen)))[0]
guesses = np.column_stack([codes["clamped"][..., 0].ravel(), fresh.reshape(-1, 64) @ fit, codes["free"].reshape(-1, 3)])
right, told, *free = np.corrcoef(guesses.T, np.tile(angles, len(fresh)))[-1, :-1] ** 2
bent = f"{worst['clamped']:.2f} of the mean's error at most, free {worst['free']:.2f}"
print(f"result: r^2 {right:.3f}, free {max(free):.3f}, pixels {told:.3f}; turned: {bent}")

figure, axes = plt.subplots(num="inverse_graphics", figsize=(9, 4.6))
sheet = np.concatenate([fresh[4], pictures["clamped"][4], fresh[5], pictures["clamped"][5]])
nn.plot_images(sheet, 9, ax=axes, vmin=0, vmax=1)
axes.set_title("Unseen digits, turned; and drawn upright, but with another's first code")
axes.set_xticks(3.5 + 9 * np.arange(9), [f"{angle:.0f}°" for angle in angles])
axes.set_yticks(3.5 + 9 * np.arange(4), ["turned", "by the code"] * 2)
plt.show()

# %%
# The cells of the clamped one, for an upright digit: without dice, through the means of its codes.

ag.draw(model, fresh[0, 4:5]).save("inverse_graphics-cells.svg")
