r"""
Learning from a stream
======================

One example in memory at a time, from a source that never ends, and that changes: SGD goes along with it.

Two of the slides' three advantages: SGD is light, *it is enough to load one example at a time*, and it is dynamic: *to
update the model with new data, one can take a step on these data alone*.
"""

import tracemalloc
from collections import deque

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag

# %%
# The source is a generator, which gives an example and forgets it. After 2000 examples the world changes, and with it
# the weights that would be right. The model sees each example once. First it predicts, so that the error is an honest
# one, of an example it has not learned yet. Then it takes its step.


def stream(n):
    rng = np.random.default_rng(0)
    for t in range(n):
        truth = np.array([2.0, -1.0]) if t < 2000 else np.array([-1.0, 1.0])
        x = rng.normal(size=2)
        yield x, truth @ x + rng.normal(0, 0.3), truth


def learn(examples, lr=0.03):
    w = ag.Tensor(np.zeros(2), requires_grad=True)
    for x, y, truth in examples:
        error = w @ x - y
        (gradient,) = ag.gradients(error**2 / 2, [w])
        w.data -= lr * gradient
        yield error.item(), w.data.copy(), truth


errors, weights, truths = map(np.array, zip(*learn(stream(4000))))
print("examples          rms error   weights at the end")
for first in (0, 200, 1800, 2000, 2200, 3800):
    part = slice(first, first + 200)
    print(f"{first:4d} to {first + 200:4d}{np.sqrt(np.mean(errors[part] ** 2)):15.3f}   {weights[part][-1].round(2)}")

# %%
# How much memory does it take? The same learner on streams of different lengths, of which nothing is kept, beside a
# list of all examples, which the methods with the whole data need.


def peak(examples, kept):
    tracemalloc.start()
    deque(examples, maxlen=kept)  # runs through all of them
    size = tracemalloc.get_traced_memory()[1] / 1024
    tracemalloc.stop()
    return size


lengths = (125, 250, 500, 1000)
light, heavy = [peak(learn(stream(n)), kept=0) for n in lengths], [peak(stream(n), kept=None) for n in lengths]
for n, a, b in zip(lengths, light, heavy):
    print(f"{n:5d} examples: one at a time {a:6.1f} KiB, all of them {b:6.1f} KiB")

figure, (left, right) = plt.subplots(1, 2, num="stream", figsize=(9.5, 4))
for k in (0, 1):
    left.plot(weights[:, k], color=f"C{k}", lw=1, label=f"w{k + 1}")
    left.plot(truths[:, k], "--", color="0.3", label="the right weights" if k else None)
left.set(title="SGD follows a world that changes", xlabel="example", ylabel="weights")
left.legend()
right.plot(lengths, heavy, "o-", color="C4", label="all examples in memory")
right.plot(lengths, light, "o-", color="C2", label="one at a time")
right.set(title="Memory", xlabel="examples in the stream", ylabel="KiB at the most", ylim=(0, None))
right.legend()
plt.show()

# %%
# **Try this.** Use ``lr=0.003``, then 0.3. What is gained and lost?
#
# .. dropdown:: Solution
#
#    With 0.003 the weights hardly tremble, but in the second 200 examples after the change the error is still 1.6, and
#    was 0.31. With 0.3 it is there at once and stays at about 0.37. The rate says how long the model remembers.
