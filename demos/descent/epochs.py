r"""
Why several epochs
==================

An epoch is one pass of the entire data set: what the network knows after one of them, after ten, and after hundreds.

.. math:: \text{steps in an epoch} = \left\lceil \frac{n}{\text{batch size}} \right\rceil

In an epoch every example goes forward and backward once. Each step of stochastic gradient descent moves the weights by
a little, and one pass has few steps: so one pass is not enough.
"""

import matplotlib.pyplot as plt
import numpy as np

import nn

rng = np.random.default_rng(0)
x = rng.uniform(-3, 3, (100, 1))
y = np.sin(1.5 * x) + rng.normal(0, 0.1, (100, 1))
model = nn.MLP(1, 32, 1, activation="tanh", rng=1)
optimizer = nn.SGD(model.parameters(), lr=0.05)

# %%
# ``nn.data.batches`` gives each example once, in a new order each time it is used. The counter shows it: after an epoch
# every example has been seen once, neither more nor less.

batches = nn.data.batches(np.hstack([x, np.arange(100).reshape(-1, 1)]), y, size=10, rng=0)
seen, steps, losses, fits = np.zeros(100, int), 0, [], {}
grid = np.linspace(-3, 3, 200).reshape(-1, 1)

print("epoch  steps  each example seen     loss")
for epoch in range(1, 501):
    for rows, targets in batches:
        loss = nn.mse(model(rows[:, :1]), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seen[rows[:, 1].astype(int)] += 1
        steps += 1
    losses.append(nn.mse(model.predict(x), y).item())
    if epoch in (1, 10, 100, 500):
        fits[epoch] = model.predict(grid)
        print(f"{epoch:5d}{steps:7d}{seen.min():12d} to {seen.max():3d}{losses[-1]:12.4f}")

# %%
# After one epoch the network has hardly found a slope. The bends come with the passes.

below = np.argmax(np.array(losses) < 0.1) + 1
print(f"the loss is below 0.1 after epoch {below}, step {below * len(batches)}")

figure, (left, right) = plt.subplots(1, 2, num="epochs", figsize=(9.5, 4))
left.plot(x, y, "o", color="0.75", markersize=4, label="data")
for epoch, fit in fits.items():
    left.plot(grid, fit, label=f"epoch {epoch}")
left.set(title="What the network says", xlabel="x", ylabel="y", ylim=(-1.5, 2.2))
left.legend(ncols=2, fontsize=8, loc="upper center")
right.loglog(range(1, 501), losses, color="C0")
right.axhline(0.01, color="0.6", linestyle="--", label="variance of the noise")
right.set(title="The loss, epoch by epoch", xlabel="epoch", ylabel="mean squared error")
right.legend()
plt.show()

# %%
# **Try this.** Use ``size=50``, then 100. After how many epochs is the loss below 0.1 now, and after how many steps?
#
# .. dropdown:: Solution
#
#    After 50 and 99 epochs, where it had been 11; after 100 and 99 steps, where it had been 110. Here it is the steps
#    that count, and an epoch has the more of them, the smaller its batches are.
