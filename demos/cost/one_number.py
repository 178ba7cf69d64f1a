r"""
Many errors, one number
=======================

A cost function makes a single real number of all the errors of a network, and this is how it is made.

The slides write :math:`C(W, B, S^r, E^r)` for the cost of one training sample: with the weights :math:`W` and the
biases :math:`B`, the input :math:`S^r` gives some output, and the desired one is :math:`E^r`. The cost of the network
is the average over the :math:`n` samples:

.. math:: C(W, B) = \frac{1}{n} \sum_{r=1}^{n} C(W, B, S^r, E^r)
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag

rng = np.random.default_rng(0)
S = rng.uniform(-2, 2, 8)
E = 1.5 * S + 1 + rng.normal(0, 0.6, 8)
W = ag.Tensor(1.0, requires_grad=True, name="W")
B = ag.Tensor(0.5, requires_grad=True, name="B")


def cost_of_one(W, B, s, e):
    return (W * s + B - e) ** 2


# %%
# The sign of an error says on which side the output is wrong. If one just adds the errors up, both sides cancel each
# other, and a bad network looks good. So each error is made positive first: here it is squared.

errors = W.data * S + B.data - E
costs = [cost_of_one(W, B, s, e) for s, e in zip(S, E)]
print("input  desired  output   error    cost")
for s, e, error, cost in zip(S, E, errors, costs):
    print(f"{s:5.2f}{e:9.2f}{e + error:8.2f}{error:8.2f}{cost.item():8.3f}")
C = sum(costs) / len(costs)
print(f"mean of the errors {np.mean(errors):.3f}, mean of the costs {C.item():.3f}")

# %%
# It is an average, and no sum, so that it does not depend on how many samples there are: the same samples twice are
# twice the sum, and the same average.

twice = [cost_of_one(W, B, s, e).item() for s, e in zip([*S, *S], [*E, *E])]
print(f"sum      once {sum(costs).item():.3f}, twice {sum(twice):.3f}")
print(f"average  once {C.item():.3f}, twice {np.mean(twice):.3f}")

# %%
# One number can be differentiated by every weight. The derivative of an average is the average of the derivatives, so
# each sample has its say in where the weights should go: it pulls against the sign of its own derivative.

whole = ag.gradients(C, [W, B])
each = np.array([ag.gradients(cost, [W, B]) for cost in costs])
print("gradient of the average", np.round(whole, 4))
print("average of the gradients", np.round(each.mean(axis=0), 4))

figure, (left, right) = plt.subplots(1, 2, num="one_number", figsize=(9.5, 4))
line = np.array([-2.2, 2.2])
left.plot(line, W.data * line + B.data, color="C0", label="output")
left.plot(S, E, "o", color="C1", label="desired output")
left.vlines(S, E, E + errors, color="C4", label="error")
left.set(title="Eight errors", xlabel="input S", ylabel="output")
left.legend()
order = np.argsort(S)
right.bar(range(1, 9), [costs[r].item() for r in order], color="C4", label="cost of one sample")
right.axhline(C.item(), color="C0", label="their average: the cost")
right.set(title="One number", xlabel="sample, from left to right", ylabel="cost")
right.legend()
plt.show()

# %%
# **Try this.** Measure the distance instead, ``abs(W * s + B - e)``. Which sample pulls hardest at ``W``?
#
# .. dropdown:: Solution
#
#    The one whose S is farthest from zero, whatever its error: the derivative of a distance is 1 or -1 times S. With
#    squares it is 2 times the error times S, so large errors pull harder: see *Three costs, and large errors*.
