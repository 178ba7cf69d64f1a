"""3. A dense layer of your own.

The course writes a dense layer from scratch: sigmoid(x W + b), with all inputs connected to all outputs. Write it as a
module of nn, so that it has parameters, and can be trained, saved and put into a Sequential.

Fill in the two methods. Then `python -m demos.exercises 3` tells what is not yet right.
"""

import numpy as np

import nn


class MyDense(nn.Module):
    """Called with x (n, inputs), it gives (n, units)."""

    def __init__(self, inputs, units, rng):
        """Parameters: self.W (inputs, units), drawn with the generator `rng`, and self.b (units,), zeros."""
        raise NotImplementedError

    def forward(self, x):
        """sigmoid(x W + b)"""
        raise NotImplementedError


if __name__ == "__main__":
    layer = MyDense(3, 2, np.random.default_rng(0))
    print(layer)
    print(layer(np.ones((4, 3))))
