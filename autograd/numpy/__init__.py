"""`import autograd.numpy as np`, for code written for HIPS autograd: NumPy itself, whose functions know our nodes.

What differs: where NumPy takes an array, a list may hold nodes, `np.array([x, 2 * x])` or `np.sum([x, y])`, and
`np.full` takes one. Ufuncs and classes are as they are.
"""

import numpy

from . import fft as fft
from . import linalg as linalg
from . import random as random
from .numpy_wrapper import array as array
from .numpy_wrapper import asarray as asarray
from .numpy_wrapper import c_ as c_
from .numpy_wrapper import full as full
from .numpy_wrapper import r_ as r_
from .numpy_wrapper import served

__all__ = [*numpy.__all__]  # a star gets what NumPy's star gets

__getattr__ = served(numpy)
