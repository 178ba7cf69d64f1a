"""Gates: shapes that do not belong together are refused; numbers and derivatives are tested with those of the table."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import Tensor, compile, lstm_cell_state, lstm_gates, lstm_hidden_state


@pytest.mark.parametrize("shape", [(), (6,), (2, 3), (2, 5)])
@pytest.mark.parametrize("kind", [np.ones, lambda shape: Tensor(np.ones(shape), True)])
def test_what_is_no_four_gates_is_refused(kind: object, shape: tuple[int, ...]) -> None:
    z = kind(shape)  # type: ignore[operator]
    for f in (lstm_gates, compile(lstm_gates)):
        with pytest.raises(ValueError, match="four gates"):
            f(z)


@pytest.mark.parametrize("fun", [lstm_cell_state, lstm_hidden_state])
@pytest.mark.parametrize("shapes", [((2, 6), (2, 2)), ((2, 8), (2, 1)), ((2, 4), (2, 4)), ((8,), ()), ((), ())])
def test_gates_of_another_size_than_the_state_are_refused(fun: object, shapes: tuple[tuple[int, ...], ...]) -> None:
    for kind in (np.ones, lambda shape: Tensor(np.ones(shape), True)):
        a, c = map(kind, shapes)
        for f in (fun, compile(fun)):  # type: ignore[call-overload]
            with pytest.raises(ValueError, match=r"\(\.\.\., 4 \* hidden\)"):
                f(a, c)
