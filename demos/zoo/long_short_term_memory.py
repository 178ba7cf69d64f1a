r"""
Long/short term memory
======================

Two marked numbers among fifty are to be added up at the end; the LSTM keeps the first, a plain network forgets it.

:Cells: 3 inputs, 3 + 3 memory, 3 outputs
:Paper: Hochreiter and Schmidhuber, Neural Computation 9, 1997; the forget gate: Gers, Schmidhuber and Cummins, 2000
:Learned: all weights, by the gradient through time
:Criterion: mean squared error below 0.01, where a plain recurrent network stays above 0.1 (guessing one: 0.167)

A cell :math:`c` is written and erased by gates, and otherwise kept as it is; so is the gradient on its way back:

.. math:: c_t = f_t \, c_{t-1} + i_t \, g_t, \qquad h_t = o_t \tanh(c_t)
"""

import matplotlib.pyplot as plt
import numpy as np

import autograd as ag
import nn

TIME = 50


def additions(n, rng):
    """Numbers and marks, (n, TIME, 2), and the sum of the two marked numbers, (n, 1)."""
    x = np.zeros((n, TIME, 2), np.float32)
    x[..., 0] = rng.random((n, TIME))
    first, second = rng.integers(0, TIME // 2, n), rng.integers(TIME // 2, TIME, n)
    rows = np.arange(n)
    x[rows, first, 1] = x[rows, second, 1] = 1
    return x, x[rows, first, :1] + x[rows, second, :1]


def trained(kind, steps):
    rng = np.random.default_rng(0)
    model = nn.Sequential(kind(2, 32, rng=rng), nn.Last(), nn.Dense(32, 1, rng=rng))
    optimizer = nn.Adam(model.parameters(), lr=0.01)

    @ag.compile
    def step(x, y):
        loss = nn.mse(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        nn.clip_grad_norm(model.parameters(), 1.0)
        optimizer.step()
        return loss

    losses = [step(*additions(32, rng)).item() for _ in range(steps)]
    x, y = additions(1000, np.random.default_rng(1))
    return losses, float(np.mean((model.predict(x) - y) ** 2)), model


curves, errors, models = {}, {}, {}
for kind in (nn.LSTM, nn.RNN):
    name = kind.__name__
    curves[name], errors[name], models[name] = trained(kind, 700)
    print(f"{name:5s} error {errors[name]:.4f}")
x, y = additions(1000, np.random.default_rng(1))
print(f"result: LSTM {errors['LSTM']:.4f}, RNN {errors['RNN']:.3f}, always answering 1 {np.mean((y - 1) ** 2):.3f}")

figure, axes = plt.subplots(num="long_short_term_memory")
for (name, losses), style in zip(curves.items(), ("-", "--")):
    smooth = np.convolve(losses, np.ones(25) / 25, "valid")
    axes.semilogy(smooth, style, label=name)
axes.axhline(np.mean((y - 1) ** 2), color="0.5", linestyle=":", label="always answering 1")
axes.set(title="Adding two numbers that stand far apart", xlabel="step", ylabel="mean squared error")
axes.legend()
plt.show()

# %%
# Its cells at the end of a list: what they hold is the sum.

ag.draw(models["LSTM"], x[0]).save("long_short_term_memory-cells.svg")
