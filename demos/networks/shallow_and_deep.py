r"""
Shallow and deep
================

One hidden layer or several: the slide's sum written out with its indices, and equal to what the model computes.

.. math:: z_{k,i} = w_{0,i}^{(k)} + \sum_{j=1}^{n_{k-1}} g(z_{k-1,j}) \, w_{j,i}^{(k)}

Read it aloud: neuron :math:`i` of layer :math:`k` takes what each neuron :math:`j` of the layer before answered,
:math:`g(z_{k-1,j})`, times the weight between the two, and adds its bias.
"""

import math

import matplotlib.pyplot as plt
import numpy as np

import nn

# %%
# The ``tf.keras.Sequential`` of the slide, here; without activations on the slide, which would make it one linear map.

n1, n2 = 5, 4
deep = nn.Sequential(
    nn.Dense(3, n1, "tanh", rng=0, dtype=float),
    nn.Dense(n1, n2, "tanh", rng=1, dtype=float),
    nn.Dense(n2, 2, rng=2, dtype=float),
)
x = np.array([0.5, -1.0, 2.0])

# %%
# The formula, with three loops and no array: layers k, neurons i, and the neurons j before them. The data take the
# place of :math:`g(z_{0,j})`.

answers = list(x)
for k, layer in enumerate(deep, start=1):
    w, w0 = layer.W.numpy(), layer.b.numpy()
    z = []
    for i in range(w.shape[1]):
        total = w0[i]
        for j in range(w.shape[0]):
            total += answers[j] * w[j, i]
        z.append(total)
    print(f"z_{k} = {np.round(z, 4)}")
    answers = [math.tanh(number) for number in z]  # g, for the layer that follows

by_model = deep.predict(x[None])[0]
print(f"the model: {np.round(by_model, 4)}, apart by {np.abs(z - by_model).max():.0e}")

# %%
# What is depth for? A wave of a wave: networks with about the same number of weights, one wide and two deep. Each layer
# can bend what the one before has bent. (In principle the wide one can do it, too; training does not get it there.)

t = np.linspace(-4, 4, 300)[:, None]
target = np.sin(4 * np.sin(t))
networks = {"1 hidden layer": (1, 100, 1), "2 hidden layers": (1, 16, 16, 1), "3 hidden layers": (1, 11, 11, 11, 1)}
figure, panels = plt.subplots(1, 3, num="depth", figsize=(10, 3.4), sharey=True)
errors = {}
for axes, (name, sizes) in zip(panels, networks.items()):
    model = nn.MLP(*sizes, activation="tanh", rng=0)
    nn.fit(
        model, t, target, loss="mse", optimizer=lambda p: nn.Adam(p, lr=0.02), epochs=300, batch_size=50,
        schedule=nn.CosineAnnealingLR(300), rng=0, progress=False,
    )  # fmt: skip
    errors[name] = np.sqrt(np.mean((model.predict(t) - target) ** 2))
    weights = sum(p.size for p in model.parameters())
    print(f"{name:16s}{weights:5d} weights   error {errors[name]:.4f}")
    axes.plot(t, target, color="0.75", linewidth=4, label="the function")
    axes.plot(t, model.predict(t), label="the network")
    axes.set(title=f"{name}: error {errors[name]:.3f}", xlabel="x")
panels[0].legend(loc="lower left", fontsize=8)
plt.show()

# %%
# **Try this.** Take the activations out of the three-layer network: ``activation="linear"``. What is left of the depth?
#
# .. dropdown:: Solution
#
#    Nothing: the answer is a straight line, whatever the depth. The next chapter shows why.
