r"""
Echo state network
==================

Four hundred cells wired at random, never trained, echo a chaotic signal; a linear readout continues it by itself.

:Cells: input, recurrent (random wires), output
:Paper: Jaeger, "The echo state approach", GMD Report 148, 2001; Jaeger and Haas, Science 304, 2004
:Learned: the readout alone, by ridge regression
:Criterion: 84 steps ahead, running free: error below 5 % of the spread, a linear one above 30 %; the start is forgotten

.. math:: h_t = \tanh(W h_{t-1} + v\, u_t + b), \qquad \hat u_{t+1} = w^T h_t

What makes it work is that :math:`W` shrinks differences: scaled to the spectral radius 0.95, the state depends on what
came in lately, and no more on where it began.
"""

from itertools import accumulate

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag
import nn

# The signal of Mackey and Glass: a blood cell count that feeds back with a delay of 17, chaotic.
series = np.full(45_000, 1.2)
for t in range(170, len(series) - 1):
    late = series[t - 170]
    series[t + 1] = series[t] + 0.1 * (0.2 * late / (1 + late**10) - 0.1 * series[t])
u = np.tanh(series[5000::10] - 1)

# The reservoir, driven by the signal.
rng, cells = np.random.default_rng(0), 400
W = rng.uniform(-0.5, 0.5, (cells, cells)) * (rng.random((cells, cells)) < 0.05)
W *= 0.95 / np.abs(np.linalg.eigvals(W)).max()
v, b = rng.uniform(-0.7, 0.7, cells), rng.uniform(-0.2, 0.2, cells)


def step(h, u):
    return np.tanh(W @ h + v * u + b)


def driven(h, signal):
    return np.array(list(accumulate(signal, step, initial=h)))[1:]


H = driven(np.zeros(cells), u[:3000])
other = driven(rng.normal(size=cells), u[:3000])
forgotten = np.linalg.norm(H[-1] - other[-1])
print(f"two start states: {np.linalg.norm(H[0] - other[0]):.1f} apart after one step, {forgotten:.0e} after 3,000")

# %%
# The readout. Its weights are where the gradient of the ridge loss vanishes, as the engine confirms.

H, target = H[500:], u[501:3001]
w = np.linalg.solve(H.T @ H + 1e-8 * np.eye(cells), H.T @ target)
slope = ag.grad(lambda w: np.sum((H @ w - target) ** 2) + 1e-8 * np.sum(w**2))(w)
print(f"largest slope at the readout: {np.abs(slope).max():.0e}")

# %%
# Running free: what it answers is its next input. After 84 steps (the literature's measure) from 20 places:


def free(state, length):
    answers = []
    for _ in range(length):
        answers.append(w @ state)
        state = step(state, answers[-1])
    return np.array(answers)


test = driven(H[-1], u[3000:3960])
ahead = [(free(test[i], 84)[-1], u[3000 + i + 84]) for i in range(0, 860, 43)]
found, truth = np.transpose(ahead)
error = np.sqrt(np.mean((found - truth) ** 2)) / u.std()
lazy = np.sqrt(np.mean((u[3000 : 3000 + 860 : 43] - truth) ** 2)) / u.std()
print(f"84 steps ahead: error {error:.4f} of the spread; who repeats the last value has {lazy:.2f}")

# %%
# Is it more than a linear forecast? The baseline has as many weights, on the last 400 values, fitted to the same.

past = np.lib.stride_tricks.sliding_window_view(u, cells)  # row k: u[k] to u[k + 399]
A, later = past[: 2917 - cells], u[cells + 83 : 3000]
a = np.linalg.solve(A.T @ A + 1e-4 * np.eye(cells), A.T @ later)
straight = np.sqrt(np.mean((past[3001 - cells : 3861 - cells : 43] @ a - truth) ** 2)) / u.std()
print(f"result: error {error:.4f} at 84 steps, linear {straight:.2f}, repeating {lazy:.2f}; "
      f"start states {forgotten:.0e} apart")  # fmt: skip

figure, axes = plt.subplots(num="echo_state", figsize=(9, 3.4))
axes.plot(u[3001:3401], color="0.75", linewidth=4, label="the signal")
axes.plot(free(test[0], 400), label="the network, running free")
axes.set(title="It goes on by itself for 400 steps", xlabel="step", ylabel="u", ylim=(-0.6, 0.5))
axes.legend(loc="upper right", ncols=2)
plt.show()

# %%
# Its cells, after they have heard fifty numbers.

echo = nn.Sequential(nn.RNN(1, cells), nn.Last(), nn.Dense(cells, 1, bias=False))
echo[0].cell.W_x, echo[0].cell.W_h, echo[0].cell.b, echo[2].W = v[None], W.T, b, w[:, None]
ag.draw(echo, u[:50, None]).save("echo_state-cells.svg")
