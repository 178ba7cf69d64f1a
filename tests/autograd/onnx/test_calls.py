"""Sorting, running products, what is put at an index, and patterns of calls: in onnxruntime beside NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, grad, overlap, to_onnx, windows

onnxruntime = pytest.importorskip("onnxruntime")

RNG = np.random.default_rng(0)


def check(f: Callable[[Any], Any], X: Any, exported_with: int = 1) -> list[str]:
    """The operators of a function, which gives what it gives in NumPy, for another number of samples too."""
    model = to_onnx(f, [X[:exported_with]])
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (found,), expected = session.run(None, {"input": X}), f(X)
    expected = expected.numpy() if isinstance(expected, Tensor) else expected
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
    return [node.op_type for node in model.graph.node]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_sorting(axis: Any, dtype: Any) -> None:
    X = RNG.normal(size=(5, 4, 6)).astype(dtype)
    X[0, 1, 2:4], X[2, 0, 1] = 0.5, np.nan  # equal ones keep their order, and what is no number comes last
    order = check(lambda x: np.argsort(x, axis=axis, kind="stable"), X)
    assert "TopK" in order
    check(lambda x: np.sort(x, axis=axis), X)
    check(lambda x: np.median(x, axis=1), X)
    check(lambda x: np.take_along_axis(x, np.argsort(-x, axis=2)[..., :3], axis=2), X)  # the three largest


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("fun", [np.cumprod, np.maximum.accumulate, np.minimum.accumulate])
def test_running_results(fun: Any, axis: int) -> None:
    X = RNG.normal(size=(4, 4, 4)).astype(np.float32)
    np.moveaxis(X, axis, -1)[0] = 1e-20, 1e20, 1e20, 1e-20  # the product of the large ones alone is infinite
    assert "Scan" in check(lambda x: fun(x, axis=axis), X)


def put(x: Any) -> Any:
    return Tensor(x).at


X = RNG.normal(size=(7, 4, 5)).astype(np.float32)
PUT: dict[str, Callable[[Any], Any]] = {
    "a column": lambda x: put(x)[:, 1].set(0.0),
    "slices": lambda x: put(x)[:, 1:3, ::2].set(x[:, :2, :3] * 2),
    "the last of several": lambda x: put(x)[:, [0, 2, 0], [1, 1, 1]].set(np.array([1.0, 2, 3], np.float32)),
    "rows, of which one twice": lambda x: put(x)[:, [0, 2, 0]].set(x[:, :3]),
    "the last axis": lambda x: put(x)[..., 1].set(x[..., 0]),
    "a mask": lambda x: put(x)[:, np.eye(4, 5) > 0].set(x[:, :, 0]),
    "a mask that is computed": lambda x: put(x)[x > 0].set(0.5),
    "a new axis": lambda x: put(x)[:, 1, :, None].set(1.0),
    "indices parted by a slice": lambda x: put(np.stack([x, x], -1))[:, [1, 2], :, [0, 1]].set(np.arange(5.0)),
    "a sum": lambda x: put(x)[:, [0, 2, 0, 0, 0]].add(np.ones(5, np.float32)),
    "samples that are not first": lambda x: put(x.transpose(1, 0, 2))[[0, 2, 0, 0, 0]].add(2.0),
    "no samples": lambda x: put(np.zeros((3, 2), np.float32))[1].set(5.0)[:, 0] + x[:, 0, :3],
    "nothing": lambda x: put(x)[:, 3:3].set(0.0),
    "a gradient": lambda x: grad(lambda z: (z[:, [0, 0, 1]] ** 2).sum())(x),
}


@pytest.mark.parametrize("f", PUT.values(), ids=PUT)
def test_put_at_an_index(f: Any) -> None:
    check(f, X)


@pytest.mark.parametrize(
    "f", [lambda x: put(x)[:1].set(0.0), lambda x: put(x)[0].set(0.0), lambda x: put(x)[::-1].set(x)]
)
def test_some_samples_are_no_part_of_a_graph_for_any_number(f: Any) -> None:
    with pytest.raises(NotImplementedError, match="at some of the samples"):
        to_onnx(f, [X])


IMAGES = RNG.normal(size=(5, 4, 8, 9)).astype(np.float32)
W = RNG.normal(size=(6, 4, 3, 3)).astype(np.float32)


def convolved(x: Any, filters: Any = W, border: float = 0.0) -> Any:
    x = np.pad(x, [(0, 0), (0, 0), (1, 2), (0, 1)], constant_values=border)
    seen = windows(x, (3, 3), (2, 1))
    columns = seen.reshape(len(x), 36, -1)
    return (filters.reshape(6, 36) @ columns).reshape(len(x), 6, *seen.shape[-2:])


def test_a_convolution_of_ones_own_is_one_operator() -> None:
    assert check(convolved, IMAGES) == ["Conv"]
    assert check(lambda x: convolved(x, np.tanh(W)), IMAGES, exported_with=3)[-1] == "Conv"
    assert check(lambda x: convolved(x) + np.ones((6, 1, 1), np.float32), IMAGES)[-1] == "Conv"
    both = check(lambda x: convolved(x) * np.tanh(convolved(x)), IMAGES)
    assert sorted(both) == ["Conv", "Conv", "Mul", "Tanh"]


@pytest.mark.parametrize("f", [
    lambda x: convolved(x, border=1.0),
    lambda x: convolved(x) + np.ones(x.shape[3] - 1, np.float32),
    lambda x: windows(x, (2, 2), (2, 2)).reshape(len(x), 4, 4, 4, 4).max(axis=3),
    lambda x: windows(x, (2, 2), (1, 1)).max(axis=(2, 3), keepdims=True),
    lambda x: windows(x, (2, 2), (1, 1), (2, 1)).reshape(len(x), 4, 4, 6, 8).mean(axis=2),
    lambda x: windows(x[:, 0], (2,), (1,)).max(axis=2),
    lambda x: windows(np.pad(x, [(0, 0), (1, 0), (3, 3), (0, 0)]), (2, 2), (2, 2)).reshape(
        len(x), 5, 4, 7, 4).mean(axis=2),
    lambda x: overlap(windows(x, (2, 2), (2, 2)), (len(x), 4, 9, 9), (2, 2)),
    lambda x: overlap((np.ones((4, 4), np.float32).mT @ x[:, :, :4, :4].reshape(len(x), 4, 16)).reshape(
        len(x), 1, 2, 2, 4, 4), (len(x), 1, 12, 9), (2, 2)),
])  # fmt: skip
def test_what_only_looks_like_it_is_right_too(f: Any) -> None:
    check(f, IMAGES)


def test_convolutions_in_double_precision_stay_exact() -> None:
    for images in (IMAGES, IMAGES.astype(float)):
        kinds = check(lambda x: convolved(x, W.astype(float)), images)
        assert "MatMul" in kinds
        assert "Conv" not in kinds
