"""detect_nan, lines and origin name the operation and the line."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from autograd import Tensor, debug
from autograd.recording import recording

HERE = Path(__file__).name


def test_forward_the_operation_and_the_line_are_named() -> None:
    t = Tensor([0.0, 1.0], requires_grad=True)
    with (
        pytest.raises(FloatingPointError, match=rf"np\.log\(array of shape \(2,\)\) at .*{HERE}:\d+ gave"),
        debug.detect_nan(),
    ):
        np.log(t)
    assert recording.get().watch is None


def test_backward_names_the_line_of_the_forward_pass() -> None:
    t = Tensor([0.0, 1.0], requires_grad=True)
    with debug.detect_nan():
        y = np.sqrt(t).sum()
        with pytest.raises(FloatingPointError, match=rf"the gradient of np\.sqrt.*{HERE}:\d+ is an infinite number"):
            y.backward()
    assert t.grad is None


def test_finite_numbers_pass() -> None:
    t = Tensor([1.0, 2.0], requires_grad=True)
    with debug.detect_nan():
        (np.sqrt(t) * t)[0].backward()
    np.testing.assert_allclose(t.grad, [1.5, 0.0])


def test_origin_finds_the_first_operation_afterwards() -> None:
    t = Tensor([0.0, 1.0], requires_grad=True)
    with np.errstate(all="ignore"):
        y = (np.log(t) * 0 + 1).sum()
    assert str(debug.origin(y)).startswith("np.log(array of shape (2,)) gave an infinite number")
    assert debug.origin((t * 2).sum()) is None


def test_lines_notes_where_each_operation_was_called() -> None:
    t = Tensor([0.0, 1.0], requires_grad=True)
    before = np.sqrt(t)
    with debug.lines():
        inside = np.sqrt(t)
        inside.sum().backward(create_graph=True)
    assert recording.get().watch is None
    assert before.site is None
    assert inside.site is not None
    file, line = inside.site
    assert Path(file).name == HERE
    assert Path(file).read_text(encoding="utf-8").splitlines()[line - 1].strip() == "inside = np.sqrt(t)"


def test_lines_inside_of_detect_nan_leaves_it_on() -> None:
    t = Tensor([0.0], requires_grad=True)
    with debug.detect_nan(), debug.lines(), pytest.raises(FloatingPointError, match=rf"{HERE}:\d+"):
        np.log(t)
    with debug.lines(), debug.detect_nan(), pytest.raises(FloatingPointError, match=rf"{HERE}:\d+"):
        np.log(t)
    assert recording.get().watch is None


def test_what_plain_numpy_made_is_named_with_its_line() -> None:
    t = Tensor([1.0, 2.0], requires_grad=True)
    with debug.detect_nan():
        scale = np.log(np.zeros(2))
        line = sys._getframe().f_lineno - 1
        with pytest.raises(
            FloatingPointError, match=rf"outside of the graph was: divide by zero at .*test_debug\.py:{line}"
        ):
            t * scale
        assert np.isinf((t + np.where([True, False], -np.inf, 0.0)).data[0])  # meant so: nothing was reported


def test_what_the_engine_computes_itself_is_nothing_outside() -> None:
    t = Tensor([0.0, 4.0], requires_grad=True)
    with debug.detect_nan():
        np.sum(np.where(t.data > 0, np.sqrt(t), 0)).backward()
        mask = np.array([-np.inf, 0.0])
        assert np.isinf((t + mask).data[0])


def test_a_report_of_another_kind_is_not_blamed_for_what_is_meant() -> None:
    t = Tensor([1.0, 4.0], requires_grad=True)
    mask = np.array([-np.inf, 0.0])
    with debug.detect_nan():
        ratio = np.zeros(2) / np.zeros(2)  # an invalid value: it makes NaN, and no -inf
        assert np.isinf((t + mask).data[0])
        with pytest.raises(FloatingPointError, match=r"was given NaN, and the last .* was: invalid value at"):
            t * ratio
        assert np.isinf((t + mask).data[0])
