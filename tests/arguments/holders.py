"""Objects as a user has them, that hold numbers and arrays for functions to find."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple


class Box:
    """An object of the user's."""

    factor = 2.0

    def __init__(self, **attributes: Any) -> None:
        vars(self).update(attributes)

    def scaled(self, x: Any) -> Any:
        return self.k * x

    @property
    def double(self) -> Any:
        return 2 * self.k

    @staticmethod
    def shifted(x: Any) -> Any:
        return x + 1

    @classmethod
    def by_class(cls, x: Any) -> Any:
        return cls.factor * x

    def __call__(self, x: Any) -> Any:
        return self.inner * x

    def __getitem__(self, key: str) -> Any:
        return self.table[key]


class Slotted:
    """An object without a dict."""

    __slots__ = ("k",)


@dataclass(frozen=True)
class Frozen:
    """Settings."""

    k: Any


class Pair(NamedTuple):
    """Two arrays."""

    a: Any
    b: Any
