"""Generators of random numbers around a compiled function: a draw is refused, a state that is read is compared."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import TraceError, anew, compile

RNG, BITS, SEEDS, PYTHONS = np.random.default_rng(3), np.random.PCG64(4), np.random.SeedSequence(5), random.Random(6)

SPAWNING: dict[str, Callable[[], Any]] = {
    "a generator": lambda: RNG.spawn(1)[0].random(),
    "a bit generator": lambda: np.random.Generator(BITS.spawn(1)[0]).random(),
    "a sequence of seeds": lambda: np.random.default_rng(SEEDS.spawn(2)[1]).random(),
}


@pytest.mark.parametrize("name", SPAWNING)
def test_a_child_of_a_generator_is_a_draw(name: str) -> None:
    """Each call has another child: a program had the first in all calls."""
    twins, draw = copy.deepcopy((RNG, BITS, SEEDS)), SPAWNING[name]
    with pytest.raises(TraceError, match="drew"):
        compile(lambda x: x * draw(), backend="numpy")(1.0)
    children = (parent.spawn(1)[0] for parent in twins)
    numbers = [np.random.default_rng(child).random() for child in children]
    assert numbers == [np.random.default_rng(parent.spawn(1)[0]).random() for parent in (RNG, BITS, SEEDS)]


READING: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
    "of a generator": (lambda: RNG.bit_generator.state["state"]["state"] % 997, RNG.random),
    "of a bit generator": (lambda: BITS.state["state"]["state"] % 997, BITS.random_raw),
    "of Python's": (lambda: PYTHONS.getstate()[1][0] % 997, lambda: [PYTHONS.random() for _ in range(700)]),
    "of NumPy's own": (lambda: np.random.get_state()[1][0] % 997, lambda: np.random.rand(700)),  # noqa: NPY002
    "of a copy": (lambda: copy.deepcopy(RNG).random(), RNG.random),
    "of one that jumps": (lambda: np.random.Generator(BITS.jumped()).random(), BITS.random_raw),
    "of the children": (lambda: SEEDS.n_children_spawned, lambda: SEEDS.spawn(1)),
}


@pytest.mark.parametrize("name", READING)
def test_the_state_of_a_generator_that_is_read_is_compared(name: str) -> None:
    read, draw = READING[name]
    program = compile(lambda x: x * read(), backend="numpy")
    for _ in range(3):
        assert [program(1.0), program(2.0)] == [1.0 * read(), 2.0 * read()]
        draw()
    assert len(program.entries) == 3


def test_the_state_of_a_generator_that_is_not_read_is_free() -> None:
    program = compile(lambda x: x * (2.0 if isinstance(RNG, np.random.Generator) else 3.0), backend="numpy")
    for _ in range(3):
        assert program(1.0) == 2.0
        RNG.random()
    assert len(program.entries) == 1


@pytest.mark.parametrize("draws", ["the generator", "the state", "NumPy's own"])
def test_generators_that_share_their_bits_draw_anew_beside_each_other(draws: str) -> None:
    state = np.random.RandomState(3)
    rng = np.random.Generator(state._bit_generator)
    shared = np.random.Generator(np.random.get_bit_generator())
    draw = {"the generator": rng.random, "the state": state.rand, "NumPy's own": shared.random}[draws]
    program = compile(lambda x: x * anew(draw) + 0 * len({rng, state, shared}), backend="numpy")  # which it names
    assert len({program(1.0) for _ in range(3)}) == 3


def test_what_the_system_draws_is_drawn_anew() -> None:
    rng = random.SystemRandom()
    with pytest.raises(TraceError, match="drew"):
        compile(lambda x: x * rng.random(), backend="numpy")(1.0)
    program = compile(lambda x: x * anew(rng.random), backend="numpy")
    assert len({program(1.0) for _ in range(3)}) == 3


@pytest.mark.parametrize("kind", ["Sobol", "Halton"])
def test_an_object_of_a_library_that_counts_has_more_than_a_cache(kind: str) -> None:
    """Points that fill space follow each other: a program had the first in all calls."""
    qmc = pytest.importorskip("scipy.stats.qmc")
    points, twin = getattr(qmc, kind)(2, rng=3), getattr(qmc, kind)(2, rng=3)
    with pytest.raises(TraceError, match="'num_generated' is changed"):
        compile(lambda x: x * points.random(2), backend="numpy")(np.ones(2))
    program = compile(lambda x: x * anew(points.random, 2), backend="numpy")
    for _ in range(3):
        np.testing.assert_array_equal(program(np.ones(2)), twin.random(2))
