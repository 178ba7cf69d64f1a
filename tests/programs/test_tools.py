"""That the random programs reach everything, that what is wrong is found, and that what is printed is the program."""

from __future__ import annotations

import contextlib
import functools
from typing import Any

import numpy as np
import pytest

from autograd import partials, pullbacks
from autograd.compile import functions
from autograd.compile.algebra import ALGEBRA
from autograd.operators import raw
from autograd.table import RULES, Function
from autograd.trees import leaves

from . import compiled
from .generate import TABLE, Draft, Rejected, generate
from .oracle import Wrong, check, sensitivity
from .program import LAYOUTS, Constant, Program, Step, Var, name
from .shrink import shrunk


@functools.cache
def programs() -> list[Program]:
    """Those of `make test`."""
    return [generate(number) for number in range(340)]


def wrong(program: Program) -> bool:
    """Whether the oracle finds something."""
    try:
        check(program)
    except Wrong:
        return True
    return False


def test_every_function_of_the_table_is_reached() -> None:
    reached: set[Function] = set()

    def see(step: Step, values: list[Any], value: Any) -> Any:
        if any(np.size(raw(part)) for part in leaves(value)):
            reached.add(step.fun)
        return value

    for program in programs():
        program(*program.arrays, each=see)
    assert [name(fun) for fun in TABLE if fun not in reached] == []


def test_a_number_always_means_the_same_program() -> None:
    assert [generate(number).source() for number in (0, 4, 123)] == [programs()[i].source() for i in (0, 4, 123)]


def test_constants_of_every_dtype_and_layout_occur() -> None:
    arrays = [x for program in programs() for x in program.constants]
    assert {x.dtype.name for x in arrays} >= {
        "float64", "float32", "float16", "bool", *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))
    }  # fmt: skip
    assert {x.layout for program in programs() for x in program.inputs} == {*LAYOUTS}
    assert not all(x.flags.writeable for x in arrays)
    assert not all(x.flags.c_contiguous or x.flags.f_contiguous for x in arrays)


def test_nothing_that_hangs_on_a_rounding_error_is_drawn() -> None:
    """The mean of five equal numbers is the number, or is beside it, which the machine decides: nothing else may."""
    unary = [fun for fun in TABLE if not (fun in RULES and RULES[fun].elementwise and len(RULES[fun].each) > 1)]
    drawn: dict[str, list[bool]] = {}
    for fun in unary:
        for number in np.random.default_rng(0).uniform(0.62, 0.99, 20):  # rounding and the domains change at others
            draft = Draft(0, TABLE)
            draft.values = [np.full(5, number)]
            with contextlib.suppress(Rejected):
                draft.add(fun, Var(0))
            drawn.setdefault(name(fun), []).append(bool(draft.steps))
    assert [fun for fun, found in drawn.items() if len({*found}) > 1] == []
    assert not any(drawn["np.corrcoef"])
    assert all(drawn["np.mean"])


def test_what_is_printed_is_the_program() -> None:
    for program in programs():
        pasted: dict[str, Any] = {}
        exec(program.source(), pasted)
        for x, y in zip(program.arrays, pasted["inputs"], strict=True):
            np.testing.assert_array_equal(x, y)
            assert (x.dtype, x.flags.writeable) == (y.dtype, y.flags.writeable)
            assert x.size < 2 or x.strides == y.strides
        with np.errstate(all="ignore"):
            found = leaves(raw(pasted["program"](*pasted["inputs"])))
        for y, expected in zip(found, program.plain(*program.arrays), strict=True):
            np.testing.assert_allclose(y, expected, rtol=1e-14)  # NumPy adds in an order that depends on the address


