r"""
The tape loop
=============

The loop of the slide, which records a loss and walks against its gradient, line by line as it stands there.

.. math:: w \leftarrow w - \eta \, \frac{\partial J(w)}{\partial w}

On the slide a ``tf.GradientTape`` records what is computed inside its block. Here every tensor remembers the call that
made it, so there is no tape to open: the loss itself knows the way back.
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag

rng = np.random.default_rng(0)
x = rng.uniform(-1, 1, 50)
y = 3 * x + rng.normal(0, 0.2, 50)


def compute_loss(w):
    return np.mean((w * x - y) ** 2)


# %%
# The slide, with ``while True`` cut short. ``ag.gradients`` answers what ``g.gradient`` answers there: the gradient,
# without storing it anywhere.

weights = ag.Tensor(rng.normal(), requires_grad=True)
lr, path = 0.3, []

for _ in range(30):
    loss = compute_loss(weights)
    (gradient,) = ag.gradients(loss, [weights])
    path.append((weights.item(), loss.item()))
    weights = ag.Tensor(weights.data - lr * gradient, requires_grad=True)

print(f"w goes from {path[0][0]:.3f} to {weights.item():.4f}")

# %%
# This loss has its minimum where the derivative is zero: :math:`w = \sum xy / \sum x^2`.

best = np.sum(x * y) / np.sum(x * x)
print(f"the minimum is at   {best:.4f}")

figure, axes = plt.subplots(num="tape")
grid = np.linspace(-1, 5, 200)
axes.plot(grid, [compute_loss(w) for w in grid], color="0.6", label="J(w)")
axes.plot(*np.transpose(path), "o-", label="the loop")
axes.set(title="Thirty steps of the tape loop", xlabel="w", ylabel="J(w)")
axes.legend()
plt.show()

# %%
# **Try this.** Set ``lr = 3.5``. What happens, and from which rate on?
#
# .. dropdown:: Solution
#
#    The steps overshoot, each farther than the one before. The second derivative of this loss is
#    :math:`J'' = 2 \cdot \text{mean}(x^2)`, about 0.69, and a step is :math:`w - w^* \to (1 - \eta J'')(w - w^*)`: it
#    grows from :math:`\eta = 2 / J''`, about 2.9, on.
