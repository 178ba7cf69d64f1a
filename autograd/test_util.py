"""`autograd.test_util.check_grads`, called as HIPS autograd's is: `check_grads(f, modes=["rev"], order=2)(x)`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .check import check_grads as check

__all__ = ["check_grads"]


def check_grads(f: Callable[..., Any], modes: Sequence[str] = ("fwd", "rev"), order: int = 2) -> Callable[..., None]:
    """A function of the arguments at which to check the derivatives of `f`; see `autograd.check_grads`."""
    return lambda *args: check(f, *args, order=order, modes=modes)
