"""5. A loss of your own.

The log loss of a probability p, for a label y of 0 or 1, is -log(p) if y is 1, and -log(1 - p) if y is 0. In one line

    J = -(y log(p) + (1 - y) log(1 - p))

On the slide a minus stands before the second term as well; which way is it right? Of several samples take the mean.

Fill in the function. p is a tensor: NumPy's functions work on it, and the gradient follows. Then
`python -m demos.exercises 5` tells what is not yet right.
"""

import numpy as np

import autograd as ag


def log_loss(p, y):
    """The mean log loss of the probabilities p, a tensor (n,), for the labels y, an array (n,)."""
    raise NotImplementedError


if __name__ == "__main__":
    p = ag.Tensor([0.9, 0.2, 0.6], requires_grad=True)
    loss = log_loss(p, np.array([1, 0, 0]))
    loss.backward()
    print(loss.item(), p.grad)
