r"""
Deep residual network
=====================

Thirty layers learn digits by plain descent if each only adds to what it got; without that path they do not.

:Cells: 1 input, 8 hidden with skips, 1 output
:Paper: He, Zhang, Ren and Sun, "Deep residual learning for image recognition", CVPR 2016
:Learned: all weights, by the gradient of the cross-entropy
:Criterion: with skips at least 92 % right; without, by the same descent, below 75 %; at five layers above 85 %

.. math:: a_k = a_{k-1} + g(W_k a_{k-1} + b_k)

On the way back the gradient finds a path through the sum that no weight scales: it arrives at the first layer.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

import autograd as ag
import nn

data = load_digits()
X, X_fresh, y, y_fresh = nn.data.split(data.data / 16, data.target, test=0.3, stratify=True, rng=0)


def network(depth, skips, rng):
    layers = [nn.Dense(32, 32, "tanh", rng=rng) for _ in range(depth)]
    hidden = [nn.Residual(layer) if skips else layer for layer in layers]
    return nn.Sequential(nn.Dense(64, 32, rng=rng), *hidden, nn.Dense(32, 10, rng=rng))


def slopes(model):
    """How strong the gradient is at each layer, before anything is learned."""
    loss = nn.cross_entropy(model(X[:200]), y[:200])
    weights = [p for name, p in model.named_parameters() if name.endswith("W")][1:-1]
    return [np.linalg.norm(g) for g in ag.gradients(loss, weights)]


def learned(depth, skips, descent):
    """A network, its slopes before, and how much of the held-out digits is right after twenty epochs."""
    rng = np.random.default_rng(0)
    model = network(depth, skips, rng)
    before = slopes(model)
    nn.fit(model, X, y, loss="cross_entropy", optimizer=descent, epochs=20, batch_size=32, rng=rng, progress=False)
    return model, before, np.mean(model.predict(X_fresh).argmax(axis=1) == y_fresh)


models, strength, right = {}, {}, {}
for depth in (5, 30):
    for skips in (True, False):
        each = depth, skips
        models[each], strength[each], right[each] = learned(depth, skips, lambda p: nn.SGD(p, lr=0.02))
        print(f"{depth:2d} layers, {'with' if skips else 'without'} skips: {right[depth, skips]:.1%} right")

# %%
# A larger rate does not help the plain layers. Adam, which scales each slope by its size, does: they come near.

for name, descent in (("descent, rate 0.1", lambda p: nn.SGD(p, lr=0.1)), ("Adam", lambda p: nn.Adam(p, lr=0.001))):
    model, _, right[name] = learned(30, False, descent)
    print(f"30 layers without skips, {name}: {right[name]:.1%} right")
print(f"result: 30 layers {right[30, True]:.1%}, without skips {right[30, False]:.1%}; "
      f"5 layers {right[5, True]:.1%} and {right[5, False]:.1%}; by Adam, without {right['Adam']:.1%}")  # fmt: skip

# %%
# Before anything is learned: without skips the digits come out of the last layer nearly alike, as each layer shrinks
# what tells them apart, and the slopes are a hundred times smaller at the layers next to the input.

figure, axes = plt.subplots(num="deep_residual")
axes.semilogy(range(1, 31), strength[30, True], label="with skips")
axes.semilogy(range(1, 31), strength[30, False], "--", label="without")
axes.set(title="The gradient at each of thirty layers", xlabel="layer, from the input", ylabel="norm of the gradient")
axes.legend()
plt.show()

# %%
# The cells of the thirty layers, for one digit; arcs are what is added past a layer.

ag.draw(models[30, True], X_fresh[0]).save("deep_residual-cells.svg")
