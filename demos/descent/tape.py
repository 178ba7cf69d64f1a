r"""
The tape loop
=============

The loop of the slide, which records a loss and walks against its gradient: as it stands there, and what it costs.

On the slide a ``tf.GradientTape`` records what is computed inside its block. Here every tensor remembers the call that
made it, so there is no tape to open: the loss itself knows the way back.
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag

rng = np.random.default_rng(0)
x = rng.uniform(-1, 1, 50)
y = 3 * x + rng.normal(0, 0.2, 50)
lr, start = 0.3, rng.normal()


def compute_loss(w):
    return np.mean((w * x - y) ** 2)


def nodes(node):
    """The tensors of a graph: the node, what it was computed from, what that was computed from ..."""
    found = (nodes(each) for each in node.args if isinstance(each, ag.Tensor))
    return {node}.union(*found)


# %%
# The slide, with its ``while True`` cut short. ``ag.gradients`` answers what ``g.gradient`` does: the gradient alone.

weights = ag.Tensor(start, requires_grad=True)
path, grown = [], []
for _ in range(30):
    loss = compute_loss(weights)
    (gradient,) = ag.gradients(loss, [weights])
    path.append((weights.item(), loss.item()))
    grown.append(len(nodes(loss)))
    weights = weights - lr * gradient
    if len(path) == 4:
        ag.draw(loss).save("graph.svg")
print(f"as written  w goes from {path[0][0]:.3f} to {weights.item():.6f}")
print(f"the graph of the loss has {grown[0]} nodes in the first turn, {grown[-1]} in the thirtieth")

# %%
# It works. But ``weights - lr * gradient`` is a computation like every other, so the new weights remember the old ones,
# and they the ones before: each turn adds a node, and none can be freed. The picture is the loss of the fourth turn.
# (In TensorFlow the second turn fails: the tape does not watch what a subtraction gives, its gradient is ``None``.)
# Instead one changes the number *in* the leaf: here ``weights.data -= lr * gradient``, in TensorFlow
# ``weights.assign_sub(lr * gradient)``. And the loop ends, where the slope is nearly zero, or else after 200 turns.

weights, constant = ag.Tensor(start, requires_grad=True), []
for _ in range(200):
    loss = compute_loss(weights)
    (gradient,) = ag.gradients(loss, [weights])
    constant.append(len(nodes(loss)))
    if abs(gradient) < 1e-6:
        break
    weights.data -= lr * gradient
print(f"mended      w goes from {start:.3f} to {weights.item():.6f}")
print(f"in all {len(constant)} turns the graph has {constant[-1]} nodes")
best = np.sum(x * y) / np.sum(x * x)  # where the derivative is zero
print(f"the minimum is at          {best:.6f}")
figure, (left, right) = plt.subplots(1, 2, num="tape", figsize=(9.5, 4))
grid = np.linspace(-1, 5, 200)
left.plot(grid, [compute_loss(w) for w in grid], color="0.6", label="J(w)")
left.plot(*np.transpose(path), "o-", label="the loop")
left.set(title="Thirty turns of the tape loop", xlabel="w", ylabel="J(w)")
left.legend()
right.plot(grown, "o-", color="C4", markersize=4, label="weights = weights - lr * gradient")
right.plot(constant[:30], "o-", color="C2", markersize=4, label="weights.data -= lr * gradient")
right.set(title="The graph of the loss", xlabel="turn", ylabel="nodes", ylim=(0, None))
right.legend()
plt.show()

# %%
# **Try this.** Set ``lr = 3.5``. What happens, and from which rate on?
#
# .. dropdown:: Solution
#
#    The steps overshoot, each farther than the one before. The second derivative :math:`J''` of this loss is about
#    0.69, and a step is :math:`w - w^* \to (1 - \eta J'')(w - w^*)`: it grows from :math:`\eta = 2 / J'' = 2.9` on.
