"""Whether calls are recorded: in blocks, functions, generators, coroutines, tasks and threads."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncIterator, Coroutine, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from autograd import Tensor, enable_grad, no_grad
from autograd.recording import Recording, Watch, changed, recording, watched


def leaf(x: Any) -> Tensor:
    return Tensor(x, requires_grad=True)


def is_recorded() -> bool:
    return (leaf(1.0) * 2).requires_grad


@pytest.fixture(autouse=True)
def all_is_as_before() -> Iterator[None]:
    before = recording.get()
    yield
    assert recording.get() is before
    assert is_recorded()


class TestRecording:
    def test_without_gradients_no_graph_is_made(self) -> None:
        x = leaf([1.0, 2.0])
        with no_grad():
            y = x * x
        assert y.is_leaf
        assert not y.requires_grad
        assert (x * x).requires_grad

    def test_nesting(self) -> None:
        x = leaf(1.0)
        with no_grad():
            with enable_grad():
                assert (x * 2).requires_grad
                with no_grad():
                    assert not (x * 2).requires_grad
                assert (x * 2).requires_grad
            assert not (x * 2).requires_grad
        assert (x * 2).requires_grad

    def test_as_decorators(self) -> None:
        x = leaf(1.0)

        @no_grad()
        def off() -> Any:
            """Nothing is recorded here."""
            return x * 2, on()

        @enable_grad()
        def on() -> Any:
            return x * 2

        for _ in range(2):  # the context manager is made anew for every call
            plain, tracked = off()
            assert not plain.requires_grad
            assert tracked.requires_grad
        assert off.__doc__ == "Nothing is recorded here."
        assert (x * 2).requires_grad

    def test_it_is_restored_after_exceptions(self) -> None:
        x = leaf(1.0)
        with pytest.raises(ZeroDivisionError), no_grad():
            1 / 0  # noqa: B018
        assert (x * 2).requires_grad

        @no_grad()
        def failing() -> None:
            raise KeyError

        with pytest.raises(KeyError):
            failing()
        assert (x * 2).requires_grad

    def test_a_backward_pass_inside_no_grad_works_on_a_graph_made_before(self) -> None:
        x = leaf(3.0)
        y = x * x
        with no_grad():
            y.backward()
        assert x.grad == 6.0

    def test_it_is_per_thread(self) -> None:
        x = leaf(1.0)
        with no_grad(), ThreadPoolExecutor(1) as pool:
            assert pool.submit(lambda: (x * 2).requires_grad).result()
            assert not (x * 2).requires_grad

    def test_the_decorators_need_no_parentheses(self) -> None:
        assert not no_grad(is_recorded)()
        assert no_grad(enable_grad(is_recorded))()

    def test_a_block_can_be_entered_again_inside_itself_and_later(self) -> None:
        block = no_grad()
        for _ in range(2):
            with block:
                with block:
                    assert not is_recorded()
                assert not is_recorded()
            assert is_recorded()

        @block
        def countdown(n: int) -> list[bool]:
            return [is_recorded(), *(countdown(n - 1) if n else [])]

        assert countdown(3) == [False] * 4

    def test_one_block_in_several_threads(self) -> None:
        block = no_grad()

        def work(_: int) -> tuple[bool, bool]:
            with block:
                inside = is_recorded()
            return inside, is_recorded()

        with ThreadPoolExecutor(8) as pool, block:
            assert set(pool.map(work, range(200))) == {(False, True)}


class TestGenerators:
    def test_a_decorated_generator_records_nothing_while_it_runs_and_its_caller_does(self) -> None:
        @no_grad
        def steps() -> Generator[bool, Any, str]:
            got = yield is_recorded()
            try:
                yield got or is_recorded()
            except KeyError:
                yield is_recorded()
            return "end"

        def caller() -> Generator[bool, Any, str]:
            return (yield from steps())

        generator = caller()
        assert next(generator) is False
        assert is_recorded()
        assert generator.send(7) == 7
        assert is_recorded()
        assert generator.throw(KeyError()) is False
        assert is_recorded()
        with pytest.raises(StopIteration, match="end"):
            next(generator)

    def test_closing_it_runs_its_finally_without_recording(self) -> None:
        seen = []

        @no_grad()
        def steps() -> Iterator[int]:
            try:
                yield 1
            finally:
                seen.append(is_recorded())

        generator = steps()
        next(generator)
        generator.close()  # type: ignore[attr-defined]
        assert seen == [False]

    def test_what_it_raises_comes_out_and_all_is_restored(self) -> None:
        @no_grad
        def steps() -> Iterator[int]:
            yield 1
            raise KeyError("inside")

        generator = steps()
        next(generator)
        with pytest.raises(KeyError, match="inside"):
            next(generator)

    def test_several_at_once(self) -> None:
        @no_grad
        def off() -> Iterator[bool]:
            for _ in range(3):
                yield is_recorded()

        @enable_grad
        def on() -> Iterator[bool]:
            for _ in range(3):
                yield is_recorded()

        with no_grad():
            assert list(zip(off(), on())) == [(False, True)] * 3

    def test_blocks_inside_of_generators_may_end_in_any_order(self) -> None:
        def steps() -> Iterator[None]:
            with no_grad():
                yield

        first, second = steps(), steps()
        next(first)
        next(second)
        assert not is_recorded()
        assert list(first) == []
        assert not is_recorded()  # the block of the second is still open: it was left open for whoever runs it
        assert list(second) == []
        assert is_recorded()

    def test_a_context_manager_made_of_a_generator_holds_for_its_block(self) -> None:
        @contextmanager
        def frozen() -> Iterator[None]:
            with no_grad():
                yield

        with frozen():
            assert not is_recorded()


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """asyncio.run in a thread of its own: in this one a browser, open for other tests, has a loop that runs."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


