"""9. An optimizer of your own.

Gradient descent with momentum remembers a velocity, which begins at 0. In each step

    velocity = 0.9 * velocity + gradient
    parameter = parameter - lr * velocity

An optimizer of nn is one pure rule: it computes new arrays, and changes none.

Fill in the two methods. Then `python -m demos.exercises 9` tells what is not yet right.
"""

import numpy as np

import nn


class Momentum(nn.Optimizer):
    """Made with Momentum(model.parameters(), lr=0.1); self.lr is the learning rate."""

    def initial(self, param):
        """The state of a parameter, an array, before the first step: a dict with its "velocity"."""
        raise NotImplementedError

    def update(self, param, grad, state):
        """Give the new parameter, and the new state."""
        raise NotImplementedError


if __name__ == "__main__":
    w = nn.Parameter([1.0, -2.0])
    optimizer = Momentum([w], lr=0.1)
    for _ in range(60):
        optimizer.zero_grad()
        np.sum(w**2).backward()
        optimizer.step()
    print(w)
