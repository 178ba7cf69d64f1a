r"""
A network is composed functions
===============================

Six functions, one inside the other, each with coefficients of its own, and each maps one layer to the next.

.. math:: z_1 = W_1 x + b_1 \quad a_1 = \text{relu}(z_1) \quad z_2 = W_2 a_1 + b_2 \quad a_2 = \text{relu}(z_2) \quad
   z_3 = W_3 a_2 + b_3 \quad a_3 = \text{sigmoid}(z_3)

On the slide ``x`` is a column, and ``W`` has a row for each unit. In ``nn`` samples are rows, ``x @ W + b``, and ``W``
has a column for each unit: the same numbers, transposed.
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag
import nn

# %%
# A network learns to tell the inner of two circles from the outer one: its weights are for the slide's six functions.

X, y = nn.data.circles(n=100, rng=0)
model = nn.MLP(2, 6, 6, 1, activation="relu", rng=2)
adam = nn.Adam(model.parameters(), lr=0.02)
nn.fit(model, X, y[:, None], loss="bce_with_logits", epochs=150, optimizer=adam, rng=0, progress=False)
W1, b1, W2, b2, W3, b3 = (np.atleast_2d(p.data).T for p in model.parameters())


def z1(x):
    return W1 @ x + b1


def z2(a):
    return W2 @ a + b2


def z3(a):
    return W3 @ a + b3


relu, sigmoid = nn.relu, ag.sigmoid
a3 = sigmoid(z3(relu(z2(relu(z1(X.T))))))
print("shapes:  x", X.T.shape, " W1", W1.shape, " W2", W2.shape, " W3", W3.shape, " a3", a3.shape)
print("accuracy of the six functions:", np.mean((a3[0] > 0.5) == y))
print("largest difference from nn:   ", f"{np.abs(a3[0] - ag.sigmoid(model.predict(X))[:, 0]).max():.1e}")

# %%
# What each of them makes of the plane, for one unit of each layer. A ``z`` is flat, or has the folds of the layers
# before it; ``relu`` cuts off what is below zero, which makes a new fold; the last one is a hill with a flat top.
# The line is where the unit begins to be more than zero, and in the last picture where the answer is one half.

grid = np.linspace(-1.5, 1.5, 121)
plane = np.stack(np.meshgrid(grid, grid)).reshape(2, -1)
steps, value = {}, plane
for name, function in {"z1": z1, "a1": relu, "z2": z2, "a2": relu, "z3": z3, "a3": sigmoid}.items():
    value = steps[name] = function(value)
unit = {"1": np.argmax(np.var(steps["a1"], axis=1)), "2": np.argmax(np.var(steps["a2"], axis=1)), "3": 0}
figure, axes = plt.subplots(2, 3, num="composed", sharex=True, sharey=True, figsize=(7.4, 5))
for panel, (name, value) in zip(axes.T.flat, steps.items()):
    row = value[unit[name[1]]].reshape(121, 121)
    panel.contourf(grid, grid, row, levels=12, cmap="cividis")
    panel.contour(grid, grid, row, levels=[0.5 if name == "a3" else 0.02], colors="white", linewidths=1)
    panel.set(title=f"{name}, unit {unit[name[1]] + 1}", aspect="equal", xlabel="x1", ylabel="x2")
plt.show()

# %%
# The same as a graph: each function is a node, which remembers the call that made it. The way back needs this.

a = ag.Tensor(X[:1].T, name="x")
W = [ag.Tensor(w, requires_grad=True, name=f"W{k}") for k, w in enumerate((W1, W2, W3), 1)]
b = [ag.Tensor(w, requires_grad=True, name=f"b{k}") for k, w in enumerate((b1, b2, b3), 1)]
for k, g in enumerate((lambda z: np.maximum(z, 0), lambda z: np.maximum(z, 0), ag.sigmoid)):
    z = W[k] @ a + b[k]
    a = g(z)
    z.name, a.name = f"z{k + 1}", f"a{k + 1}"
ag.draw(a, gradients=False, values=False, direction="TB").save("composed.svg")

# %%
# **Try this.** Replace both ``relu`` by ``lambda z: z``. What do the pictures show, and what is the accuracy?
#
# .. dropdown:: Solution
#
#    All pictures but the last are flat slopes, and the last one is a step along a straight line: without the bends
#    the six functions are one, :math:`\sigma(W x + b)`. The accuracy falls to about one half, which is guessing.
