r"""
Deep belief network
===================

Two restricted Boltzmann machines, one on top of the other, look at digits without labels; then few labels do more.

:Cells: backfed inputs, then probabilistic and hidden in turn, match output
:Paper: Hinton, Osindero and Teh, Neural Computation 18, 2006; Bengio, Lamblin, Popovici and Larochelle, NIPS 2006
:Learned: layer by layer, by the gradient of F(v) - F(sample); then a readout, by the gradient of the cross-entropy
:Criterion: two labels a digit: 2 points above raw pixels, 1.5 above ten components, 4 above random layers, paired

.. math:: a_1 = \sigma(c_1 + W_1 x), \qquad a_2 = \sigma(c_2 + W_2 a_1)
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

import autograd as ag
import nn

digits, LABELS = load_digits(), (1, 2, 5)
X, y = (digits.data / 16).astype(np.float32), digits.target


def machine(V, rng):  # a restricted Boltzmann machine that has looked at V, by CD-1; greys are chances, and not thrown
    rbm = nn.RestrictedBoltzmann(V.shape[1], 128, rng=rng)  # forward is its free energy F
    optimizer = nn.SGD(rbm.parameters(), lr=0.4)
    for _ in range(20):
        for v in nn.data.batches(V, None, 30, rng=rng):
            sample = rbm.down(rng.random((30, 128), np.float32) < rbm.up(v)).numpy()
            optimizer.minimize(np.mean(rbm(v) - rbm(sample)))
    return rbm


def read(features, shown, fresh):  # the share of held-out digits that is named, for each draw of labels; all at once
    W, b = (nn.Parameter(np.zeros((len(shown), n, 10))) for n in (features.shape[1], 1))
    optimizer = nn.Adam([W, b], lr=0.1)
    for _ in range(100):
        loss = nn.cross_entropy((features[shown] @ W + b).reshape(-1, 10), y[shown].ravel())
        optimizer.minimize(loss + np.sum(W**2) / (2 * shown.size))
    return np.mean((features[fresh] @ W.numpy() + b.numpy()).argmax(axis=2) == y[fresh], axis=1)


# %%
# Everything learned without labels sees the same 1,200 digits: the two machines, and as a simpler thing to do, the ten
# principal components. Random layers have the machines' shape. All are read with the same labels, so gains are paired.

rights = {}
for rng in map(np.random.default_rng, range(3)):  # three splits
    seen, fresh = np.split(rng.permutation(len(X)), [1200])
    first = machine(X[seen], rng)
    one = first.up.predict(X)
    second = machine(one[seen], rng)
    centred = X - X[seen].mean(axis=0)
    random = nn.sigmoid(centred @ rng.normal(size=(64, 128)) / 2)
    random = nn.sigmoid((random - random[seen].mean(axis=0)) @ rng.normal(size=(128, 128)) / 3)
    components = np.linalg.svd(centred[seen], full_matrices=False)[2][:10]
    features = {"two layers": second.up.predict(one), "one layer": one, "raw pixels": X}
    features |= {"10 components": centred @ components.T, "random layers": random.astype(np.float32)}
    for labels in LABELS:
        shown = [rng.permutation(seen[y[seen] == k])[:labels] for _ in range(8) for k in range(10)]
        for name, each in features.items():
            rights.setdefault((name, labels), []).extend(read(each, np.reshape(shown, (8, -1)), fresh))
gain = {name: np.subtract(rights["two layers", 2], rights[name, 2]) for name in features if name != "two layers"}
for name, each in gain.items():
    print(f"two layers above {name:13s} {each.mean():+.3f} +- {each.std(ddof=1) / np.sqrt(len(each)):.3f}")
print("result: two labels a digit:", ", ".join(f"{name} {np.mean(rights[name, 2]):.1%}" for name in features))

# %%
# The top machine dreams: it flickers on from noise, and the first machine draws what it has in mind.

a = rng.random((16, 128))
for _ in range(500):
    a = second.down(rng.random((16, 128)) < second.up(a)).numpy()
figure, (left, right) = plt.subplots(1, 2, num="deep_belief", figsize=(9, 3.8), width_ratios=(1.4, 1))
left.plot(LABELS, [[np.mean(rights[name, n]) for name in features] for n in LABELS], "o-", label=list(features))
left.set(title="What few labels are enough for", xlabel="labels a digit", ylabel="named rightly", xticks=LABELS)
left.legend()
nn.plot_images(first.down(a).numpy().reshape(16, 8, 8), ax=right).set_title("What the network dreams")
plt.show()

# %%
# Its cells for one digit, before anything is read.

kinds = ["backfed input", "probabilistic hidden", "probabilistic hidden"]
ag.draw(nn.Sequential(first.up, second.up), X[0], cells=kinds).save("deep_belief-cells.svg")
