"""`Tensor.__array_namespace__`: what SciPy and scikit-learn compute with it, held against the table in the docs."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autograd import Tensor, grad, namespace

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "array-api.md").read_text(encoding="utf-8")


def test_what_scipy_and_scikit_learn_compute_on_tensors_is_what_the_docs_say() -> None:
    pytest.importorskip("scipy")
    pytest.importorskip("sklearn")
    program = [sys.executable, str(ROOT / "tests" / "standard.py")]
    environment = os.environ | {"SCIPY_ARRAY_API": "1", "PYTHONPATH": str(ROOT)}
    found = json.loads(subprocess.run(program, env=environment, capture_output=True, text=True, check=True).stdout)
    listed = dict(re.findall(r"^\| `((?:scipy|sklearn)\.[\w.]+)` \| (.+) \|$", PAGE, re.MULTILINE))
    assert not [said for said in found.values() if said.startswith("wrong")]
    assert found.keys() == listed.keys()
    stated = re.findall(r"(SciPy|scikit-learn) (\d+\.\d+)", PAGE)
    if all(importlib.metadata.version(name).startswith(f"{version}.") for name, version in stated):
        assert found == listed


def test_the_namespace_is_numpys_but_for_what_makes_plain_arrays_of_nodes() -> None:
    t = Tensor([1.0, 2.0], requires_grad=True)
    xp = t.__array_namespace__(api_version="2023.12")
    assert xp is namespace
    assert xp.sum is np.sum
    assert xp.asarray(t) is t
    assert xp.asarray(t, dtype=np.float64) is t
    assert xp.asarray(t, copy=True) is not t
    assert xp.asarray(t, dtype=np.float32).dtype == np.float32
    assert xp.astype(t, np.float64, copy=False) is t
    np.testing.assert_array_equal(xp.astype(t, np.int64), [1, 2])
    data = np.ones(2)
    assert xp.asarray(data) is data
    assert xp.asarray([1, 2], dtype=np.float32).dtype == np.float32
    assert t.device == data.device
    with pytest.raises(AttributeError, match="no_such_name"):
        xp.no_such_name  # noqa: B018 - asking is the test


def test_the_gradient_goes_through_asarray_and_astype() -> None:
    def f(x: Tensor) -> Tensor:
        xp = x.__array_namespace__()
        return xp.sum(xp.astype(xp.asarray(x, copy=True) ** 2, np.float64))

    np.testing.assert_array_equal(grad(f)(np.array([1.0, 2.0])), [2.0, 4.0])
