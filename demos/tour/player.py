"""
Backprop, step by step
======================

A page that plays a graph: forward, the seed 1, then backward, one edge at a time.
"""

import autograd as ag

x1, x2 = ag.Value(2.0, "x1"), ag.Value(-1.0, "x2")
w1, w2, b = ag.Value(0.5, "w1"), ag.Value(1.5, "w2"), ag.Value(0.25, "b")

with ag.debug.lines():  # the page shows the lines that made the graph, too
    z = w1 * x1 + w2 * x2 + b
    y = ag.sigmoid(z)
    loss = (y - 1) ** 2
z.name, y.name, loss.name = "z", "y", "loss"

# %%
# One perceptron with a smooth step, and the squared error of its answer.

ag.draw(loss).save("perceptron.html")

# %%
# Its last picture, to stand on a slide or a page of paper:

loss.backward()
ag.draw(loss).save("perceptron.svg")
