r"""
Width and error
===============

One hidden layer approximates a wave, the better the more cells it has: the theorem, measured.

.. math:: \hat y(x) = b + \sum_{j=1}^{n} w_j \tanh(v_j x + c_j)

Every hidden cell is one bend, at a place and of a steepness of its own; the output adds them up. Cybenko (1989) and
Hornik (1991) proved that such a sum comes as near to any continuous function as one likes, if :math:`n` may grow. How
fast it gets there, and whether training finds it, they do not say.
"""

import matplotlib.pyplot as plt
import numpy as np

import nn

rng = np.random.default_rng(0)
X = np.linspace(-np.pi, np.pi, 128)[:, None]
between = rng.uniform(-np.pi, np.pi, (1000, 1))


def wave(x):
    return np.sin(x) + np.sin(3 * x) / 2


# %%
# One network of each width, trained in the same way. The cells begin with their bends spread over the wave; from zero
# biases all would bend at the same place.

figure, panels = plt.subplots(2, 3, num="waves", figsize=(10, 5.4), sharex=True, sharey=True)
errors = {}
for cells, axes in zip((1, 2, 4, 8, 16, 32), panels.flat):
    model = nn.MLP(1, cells, 1, activation="tanh", rng=rng)
    steepness = rng.choice([-1, 1], cells) * rng.uniform(1, 3, cells)
    model[0].W.data, model[0].b.data = steepness[None], -steepness * np.linspace(-3, 3, cells + 2)[1:-1]
    nn.fit(
        model, X, wave(X), loss="mse", optimizer=lambda p: nn.Adam(p, lr=0.03), epochs=500, batch_size=32,
        schedule=nn.CosineAnnealingLR(500), rng=rng, progress=False,
    )  # fmt: skip
    errors[cells] = np.sqrt(np.mean((model.predict(between) - wave(between)) ** 2))
    print(f"{cells:2d} hidden cells: error {errors[cells]:.4f}")
    axes.plot(X, wave(X), color="0.75", linewidth=4, label="the wave")
    axes.plot(X, model.predict(X), label="the network")
    axes.set_title(f"{cells} hidden cell{'s' * (cells > 1)}: error {errors[cells]:.3f}")
panels[0, 0].legend(loc="upper left", fontsize=8)
plt.show()

# %%
# Error against width, on points between those that it was trained on. The wave turns six times, so a few cells are not
# enough; then the error falls steeply, until the training, and not the width, sets the limit.

figure, axes = plt.subplots(num="error")
axes.loglog(list(errors), list(errors.values()), "o-")
axes.set_xticks(list(errors), list(map(str, errors)))
axes.set(title="More cells, smaller error", xlabel="hidden cells", ylabel="error (root mean square)")
plt.show()

# %%
# **Try this.** Ask the network for ``x`` between 4 and 6, where it saw nothing.
#
# .. dropdown:: Solution
#
#    It goes on as its outermost bends happen to lead, and soon runs flat: far away every tanh is constant. The theorem
#    speaks of a bounded region, and so does the network.
