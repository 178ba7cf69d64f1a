"""Layers around other layers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autograd import Tensor

from .inputs import misfit
from .layers import Sequential
from .module import Module, as_tensor


class Residual(Sequential):
    """What enters plus what its layers, one after the other, make of it: x + layers(x).

    Where the layers change the shape, `shortcut` is a layer that x goes through on the other way.

    He, Zhang, Ren and Sun, "Deep residual learning for image recognition", 2015.
    """

    def __init__(self, *layers: Module | Iterable[Module], shortcut: Module | None = None) -> None:
        super().__init__(*layers)
        self.shortcut = shortcut

    def forward(self, x: Any) -> Tensor:
        """x + layers(x), or shortcut(x) + layers(x)."""
        y = super().forward(x)
        past = x if self.shortcut is None else self.shortcut(x)
        past = as_tensor(past, y.dtype)
        if past.shape != y.shape:
            raise misfit(self, x, f"its layers made {y.shape} of it, which {past.shape} cannot be added to (shortcut=)")
        return past + y  # type: ignore[no-any-return]
