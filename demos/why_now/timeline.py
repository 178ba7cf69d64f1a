r"""
Seventy years in one picture
============================

Artificial intelligence, machine learning and deep learning: what is a part of what, and since when.

Artificial intelligence is any technique that lets computers mimic human behaviour. Machine learning is the part of it
in which the computer is not programmed but learns from examples. Deep learning is the part of that in which networks
of many layers learn. The picture lets the three begin in the 1950s, the 1980s and the 2010s, which is when each became
what people talked about. The ideas are older: the perceptron of 1958 learned from examples, and backpropagation through
several layers waited for its data and its hardware for a quarter of a century.
"""

import matplotlib.pyplot as plt

# year, who, what, and the program of this course that shows it
events = [
    (1950, "Turing", "Can machines think?", ""),
    (1956, "Dartmouth workshop", "the name: artificial intelligence", ""),
    (1958, "Rosenblatt", "the perceptron", "sum_and_step"),
    (1959, "Samuel", "a program learns draughts: machine learning", ""),
    (1969, "Minsky, Papert", "what a perceptron cannot do", "and_or_xor"),
    (1986, "Rumelhart, Hinton, Williams", "backpropagation", "by_hand"),
    (1989, "Cybenko", "networks approximate any continuous function", "approximation"),
    (1989, "LeCun et al.", "a network reads zip codes", "mnist"),
    (1992, "Boser, Guyon, Vapnik", "support vector machines (soft margin: 1995)", ""),
    (1997, "Hochreiter, Schmidhuber", "LSTM, a memory that lasts", ""),
    (2006, "Hinton, Osindero, Teh", "deep networks, layer by layer", ""),
    (2009, "Deng et al.", "ImageNet", "big_data"),
    (2012, "Krizhevsky, Sutskever, Hinton", "AlexNet: ImageNet on two graphics cards", "hardware"),
    (2014, "Kingma, Ba", "Adam", "references"),
    (2016, "Silver et al.", "AlphaGo beats Lee Sedol", ""),
    (2017, "Vaswani et al.", "the transformer", ""),
]
eras = [(1950, "artificial intelligence"), (1980, "machine learning"), (2010, "deep learning")]

# %%
# In words, with the program that shows it:

for year, who, what, program in events:
    print(f"{year}  {who:30s}{what:46s}{program}".rstrip())

# %%
# In one picture. Each coloured field lies within the one before, as the parts do.

figure, axes = plt.subplots(num="timeline", figsize=(9.5, 6))
for k, (since, name) in enumerate(eras):
    top = len(events) + 3.2 - 1.2 * k
    axes.fill_between([since, 2026], -1, top, color=f"C{k}", alpha=0.13, linewidth=0)
    axes.text(since + 0.6, top - 0.65, name, weight="bold", va="center")

for row, (year, who, what, _) in enumerate(events):
    late = year > 1985
    axes.plot(year, row, "o", color=f"C{sum(year >= since for since, _ in eras) - 1}", markeredgecolor="black")
    text = f"{who}: {what}   " if late else f"   {who}: {what}"
    axes.text(year, row, text, fontsize=9, ha="right" if late else "left", va="center")

axes.set(title="Artificial intelligence is not new", xlabel="year", xlim=(1945, 2026), ylim=(-1, len(events) + 3.4))
axes.set_yticks([])
axes.spines["left"].set_visible(False)
plt.show()

# %%
# How long ideas waited.

date = {what: year for year, _, what, _ in events}
print("from one layer to several:  ", date["backpropagation"] - date["the perceptron"], "years")
print("and from there to ImageNet: ", date["ImageNet"] - date["backpropagation"], "years")

# %%
# **Try this.** Which of these needed a new formula, and which needed only data and hardware? Sort them.
#
# .. dropdown:: Solution
#
#    There is no sharp answer, but two are telling. ImageNet is data, and no formula at all. AlexNet is a network as
#    that of 1989, larger, with ReLU and dropout, on graphics cards, and learned by backpropagation, as in 1986.
#    AlphaGo and the transformer did bring new ideas of how networks are put together; both learn by the gradient of a
#    loss, as all the others here.
