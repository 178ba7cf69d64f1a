"""Broadcasting and reductions, undone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from arguments.common import axes_of, shapes
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as hnp

from autograd import Tensor
from autograd.shapes import Shape, kept, normal_axes, spread, sum_to


@given(hnp.mutually_broadcastable_shapes(num_shapes=2, min_side=0))
def test_sum_to_is_the_transpose_of_broadcasting(drawn: Any) -> None:
    for shape in drawn.input_shapes:
        x = np.random.default_rng(0).standard_normal(shape)
        g = np.random.default_rng(1).standard_normal(drawn.result_shape)
        pulled = sum_to(g, shape)
        assert pulled.shape == shape
        np.testing.assert_allclose(np.vdot(pulled, x), np.vdot(g, np.broadcast_to(x, g.shape)), atol=1e-12)


def test_sum_to_adds_up_what_was_stretched() -> None:
    x = np.arange(24.0).reshape(2, 3, 4)
    np.testing.assert_array_equal(sum_to(x, (2, 3, 4)), x)
    np.testing.assert_array_equal(sum_to(x, (3, 1)), x.sum(axis=(0, 2)).reshape(3, 1))
    np.testing.assert_array_equal(sum_to(x, (1, 1, 4)), x.sum(axis=(0, 1), keepdims=True))
    np.testing.assert_array_equal(sum_to(x, ()), x.sum())


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("lead", [(700,), (35, 20)])
def test_sum_to_adds_long_columns_as_short_ones(lead: Shape, dtype: Any) -> None:
    x = np.random.default_rng(0).integers(-3, 4, (*lead, 5)).astype(dtype)
    for layout in (x, np.asfortranarray(x), x[..., ::-1]):
        found = sum_to(layout, (5,))
        assert found.dtype == dtype
        np.testing.assert_array_equal(found, layout.astype(int).sum(axis=tuple(range(len(lead)))))


@given(data=st.data())
def test_spread_is_the_transpose_of_a_sum(data: st.DataObject) -> None:
    shape = data.draw(shapes(min_side=0))
    axis, keepdims = data.draw(axes_of(len(shape))), data.draw(st.booleans())
    x = np.random.default_rng(0).standard_normal(shape)
    reduced = np.asarray(np.sum(x, axis=axis, keepdims=keepdims))
    g = np.random.default_rng(1).standard_normal(reduced.shape)
    stretched = spread(g, shape, axis, keepdims)
    assert stretched.shape == shape
    np.testing.assert_allclose(np.vdot(stretched, x), np.vdot(g, reduced), atol=1e-12)


@given(data=st.data())
def test_kept_is_the_shape_with_keepdims(data: st.DataObject) -> None:
    shape = data.draw(shapes(min_side=0))
    axis = data.draw(axes_of(len(shape)))
    assert kept(shape, axis) == np.sum(np.ones(shape), axis=axis, keepdims=True).shape


@pytest.mark.parametrize(
    ("axis", "axes"), [(None, (0, 1, 2)), (0, (0,)), (-1, (2,)), ((), ()), ((-1, 0), (2, 0)), (np.int64(1), (1,))]
)
def test_normal_axes(axis: Any, axes: tuple[int, ...]) -> None:
    assert normal_axes(axis, 3) == axes


@pytest.mark.parametrize("shape", [(), (1,), (2, 1), (0, 3)])
def test_they_keep_float32_and_answer_to_nodes(shape: Shape) -> None:
    x = Tensor(np.ones((*shape, 2), np.float32), requires_grad=True)
    y = sum_to(spread(x, (3, *shape, 2), axis=0), shape + (1,))
    y.backward(np.ones(y.shape))
    assert (y.dtype, x.grad.dtype) == (np.float32, np.float32)
    np.testing.assert_array_equal(x.grad, np.full((*shape, 2), 3.0))
