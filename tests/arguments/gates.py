"""Valid calls of the gates of an LSTM."""

from __future__ import annotations

from hypothesis import strategies as st

from autograd.rules import gates as own

from .common import Call, Calls, Function, arrays, shapes


@st.composite
def gated(draw: st.DrawFn) -> Call:
    """Gates (..., 4 * hidden) and memories (..., hidden)."""
    *batch, hidden = draw(shapes(min_dims=1, min_side=0))
    return Call((draw(arrays((*batch, 4 * hidden))), draw(arrays((*batch, hidden)))))


ARGUMENTS: dict[Function, Calls] = {
    own.lstm_gates: gated().map(lambda call: Call(call.args[:1])),
    own.lstm_cell_state: gated(),
    own.lstm_hidden_state: gated(),
}
COMPOSITE_ARGUMENTS: dict[Function, Calls] = {}
