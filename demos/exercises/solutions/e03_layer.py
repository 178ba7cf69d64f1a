"""3. A dense layer of your own. A solution."""

import numpy as np

import nn


class MyDense(nn.Module):
    """Called with x (n, inputs), it gives (n, units)."""

    def __init__(self, inputs, units, rng):
        """Parameters: self.W (inputs, units), drawn with the generator `rng`, and self.b (units,), zeros."""
        self.W = nn.Parameter(nn.init.glorot_uniform((inputs, units), rng))
        self.b = nn.Parameter(np.zeros(units))

    def forward(self, x):
        """sigmoid(x W + b)"""
        return nn.sigmoid(x @ self.W + self.b)


if __name__ == "__main__":
    layer = MyDense(3, 2, np.random.default_rng(0))
    print(layer)
    print(layer(np.ones((4, 3))))
