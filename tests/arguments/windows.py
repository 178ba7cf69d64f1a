"""Valid calls of windows and of its pullback."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from autograd.rules import windows as own

from .common import Call, Calls, Function, arrays


@st.composite
def windowed(draw: st.DrawFn, back: bool = False) -> Call:
    """windows(x, size, stride, dilation) over one or two axes; or overlap(g, shape, stride, dilation) of its result."""
    k = draw(st.integers(1, 2))
    shape = (*draw(st.sampled_from([(), (2,), (2, 0), (1, 3)])), *draw(st.tuples(*[st.integers(1, 5)] * k)))
    size = tuple(draw(st.integers(1, n)) for n in shape[-k:])
    stride = draw(st.tuples(*[st.integers(1, 3)] * k))
    apart = tuple(draw(st.integers(1, (n - 1) // (m - 1) if m > 1 else 3)) for n, m in zip(shape[-k:], size))
    how: Any = draw(st.sampled_from([(stride,), (stride, apart)]))
    x: Any = draw(arrays(shape))
    if not back:
        return Call((x, size, *how))
    room = draw(st.integers(0, 3))  # for more windows than there are
    return Call((draw(arrays(own.windows(x, size, *how).shape)), (*shape[:-k], *(n + room for n in shape[-k:])), *how))


ARGUMENTS: dict[Function, Calls] = {own.windows: windowed(), own.overlap: windowed(back=True)}
COMPOSITE_ARGUMENTS: dict[Function, Calls] = {}
