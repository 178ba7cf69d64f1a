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

# The signal of Mackey and Glass: a blood cell count that feeds back with a delay of 17, chaotic. It drives the cells.
series = np.full(45_000, 1.2)
for t in range(170, len(series) - 1):
    late = series[t - 170]
    series[t + 1] = series[t] + 0.1 * (0.2 * late / (1 + late**10) - 0.1 * series[t])
u = np.tanh(series[5000::10] - 1)
rng, cells = np.random.default_rng(0), 400
W = rng.uniform(-0.5, 0.5, (cells, cells)) * (rng.random((cells, cells)) < 0.05)
W *= 0.95 / np.abs(np.linalg.eigvals(W)).max()
v, b = rng.uniform(-0.7, 0.7, cells), rng.uniform(-0.2, 0.2, cells)


def step(h, u):
    return np.tanh(W @ h + v * u + b)


def free(state, length):
    answers = []
    for _ in range(length):
        answers.append(w @ state)
        state = step(state, answers[-1])
    return np.array(answers)


H, other = (np.array(list(accumulate(u, step, initial=h)))[1:] for h in (np.zeros(cells), rng.normal(size=cells)))
first, forgotten = np.linalg.norm(H[[0, 2999]] - other[[0, 2999]], axis=1)
print(f"two start states: {first:.1f} apart after one step, {forgotten:.0e} after 3,000")

# The weights of the readout are where the gradient of the ridge loss vanishes, as the engine confirms.
seen, target = H[500:3000], u[501:3001]
w = np.linalg.solve(seen.T @ seen + 1e-8 * np.eye(cells), seen.T @ target)
slope = ag.grad(lambda w: np.sum((seen @ w - target) ** 2) + 1e-8 * np.sum(w**2))(w)
print(f"largest slope at the readout: {np.abs(slope).max():.0e}")

# %%
# Running free: what it answers is its next input. After 84 steps (the literature's measure) from 20 places. Is it more
# than a linear forecast? That baseline has as many weights, on the last 400 values, fitted to the same.

places = np.arange(3000, 3860, 43)
past = np.lib.stride_tricks.sliding_window_view(u, cells)  # row k: u[k] to u[k + 399]
A = past[: 2917 - cells]
a = np.linalg.solve(A.T @ A + 1e-4 * np.eye(cells), A.T @ u[cells + 83 : 3000])
forecasts = [free(H[t], 84)[-1] for t in places], past[places + 1 - cells] @ a, u[places]
error, straight, lazy = (np.sqrt(np.mean((each - u[places + 84]) ** 2)) / u.std() for each in forecasts)
found = f"error {error:.4f} at 84 steps, linear {straight:.2f}, repeating {lazy:.2f}"
print(f"result: {found}; start states {forgotten:.0e} apart")

figure, axes = plt.subplots(num="echo_state", figsize=(9, 3.4))
axes.plot(u[3001:3401], color="0.75", linewidth=4, label="the signal")
axes.plot(free(H[3000], 400), label="the network, running free")
axes.set(title="It goes on by itself for 400 steps", xlabel="step", ylabel="u", ylim=(-0.6, 0.5))
axes.legend(loc="upper right", ncols=2)
plt.show()

# %%
# Its cells, after they have heard fifty numbers.

echo = nn.Sequential(nn.RNN(1, cells), nn.Last(), nn.Dense(cells, 1, bias=False))
echo[0].cell.W_x, echo[0].cell.W_h, echo[0].cell.b, echo[2].W = v[None], W.T, b, w[:, None]
ag.draw(echo, u[:50, None]).save("echo_state-cells.svg")
