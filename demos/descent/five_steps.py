r"""
The algorithm in five steps
===========================

The slide's five lines as lines of a function, which trains a network: and why the first one says "randomly".

1. Initialize weights randomly :math:`\sim \mathcal{N}(0, \sigma^2)`
2. Loop until convergence:
3. Compute gradient, :math:`\frac{\partial J(\mathbf{W})}{\partial \mathbf{W}}`
4. Update weights, :math:`\mathbf{W} \leftarrow \mathbf{W} - \eta \frac{\partial J(\mathbf{W})}{\partial \mathbf{W}}`
5. Return weights
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag
import nn


def descend(J, shapes, initial, lr=1.0, tolerance=0.002, most=2000):
    W = [ag.Tensor(initial(shape), requires_grad=True) for shape in shapes]  # 1
    costs = []
    for _ in range(most):  # 2
        cost = J(*W)
        gradient = ag.gradients(cost, W)  # 3
        costs.append(cost.item())
        if max(np.abs(g).max() for g in gradient) < tolerance:
            break
        for w, g in zip(W, gradient):
            w.data -= lr * g  # 4
    return W, costs  # 5


# %%
# "Until convergence" needs a rule. Here the loop ends when no derivative is larger than a tolerance: the ground is
# flat. And it ends after a number of steps in any case, for what one waits for need not come. The cost is that of a
# network with four hidden units, and the data is XOR. The algorithm knows nothing of either.

X, y = nn.data.xor()
y = y.reshape(-1, 1).astype(float)
shapes = [(2, 4), (4,), (4, 1), (1,)]


def output(W1, b1, W2, b2):
    return nn.sigmoid(np.tanh(X @ W1 + b1) @ W2 + b2)


# %%
# Now step 1. If all weights start at zero, all derivatives are zero as well: the ground is flat at once, and the
# network answers 1/2 to everything. If all are equal, the hidden units are equal, so are their derivatives, and they
# stay equal for ever: four units that do the work of one. Random numbers tell them apart.

rng = np.random.default_rng(0)
beginnings = {
    "zero": np.zeros,
    "equal": lambda shape: np.full(shape, 0.5),
    "random": lambda shape: rng.normal(0, 1.0, shape),
}
results = {}
print("weights  steps    cost   hidden units that differ   outputs, which should be 0, 1, 1, 0")
for name, initial in beginnings.items():
    W, costs = descend(lambda *W: nn.bce(output(*W), y), shapes, initial)
    units = len(np.unique(W[0].data.round(6), axis=1).T)
    results[name] = costs, units, output(*W).data.ravel()
    print(f"{name:6s}{len(costs):8d}{costs[-1]:8.4f}{units:27d}   {results[name][2].round(2)}")

figure, axes = plt.subplots(num="five_steps")
for name, (costs, *_) in results.items():
    axes.semilogx(range(1, len(costs) + 1), costs, "o-", markevery=[-1], label=f"{name} weights at first")
axes.set(title="The five steps on XOR, from three beginnings", xlabel="step", ylabel="cost", ylim=(0, None))
axes.legend()
plt.show()

# %%
# **Try this.** Make the random weights small, ``rng.normal(0, 0.01, shape)``. Why does it stop, and what helps?
#
# .. dropdown:: Solution
#
#    Near zero the ground is flat as well: a saddle, and the loop believes that it has arrived. With ``tolerance=1e-7``
#    it has not left yet after 2000 steps. Larger numbers help, so layers choose their sigma with care: see ``nn.init``.
