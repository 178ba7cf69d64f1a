"""HIPS autograd's `autograd.misc`: trees as vectors, and three optimizers."""

from .flatten import flatten

__all__ = ["flatten"]
