"""9. An optimizer of your own. A solution."""

import numpy as np

import nn


class Momentum(nn.Optimizer):
    """Made with Momentum(model.parameters(), lr=0.1); self.lr is the learning rate."""

    def initial(self, param):
        """The state of a parameter, an array, before the first step: a dict with its "velocity"."""
        return {"velocity": np.zeros_like(param)}

    def update(self, param, grad, state):
        """Give the new parameter, and the new state."""
        velocity = 0.9 * state["velocity"] + grad
        return param - self.lr * velocity, {"velocity": velocity}


if __name__ == "__main__":
    w = nn.Parameter([1.0, -2.0])
    optimizer = Momentum([w], lr=0.1)
    for _ in range(60):
        optimizer.zero_grad()
        np.sum(w**2).backward()
        optimizer.step()
    print(w)
