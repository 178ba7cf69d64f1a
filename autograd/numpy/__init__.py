"""`import autograd.numpy as np`, for code written for HIPS autograd: NumPy itself, whose functions know our nodes.

`array` alone differs: it also makes a tensor of lists that hold tensors.
"""

from typing import Any

import numpy

from ..operators import Operand
from ..trees import leaves


def array(object: Any, *args: Any, **kwargs: Any) -> Any:
    """np.array; lists and tuples that hold nodes are stacked."""
    if isinstance(object, Operand):
        return +object
    if isinstance(object, (list, tuple)) and any(isinstance(leaf, Operand) for leaf in leaves(object)):
        return numpy.stack([array(item) for item in object])
    return numpy.array(object, *args, **kwargs)


def __getattr__(name: str) -> Any:
    return getattr(numpy, name)
