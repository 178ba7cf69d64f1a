"""Valid calls of the one primitive of the transforms, through the function that makes it."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor, checkpoint
from autograd.checkpointing import rerun

from .common import Calls, Function, broadcasting, call


@checkpoint
def segment(a: Tensor, b: Tensor) -> Any:
    """A checkpointed function of two tensors."""
    return np.tanh(a * b) * a


def light(*arrays: Any) -> Any:
    """The same of arrays and tensors."""
    return segment(*(Tensor(x) if isinstance(x, (np.ndarray, np.generic)) else x for x in arrays))


ARGUMENTS: dict[Function, Calls] = {rerun: broadcasting((-2, 2), (-2, 2)).flatmap(lambda pair: call(*pair))}
COMPOSITE_ARGUMENTS: dict[Function, Calls] = {}
INSTEAD: dict[Function, Function] = {rerun: light}
