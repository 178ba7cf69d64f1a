"""Arrays on a device in tests: those of the library that AUTOGRAD_ARRAYS names, or else of a kind that is as strict."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.strict import Strict


def maker(library: str) -> Callable[[Any], Any]:
    """What makes arrays of the library, copies of the numbers that it is given."""
    try:
        return importlib.import_module(library).array if library else Strict  # type: ignore[no-any-return]
    except ImportError as error:
        pytest.exit(f"AUTOGRAD_ARRAYS={library}: {error}; its own pages say how it is installed, for which GPU", 4)


LIBRARY = os.environ.get("AUTOGRAD_ARRAYS", "")
on_a_device = maker(LIBRARY)
OnADevice: type[Any] = type(on_a_device(np.ones(1)))
