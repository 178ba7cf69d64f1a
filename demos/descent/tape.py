r"""
The tape loop
=============

The loop of the slide, which records a loss and walks against its gradient: as it stands there, and what it costs.

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
lr, start = 0.3, rng.normal()


def compute_loss(w):
    return np.mean((w * x - y) ** 2)


def nodes(node):
    """How many tensors a graph has: the node, what it was computed from, what that was computed from ..."""
    seen, todo = set(), [node]
    while todo:
        node = todo.pop()
        if isinstance(node, ag.Tensor) and node not in seen:
            seen.add(node)
            todo.extend(node.args)
    return len(seen)


# %%
# The slide, with ``while True``, which would never end, cut short. ``ag.gradients`` answers what ``g.gradient`` answers
# there (and would answer after the block as well): the gradient, without storing it anywhere.

weights = ag.Tensor(start, requires_grad=True)
path, grown = [], []
for _ in range(30):
    loss = compute_loss(weights)
    (gradient,) = ag.gradients(loss, [weights])
    path.append((weights.item(), loss.item()))
    grown.append(nodes(loss))
    weights = weights - lr * gradient
    if len(path) == 4:
        ag.draw(loss).save("graph.svg")
print(f"as written  w goes from {path[0][0]:.3f} to {weights.item():.6f}")
print(f"the graph of the loss has {grown[0]} nodes in the first turn, {grown[-1]} in the thirtieth")

# %%
# It works. But ``weights - lr * gradient`` is a computation like every other, so the new weights remember the old ones,
# and they the ones before: each turn adds a node and takes a little longer, and none can be freed. The picture is the
# loss of the fourth turn, with all that it hangs on. (In TensorFlow the second turn fails: what a subtraction gives is
# no variable, the tape does not watch it, and its gradient is ``None``.) What to write instead changes the number *in*
# the leaf: here ``weights.data -= lr * gradient``, in TensorFlow ``weights.assign_sub(lr * gradient)``. And the loop
# gets an end: a slope that is nearly zero, or else 200 turns.

weights, constant = ag.Tensor(start, requires_grad=True), []
for _ in range(200):
    loss = compute_loss(weights)
    (gradient,) = ag.gradients(loss, [weights])
    constant.append(nodes(loss))
    if abs(gradient) < 1e-6:
        break
    weights.data -= lr * gradient
print(f"mended      w goes from {start:.3f} to {weights.item():.6f}")
print(f"in all {len(constant)} turns the graph has {constant[-1]} nodes")

# %%
# This loss has its minimum where the derivative is zero: :math:`w = \sum xy / \sum x^2`.

best = np.sum(x * y) / np.sum(x * x)
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
#    The steps overshoot, each farther than the one before. The second derivative of this loss is
#    :math:`J'' = 2 \cdot \text{mean}(x^2)`, about 0.69, and a step is :math:`w - w^* \to (1 - \eta J'')(w - w^*)`: it
#    grows from :math:`\eta = 2 / J''`, about 2.9, on.
