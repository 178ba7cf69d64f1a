r"""
Data larger than memory
=======================

A pass over a file of any size needs the memory of one batch: here it is measured.

A step of stochastic gradient descent looks at one batch :math:`B`; what is not in it may stay on the disk. ImageNet's
1,281,167 photographs of 224 x 224 pixels in three colours are 193 GB; a batch of 256 of them is 39 MB.
"""

import tracemalloc
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import nn

rng, file = np.random.default_rng(0), Path("measurements.npy")
features, size = 99, 500
truth = rng.normal(size=features)

# %%
# The data are written piece by piece, so that the writing does not need the memory either. Each row has 99 numbers, and
# a last one to predict. There are two ways to read them. ``whole`` loads the file and then goes through it. ``mapped``
# opens it with ``mmap_mode="r"``: the array is there, its numbers are not, until a batch asks for them.

whole, mapped = None, "r"  # two modes of np.load


def write(rows):
    data = np.lib.format.open_memmap(file, mode="w+", dtype=np.float32, shape=(rows, features + 1))
    for start in range(0, rows, 10_000):
        part = data[start : start + 10_000]
        part[:, :-1] = rng.standard_normal((len(part), features), dtype=np.float32)
        part[:, -1] = part[:, :-1] @ truth + rng.normal(0, 0.1, len(part))


def epoch(data):
    model = nn.Dense(features, 1, rng=0)
    optimizer = nn.SGD(model.parameters(), lr=0.1)
    for start in range(0, len(data), size):
        batch = data[start : start + size]
        optimizer.minimize(nn.mse(model(batch[:, :-1]), batch[:, -1:]))
    return model.W.data[:, 0]


# %%
# ``tracemalloc`` counts what Python and NumPy allocate, and remembers the peak. One epoch each, over larger and larger
# files: the mapped one costs the same at every size. (The operating system keeps pages of the file in memory that no
# one else needs, and gives them up when someone does: they are not ours, and not counted.)

megabytes, peaks = [], {whole: [], mapped: []}
epoch(np.zeros((size, features + 1), np.float32))  # once before, so that what is made only once is not counted
for rows in (2_000, 10_000, 50_000, 200_000):
    write(rows)
    megabytes.append(file.stat().st_size / 1e6)
    for mode in peaks:
        tracemalloc.start()
        w = epoch(np.load(file, mmap_mode=mode))
        peaks[mode].append(tracemalloc.get_traced_memory()[1] / 1e6)
        tracemalloc.stop()
    print(f"file {megabytes[-1]:5.1f} MB   peak: whole {peaks[whole][-1]:5.1f} MB   mapped {peaks[mapped][-1]:.1f} MB")
file.unlink()
print(f"the weights are found to {np.abs(w - truth).max():.3f}")

figure, axes = plt.subplots(num="memory")
axes.loglog(megabytes, peaks[whole], "o-", label="the whole file is loaded")
axes.loglog(megabytes, peaks[mapped], "o-", label="the file is mapped, batches of 500 rows")
axes.set(title="Memory of one epoch", xlabel="size of the file in MB", ylabel="peak in MB")
axes.legend()
plt.show()

# %%
# **Try this.** Take the rows in a random order, as ``nn.data.batches`` does by itself: in ``epoch``,
# ``for batch in nn.data.batches(data, None, size, rng=0):``. Is the memory still constant?
#
# .. dropdown:: Solution
#
#    Not quite. The order is a list of all row numbers, 8 bytes each, 1.6 MB for the largest file. It grows with the
#    number of rows, though not with their length: for ImageNet it is 10 MB, beside 193 GB.