class TestTasks:
    def test_tasks_do_not_see_each_other(self) -> None:
        async def off(turn: asyncio.Event, other: asyncio.Event) -> list[bool]:
            with no_grad():
                before = is_recorded()
                other.set()
                await turn.wait()
                return [before, is_recorded()]

        async def on(turn: asyncio.Event, other: asyncio.Event) -> list[bool]:
            await turn.wait()
            seen = is_recorded()
            other.set()
            return [seen, is_recorded()]

        async def both() -> list[list[bool]]:
            a, b = asyncio.Event(), asyncio.Event()
            return list(await asyncio.gather(off(a, b), on(b, a)))

        assert run(both()) == [[False, False], [True, True]]

    def test_a_decorated_coroutine(self) -> None:
        @no_grad
        async def off() -> bool:
            await asyncio.sleep(0)
            return is_recorded()

        async def around() -> tuple[bool, bool]:
            return await off(), is_recorded()

        assert run(around()) == (False, True)

    def test_an_asynchronous_generator_is_refused(self) -> None:
        async def steps() -> AsyncIterator[int]:
            yield 1

        with pytest.raises(TypeError, match=r"steps is an asynchronous generator: .*functions that it calls"):
            no_grad(steps)


def test_the_defaults() -> None:
    assert (Recording().on, Recording().sweeping, Recording().watch) == (True, False, None)


def test_a_block_keeps_nobody_who_watched() -> None:
    block, watch = changed(on=False), Watch()
    gone = weakref.ref(watch)
    with watched(watch), block:
        assert recording.get().watch is watch
    del watch
    assert gone() is None


def test_a_block_that_is_entered_again_holds_what_is_around_it_now() -> None:
    block = changed(on=False)
    for sweeping in (False, True, False):
        with changed(sweeping=sweeping):
            for _ in range(2):
                with block:
                    assert (recording.get().on, recording.get().sweeping) == (False, sweeping)
                assert (recording.get().on, recording.get().sweeping) == (True, sweeping)
