"""Valid calls of all_sum: over three who hold the same."""

from __future__ import annotations

from typing import Any

from autograd import all_sum

from .common import Calls, Function, arrays, call


def over_three(x: Any) -> Any:
    return x + x + x


ARGUMENTS: dict[Function, Calls] = {all_sum: call(arrays(), over=over_three)}
COMPOSITE_ARGUMENTS: dict[Function, Calls] = {}
