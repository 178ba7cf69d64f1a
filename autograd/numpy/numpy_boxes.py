"""HIPS autograd's `autograd.numpy.numpy_boxes`: what holds an array while it is traced."""

from ..tensor import Tensor as ArrayBox

__all__ = ["ArrayBox"]
