"""Before loops are looked for: equal constants are one, and views are taken where they are needed."""

from __future__ import annotations

import itertools
from contextvars import ContextVar
from typing import Any

import numpy as np
from agreement import agree

from autograd import compile, grad, value_and_grad
from autograd.compile import calls
from autograd.compile.arrange import arranged
from autograd.trees import leaves

RNG = np.random.default_rng(3)


def test_a_view_is_taken_in_the_turn_that_uses_it() -> None:
    def f(x: Any) -> Any:
        rows, h = [x[i] for i in range(30)], x[0] * 0
        for row in rows:
            h = np.sin(h + row[::-1])
        return np.sum(h), [h[::-1] for _ in range(3)]

    x = RNG.standard_normal((30, 4))
    program = compile(value_and_grad(lambda x: f(x)[0]), backend="numpy")
    for mine, theirs in zip(leaves(program(x)), leaves(value_and_grad(lambda x: f(x)[0])(x)), strict=True):
        agree(mine, theirs)
    assert "x[i][::-1]" in program.source
    program = compile(f, backend="numpy")
    found = leaves(program(x))
    assert not any(np.shares_memory(a, b) for a, b in itertools.combinations(found[1:], 2))


def test_equal_arrays_that_somebody_else_holds_are_not_one() -> None:
    hidden = ContextVar[Any]("hidden")  # what no trace sees
    hidden.set([np.ones(3) for _ in range(30)])

    def f(x: Any) -> Any:
        for a in hidden.get():
            x = np.sin(x * a)
        return x

    program = compile(f, backend="numpy")
    for _ in range(2):
        agree(program(np.ones(3)), f(np.ones(3)))
        hidden.get()[7][:] = 2.0


def test_each_operation_is_there_once_and_after_its_operands() -> None:
    def f(x: Any) -> Any:
        parts = [x[i].reshape(2, 2).T for i in range(9)]
        for part in parts:
            x = x * np.sum(part) + np.stack([part, parts[0]]).reshape(2, 4)[0][::-1]
        return np.sum(x), x[2], parts[1]

    for g in (f, grad(lambda x: f(x)[0])):
        program = calls(g, [RNG.standard_normal((9, 4))])
        before, seen = set(program.ops), set(program.inputs)
        after = arranged(program, {}).ops
        assert set(after) == before
        assert len(after) == len(before)
        for op in after:
            assert all(x in seen or x.is_constant for x in op.operands)
            seen.add(op)
