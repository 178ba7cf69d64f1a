"""HIPS autograd's `autograd.misc`: trees as vectors, optimizers, fixed points, graphs that are kept."""

from .flatten import flatten
from .tracers import const_graph

__all__ = ["const_graph", "flatten"]
