"""`autograd.numpy.linalg`: NumPy's own, where a list may hold nodes."""

import numpy

from .numpy_wrapper import served

__getattr__ = served(numpy.linalg)
