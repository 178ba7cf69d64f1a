r"""
Gated recurrent unit
====================

The addition of two far numbers once more: two gates and no separate cell do what the LSTM does, with fewer weights.

:Cells: 3 inputs, 3 + 3 different memory, 3 outputs
:Paper: Cho et al., "Learning phrase representations using RNN encoder-decoder", EMNLP 2014
:Learned: all weights, by the gradient through time
:Criterion: mean squared error below 0.01, with about 3/4 of an LSTM's weights; a plain recurrent network above 0.1

One gate says how much of the memory is new, another how much of the old one counts for the proposal:

.. math:: h_t = (1 - z_t)\, n_t + z_t \, h_{t-1}, \qquad n_t = \tanh(W x_t + r_t \, U h_{t-1})
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


curves, errors, models, sizes = {}, {}, {}, {}
for kind in (nn.GRU, nn.RNN):
    name = kind.__name__
    curves[name], errors[name], models[name] = trained(kind, 600)
    print(f"{name:5s}error {errors[name]:.4f}")
for kind in (nn.RNN, nn.GRU, nn.LSTM):
    sizes[kind.__name__] = sum(p.size for p in kind(2, 32, rng=0).parameters())
print("weights:", sizes)
share = sizes["GRU"] / sizes["LSTM"]
gru, rnn = errors.values()
x, y = additions(1000, np.random.default_rng(1))
lazy = np.mean((y - 1) ** 2)
print(f"result: GRU {gru:.4f}, {share:.2f} of an LSTM's weights; RNN {rnn:.3f}, guessing {lazy:.3f}")

figure, axes = plt.subplots(num="gated_recurrent_unit")
for (name, losses), style in zip(curves.items(), ("-", "--")):
    smooth = np.convolve(losses, np.ones(25) / 25, "valid")
    axes.semilogy(smooth, style, label=name)
axes.set(title="The addition problem again", xlabel="step", ylabel="mean squared error")
axes.legend()
plt.show()

# %%
# Its cells at the end of a list.

ag.draw(models["GRU"], x[0]).save("gated_recurrent_unit-cells.svg")
