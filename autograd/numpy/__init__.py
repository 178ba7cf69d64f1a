"""`import autograd.numpy as np`, for code written for HIPS autograd: NumPy itself, whose functions know our nodes.

What differs: where NumPy takes an array, a list may hold nodes, `np.array([x, 2 * x])` or `np.sum([x, y])`, and
`np.full` takes one. Ufuncs and classes are as they are.
"""

import numpy

from . import fft as fft, linalg as linalg, random as random
from .numpy_wrapper import (
    array as array,
    asarray as asarray,
    c_ as c_,
    full as full,
    make_diagonal as make_diagonal,
    r_ as r_,
    served,
    where as where,
)

__all__ = [*numpy.__all__]  # a star gets what NumPy's star gets

__getattr__ = served(numpy)
