"""`autograd.numpy.fft`: NumPy's own."""

from typing import Any

import numpy


def __getattr__(name: str) -> Any:
    return getattr(numpy.fft, name)
