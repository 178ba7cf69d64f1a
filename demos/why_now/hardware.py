r"""
Many products at once
=====================

How the time of a step grows with the width of the network, and where the matrix product takes over.

.. math:: Z = X W, \qquad Z_{s,i} = \sum_{j=1}^{n} X_{s,j} W_{j,i}

A layer with :math:`n` inputs and :math:`n` units needs :math:`n^2` products for each sample, all of which may be
computed at once. A graphics processor has thousands of units that do so. A plain processor has a few, and a library
that keeps them busy, BLAS, which NumPy calls for ``X @ W``.
"""

import timeit

import matplotlib.pyplot as plt
import numpy as np

import nn

batch = 32


def seconds(step):
    """The best of fifty runs: what disturbs a run makes it slower, never faster."""
    return min(timeit.repeat(step, number=1, repeat=50))


# %%
# One network, :math:`n \to n \to n`, made in two ways: of single numbers (``nn.scalar``: every weight is a Python
# object) and of arrays. A step is the same for both: forward, backward, and no update.


def of_numbers(n):
    model = nn.scalar.MLP(n, [n, n], rng=0)
    rows = [[0.1] * n] * batch
    return lambda: sum(sum(y * y for y in (model(row) if n > 1 else [model(row)])) for row in rows).backward()


def of_arrays(n):
    model = nn.MLP(n, n, n, rng=0)
    X = np.full((batch, n), 0.1, np.float32)
    return lambda: np.sum(model(X) ** 2).backward()


widths = [2**k for k in range(11)]
arrays = np.array([seconds(of_arrays(n)) for n in widths])
numbers = np.array([seconds(of_numbers(n)) for n in widths[:5]])

# %%
# A step of a layer is three products of matrices (forward, and backward to inputs and weights), each with :math:`n^2`
# multiplications and as many additions for every sample. The first layer needs no gradient by its inputs, so these two
# layers are five products, :math:`10 n^2` operations for each sample.

rate = 10 * np.square(widths) * batch / arrays / 1e9
print(" width    numbers     arrays   operations per second, arrays")
for k, n in enumerate(widths):
    slow = f"{numbers[k] * 1e3:8.2f} ms" if k < len(numbers) else " " * 11
    print(f"{n:6d}{slow}{arrays[k] * 1e3:8.2f} ms{rate[k]:12.3f} billion")
print(f"at width {widths[4]} arrays are {numbers[4] / arrays[4]:.0f} times as fast")

# %%
# Up to a width of some tens a step of arrays costs nearly always the same: the time goes into Python calling NumPy.
# Then BLAS takes over, and it grows with the :math:`n^2` products, for which single numbers pay from the beginning.

figure, (left, right) = plt.subplots(1, 2, num="width", figsize=(9.5, 4))
left.loglog(widths[:5], numbers * 1e3, "o-", color="C1", label="single numbers")
left.loglog(widths, arrays * 1e3, "o-", color="C0", label="arrays")
left.loglog(widths[6:], arrays[-1] * 1e3 * (np.array(widths[6:]) / widths[-1]) ** 2, "--", color="0.5", label="$n^2$")
left.set(title="Time of a training step", xlabel="width n", ylabel="milliseconds")
left.legend()
right.loglog(widths, rate, "o-", color="C0")
right.set(title="What the processor does meanwhile", xlabel="width n", ylabel="billion operations per second")
plt.show()

# %%
# **Try this.** Set ``batch = 1``. Which widths are hurt?
#
# .. dropdown:: Solution
#
#    All of them. A small network takes nearly the time that it took for 32 samples, so 31 of them came free. A large
#    one must still read every weight from memory, which takes longer than multiplying: at width 1024 one sample costs a
#    third of what 32 cost, or more. So networks learn in batches, and graphics processors like large ones.