@pytest.mark.usefixtures("own_rules")
@pytest.mark.parametrize(
    ("fun", "factor"), [(np.tanh, 1.001), (np.mean, 0.999), (np.convolve, -1)], ids=["tanh", "mean", "convolve"]
)
def test_a_derivative_that_is_wrong_is_found_and_the_program_made_short(fun: Function, factor: float) -> None:
    def times_factor(rule: Function) -> Function:
        return functools.wraps(rule)(lambda *args, **kwargs: rule(*args, **kwargs) * factor)

    each = map(times_factor, RULES[fun].each)
    (partials if RULES[fun].elementwise else pullbacks)(fun, *each)
    users = (program for program in map(generate, range(2000)) if any(step.fun is fun for step in program.steps))
    found = shrunk(next(filter(wrong, users)), wrong)
    assert [step.fun for step in found.steps] == [fun]


@pytest.mark.usefixtures("own_rules")
def test_a_derivative_in_single_precision_is_found() -> None:
    partials(np.sin, lambda y, x: np.cos(x).astype(np.float32))
    users = [program for program in programs() if any(step.fun is np.sin for step in program.steps)]
    assert any(map(wrong, users))


@pytest.mark.usefixtures("own_rules")
def test_a_second_derivative_that_is_missing_is_found() -> None:
    partials(np.sin, lambda y, x: np.cos(raw(x)))
    users = [program for program in programs() if any(step.fun is np.sin for step in program.steps)]
    assert any(map(wrong, users[:5]))


def wrong_if_compiled(program: Program, of: Function) -> bool:
    """Whether it is found that a compiled program is not the program: by its numbers, or by an error that it raises."""
    try:
        compiled.check(program, functions=[of])
    except (Wrong, ValueError):
        return True
    return False


def test_memory_that_a_compiled_program_takes_for_new_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functions, "NEW", {*functions.NEW, *TABLE} - functions.VIEWS)
    assert any(wrong_if_compiled(program, compiled.gradient) for program in programs())


def test_a_point_where_numpy_has_no_answer_says_nothing() -> None:
    """A quantile of 0.05 at the point, and of less than 0 beside it, where the differences look."""
    steps = (Step(np.multiply, (Var(0), 1e4), {}), Step(np.quantile, (np.arange(4.0), Var(1)), {}))
    for start in (5e-6, 5e-5):
        inputs = (Constant.of([start]),)
        assert check(Program(0, inputs, steps, Var(2))) == 2
        compiled.check(Program(0, inputs, steps, Var(2)))


def test_what_rounds_inside_of_a_derivative_is_allowed_for() -> None:
    """The tanh y is rounded, and nearly nothing is left in 1 - y * y."""
    program = Program(0, (Constant.of([5.5]),), (Step(np.tanh, (Var(0),), {}),), Var(1))
    (slope,) = compiled.second(program, compiled.Held(program))(*program.arrays)
    (moves,) = compiled.movements(program, compiled.second, program.arrays, [])
    assert 1e-13 < moves / abs(slope[0]) < 1e-10


def test_roundings_do_not_undo_each_other() -> None:
    """Of a single number, and of two contributions to a gradient of which nothing is left."""
    number, vector = Constant.of(np.array(0.5, np.float32)), Constant.of([0.5, 0.25, 1.0])
    for seed in range(50):
        program = Program(seed, (number,), (Step(np.cosh, (Var(0),), {}),), Var(1))
        numbers = compiled.gradient(program, compiled.Held(program))(*program.arrays)
        moves = compiled.movements(program, compiled.gradient, program.arrays, [])
        assert all(move > 1e-9 * abs(x) for move, x in zip(moves, numbers, strict=True))
        program = Program(seed, (vector,), (Step(np.cross, (Var(0), Var(0)), {}),), Var(1))
        assert sensitivity(program, program.arrays, [np.array([1.0, -1.0, 0.5])], 2.0**-23)[1] > 1e-9


def test_a_rewrite_that_gives_another_number_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ALGEBRA, np.sin, lambda x: x)
    assert any(wrong_if_compiled(program, compiled.value) for program in programs())
