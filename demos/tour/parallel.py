r"""
Several processes
=================

One network, trained by as many processes as there are; its numbers are the same, to the last bit, for any of them.

Alone it is one process. ``mpiexec -n 2 python -m demos parallel`` starts two, and each runs this whole program.
"""

import zlib

import matplotlib.pyplot as plt
import numpy as np

import nn

try:
    from mpi4py import MPI
except ImportError:  # it comes with chainrule[mpi]
    comm, rank, size = None, 0, 1
else:
    comm, rank, size = MPI.COMM_WORLD, MPI.COMM_WORLD.rank, MPI.COMM_WORLD.size

rng = np.random.default_rng(0)
X, y = nn.data.spirals(arms=3, n=200, rng=rng)

# %%
# Each batch of 120 is cut into 8 chunks of 15 points, whatever the number of processes. Each process computes the
# gradients of its chunks. They are summed in a fixed order, and all make the same step. ``BatchNorm1d`` needs the mean
# of the whole batch: there the chunks wait for each other.

model = nn.Sequential(
    nn.Dense(2, 64, rng=rng),
    nn.BatchNorm1d(64),
    nn.ReLU(),
    nn.Dropout(0.1, rng=rng),
    nn.Dense(64, 3, rng=rng),
)
history = nn.fit(
    model, X, y, loss="cross_entropy", optimizer=lambda parameters: nn.Adam(parameters, lr=0.05), epochs=25,
    batch_size=120, metrics="accuracy", rng=rng, progress=False, comm=comm, chunks=8,
)  # fmt: skip

fingerprint = zlib.crc32(b"".join(p.numpy().tobytes() for p in model.parameters()))
accuracy = nn.accuracy(nn.softmax(model.predict(X)), y)
if rank == 0:
    print(f"ranks     {size}")
    print(f"loss      {history['loss'][0]:.3f} -> {history['loss'][-1]:.4f}, {accuracy:.1%} right")
    print(f"fingerprint of all parameters: {fingerprint:08x}")

# %%
# Every process has the model and the history. One of them draws: the points of a batch in eight colours, one for each
# chunk, and what was learned.

if rank == 0:
    figure, (left, right) = plt.subplots(1, 2, num="parallel", figsize=(9, 3.8))
    batch = rng.permutation(len(X))[:120]
    left.scatter(*X[batch].T, c=np.arange(120) // 15, cmap="tab10")
    left.set_title("A batch: each colour is a chunk")
    nn.plot_regions(model, X, y, ax=right)
    right.set_title(f"{accuracy:.1%} right, with any number of processes")
    plt.show()

# %%
# **Try this.** Start it with 1, 2, 3, 4 and 8 processes and compare the fingerprints. Then say ``chunks=16``.
#
# .. dropdown:: Solution
#
#    The five are equal. With 16 chunks there is another fingerprint, and the same one again for each number of
#    processes: the order of the sum belongs to the chunks, not to who computes them.
