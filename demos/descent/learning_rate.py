r"""
Learning rate and epochs
========================

Smaller rates need more epochs, larger ones fewer, and too large ones never arrive: one network, nine rates.

.. math:: w \leftarrow w - \eta \, \nabla J(w)

The learning rate :math:`\eta` controls how quickly the model adapts. A step is :math:`\eta` times the gradient: half
the rate is half the way, so it takes about twice the steps, as long as the steps are short.
"""

import matplotlib.pyplot as plt
import numpy as np

import nn

X, y = nn.data.moons(n=100, noise=0.15, rng=0)
y = y.reshape(-1, 1)
most, target = 150, 0.25


def train(lr):
    """The loss of every epoch, from the same weights and with the same batches for every rate."""
    model = nn.MLP(2, 8, 1, activation="tanh", rng=1)
    return nn.fit(
        model, X, y, loss="bce_with_logits", optimizer=nn.SGD(model.parameters(), lr=lr), epochs=most,
        batch_size=20, rng=0, progress=False,
    )["loss"]  # fmt: skip


# %%
# Each rate is twice the one before. We count the epochs until the loss is below a target.

rates = 0.125 * 2.0 ** np.arange(9)
losses = {lr: np.array(train(lr)) for lr in rates}
needed = {lr: np.argmax(loss < target) + 1 if (loss < target).any() else None for lr, loss in losses.items()}
print("    rate   epochs   rate * epochs   largest loss on the way")
for lr, epochs in needed.items():
    product = f"{lr * epochs:16.1f}" if epochs else " " * 16
    print(f"{lr:8.4f}{epochs or 'never':>9}{product}{losses[lr].max():26.2f}")

# %%
# While the rate is small, rate times epochs is nearly constant: the walk is the same, only cut into shorter steps. Then
# the steps get as long as the bends of the surface, and larger rates gain little. At last they jump about.

figure, (left, right) = plt.subplots(1, 2, num="learning_rate", figsize=(9.5, 4))
for lr in (0.125, 0.5, 4.0, 16.0):
    left.semilogy(losses[lr], label=f"rate {lr:g}")
left.axhline(target, color="0.5", linestyle="--", label="target")
left.set(title="The loss", xlabel="epoch", ylabel="mean log loss", ylim=(0.004, 10))
left.legend(ncols=2, loc="lower left")
arrived = [lr for lr in rates if needed[lr]]
right.loglog(arrived, [needed[lr] for lr in arrived], "o-", color="C0", label="epochs until the target")
right.loglog(rates[:5], needed[rates[0]] * rates[0] / rates[:5], "--", color="0.5", label="rate * epochs = constant")
never = [lr for lr in rates if not needed[lr]]
right.plot(never, [most] * len(never), "x", color="C4", label="never")
right.set(title="How many epochs a rate needs", xlabel="learning rate", ylabel="epochs")
right.legend()
plt.show()

# %%
# **Try this.** ``nn.find_lr`` looks for a rate in a hundred steps. Give it a new model and what ``train`` gives to
# ``nn.fit``, without ``epochs`` and ``progress``. Which rate does it suggest, and how good is it by the table?
#
# .. dropdown:: Solution
#
#    ``nn.find_lr(...).suggestion`` is 0.38: between 56 and 30 epochs. That is a careful choice, safe on the side of the
#    small rates; the best of the table takes 13, and is two steps away from those that never arrive.
