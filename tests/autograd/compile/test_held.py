"""What objects of Python's and of other libraries hold: after every change a program gives what the function gives."""

from __future__ import annotations

import abc
import argparse
import array
import copy
import functools
import logging
import operator
import queue
import random
import types
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from agreement import agree

import nn
from autograd import Tensor, TraceError, Value, anew, compile, gradients, vjp

X = np.array([0.5, -1.0, 2.0])
Case = tuple[Callable[..., Any], list[Callable[[], Any]]]
CASES: dict[str, Callable[[], Case]] = {}


def case(make: Callable[[], Case]) -> Callable[[], Case]:
    """One thing that holds a number, and what changes it."""
    CASES[make.__name__.replace("_", " ")] = make
    return make


class Box:
    """An object with one attribute, of its class."""

    k: Any = 2.0

    def times(self, factor: float) -> Any:
        return self.k * factor


def up(box: Any) -> Callable[[], None]:
    """Count the attribute up."""
    return lambda: setattr(box, "k", getattr(box, "k", 1.0) + 1)


@case
def getters_of_operator() -> Case:
    box = Box()
    inner = types.SimpleNamespace(box=types.SimpleNamespace(k=1.0))
    get, deep, call = operator.attrgetter("k"), operator.attrgetter("box.k"), operator.methodcaller("times", 3.0)
    return (lambda x: x * get(box) + deep(inner) + call(box)), [up(box), up(box), up(inner.box)]


@case
def attributes_that_come_later() -> Case:
    def helper() -> None: ...

    module = types.ModuleType("later")
    space, parsed = types.SimpleNamespace(), argparse.Namespace()
    holders: list[Any] = [
        module,
        space,
        parsed,
        helper,
        type("Late", (), {}),
        type("Slot", (), {"__slots__": ("k",)})(),
    ]

    def f(x: Any) -> Any:
        for holder in (module, space, parsed, helper, holders[-2], holders[-1]):
            x = x * (holder.k if hasattr(holder, "k") else 0.5)
        return x

    return f, [up(holder) for holder in holders for _ in range(2)]


@case
def the_code_and_the_defaults_of_a_function() -> Case:
    def helper(x: Any, *k: Any) -> Any:
        return x * (k[0] if k else 1.0)

    def other(x: Any, k: Any) -> Any:
        return x + k

    def f(x: Any) -> Any:
        try:
            return other(helper(x))  # type: ignore[call-arg]
        except TypeError:
            return x

    return f, [
        lambda: setattr(other, "__defaults__", (3.0,)), lambda: setattr(other, "__kwdefaults__", {}),
        lambda: setattr(helper, "__code__", (lambda x, *k: x * 7.0).__code__),
    ]  # fmt: skip


@case
def the_class_of_an_object_and_its_bases() -> Case:
    class Other(Box):
        k = 5.0

    class Meta(type):
        j = 2.0

    class Third(metaclass=Meta): ...

    class Child(Box): ...

    box, child = Box(), Child()
    return (lambda x: x * box.k + child.k + Third.j), [
        lambda: setattr(box, "__class__", Other), lambda: setattr(Child, "__bases__", (Other,)),
        lambda: setattr(Meta, "j", 3.0),
    ]  # fmt: skip


@case
def what_isinstance_answers() -> Case:
    class Kind(abc.ABC): ...  # noqa: B024

    box = Box()
    return (lambda x: x * 2.0 if isinstance(box, Kind) else x), [lambda: Kind.register(Box)]


@case
def weak_references() -> Case:
    box, other = Box(), Box()
    reference, proxy, method = weakref.ref(box), weakref.proxy(other), weakref.WeakMethod(box.times)
    by_name = weakref.WeakValueDictionary({"box": box})
    numbers = np.array([1.0, 2.0, 3.0])
    array_of = weakref.ref(numbers)
    f = lambda x: x * reference().k + proxy.times(2.0) + method()(1.0) + by_name["box"].k + array_of()  # noqa: E731
    return f, [up(box), up(other), lambda: numbers.fill(7.0)]


@case
def views_and_bytes() -> Case:
    numbers, items = {"k": 2.0}, np.array([2.0, 3.0])
    proxy, values, memory = types.MappingProxyType(numbers), numbers.values(), memoryview(items)
    few, more = array.array("d", [1.0]), bytearray(b"\x02")
    return (lambda x: x * proxy["k"] + sum(values) + memory[0] + few[0] * more[0]), [
        lambda: numbers.update(k=3.0), lambda: numbers.update(j=4.0), lambda: items.fill(5.0),
        lambda: few.__setitem__(0, 9.0), lambda: more.__setitem__(0, 4),
    ]  # fmt: skip


@case
def arrays_of_objects() -> Case:
    box, inner = Box(), [1.0]
    objects = np.array([box, None, 3.0], dtype=object)
    objects[1] = inner
    return (lambda x: x * objects[0].k + objects[1][0] + objects[2]), [
        up(box), lambda: inner.__setitem__(0, 5.0), lambda: objects.__setitem__(2, 8.0)
    ]  # fmt: skip


@case
def objects_that_call() -> Case:
    class Twice:
        k = 2.0

        def __init__(self, f: Any) -> None:
            functools.update_wrapper(self, f)

        def __call__(self, x: Any) -> Any:
            return self.__wrapped__(x) * self.k  # type: ignore[attr-defined]

    class Part(Box):
        half = functools.partialmethod(Box.times, factor=0.5)

    factors = {"k": 2.0}
    twice, vector, part = Twice(lambda x: x + 1.0), np.vectorize(lambda i: i * factors["k"]), Part()
    return (lambda x: twice(x) + vector(np.arange(3.0)) + part.half()), [
        up(twice), lambda: factors.update(k=3.0), up(part), up(part)
    ]  # fmt: skip


@case
def what_methods_of_libraries_read() -> Case:
    waiting: queue.Queue[float] = queue.Queue()
    log = logging.getLogger("chainrule.tests.held")
    polynomial = np.polynomial.Polynomial([1.0, 2.0])
    f = lambda x: x * (waiting.qsize() + 1) + polynomial(3.0) + log.isEnabledFor(10)  # noqa: E731
    return f, [lambda: waiting.put(1.0), lambda: polynomial.coef.fill(4.0), lambda: log.setLevel(5)]


@case
def what_sklearn_and_scipy_have_learned() -> Case:
    interpolate = pytest.importorskip("scipy.interpolate")
    scaler = pytest.importorskip("sklearn.preprocessing").StandardScaler().fit(np.arange(6.0).reshape(2, 3))
    spline, row = interpolate.CubicSpline(np.arange(4.0), np.arange(4.0) ** 2), np.ones((1, 3))
    return (lambda x: x * scaler.transform(row)[0] + spline(1.5)), [
        lambda: scaler.partial_fit(7 * row), lambda: spline.c.__iadd__(1.0)
    ]  # fmt: skip


@case
def modules_that_are_not_called() -> Case:
    model = nn.Sequential(nn.Dense(3, 3, rng=0), nn.Dropout(0.5, rng=0))
    dense: Any = model[0]
    f = lambda x: x * model[1].p * len(list(model.parameters()))  # noqa: E731
    return f, [lambda: setattr(model[1], "p", 0.25), lambda: setattr(dense, "extra", nn.Parameter(1.0))]


@pytest.mark.parametrize("name", CASES)
def test_every_change_is_seen(name: str) -> None:
    f, changes = CASES[name]()
    program = compile(f, backend="numpy")
    for change in (lambda: None, *changes):
        change()
        for _ in range(2):
            agree(program(X), f(X), scale=1)
    traced = len(program.entries)
    program(X)
    assert len(program.entries) == traced


def swept(leaf: Any, sweep: Callable[[Any], Any], *hooks: Any) -> Any:
    """What a sweep from a new node of the leaf's kind gives, or leaves in `.grad`."""
    x: Any = Tensor(X, requires_grad=True) if isinstance(leaf, Tensor) else Value(0.5)
    for hook in hooks:
        x.register_hook(hook)
    found = sweep(x * 1.0)
    return x.grad if found is None else found[0]


# Every way to look at a leaf that the function names, by the name of an attribute or of a method without arguments
READS: dict[str, Callable[[Any], Any]] = {
    f"{kind.__name__}.{name}{'()' if called else ''}": (
        lambda t, name=name, called=called: getattr(t, name)() if called else getattr(t, name)
    )
    for kind in (Tensor, Value)
    for name in dir(kind)
    if not name.startswith("_") and name not in ("backward", "zero_grad", "retain_grad", "register_hook")
    for called in (False, True)
} | {
    f"{kind.__name__}: {name}": read
    for kind in (Tensor, Value)
    for name, read in {
        "copy": copy.copy, "deepcopy": copy.deepcopy, "list": list, "repr": repr, "a format": "{}".format,
        "a seed": lambda t: vjp(lambda x: x * x, X)[1](t), "contains": lambda t: 3.0 in t,
        "a seed of backward": lambda t: swept(t, lambda y: y.backward(t)),
        "a seed of gradients": lambda t: swept(t, lambda y: gradients(y, [y], t)),
        "the answer of a hook": lambda t: swept(t, lambda y: y.backward(t.data * 0 + 1), lambda g: t),
    }.items()
}  # fmt: skip


def numbers_of(x: Any) -> Any:
    return x.data if isinstance(x, (Tensor, Value)) else [*map(numbers_of, x)] if isinstance(x, (list, tuple)) else x


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", READS)
def test_a_leaf_is_read_anew_however_it_is_read(name: str) -> None:
    is_tensor = name.startswith("Tensor")
    leaf: Any = Tensor([2.0, 3.0, 4.0], requires_grad=True) if is_tensor else Value(2.0)
    f = lambda x: READS[name](leaf)  # noqa: E731
    program = compile(f, backend="numpy")
    for _ in range(2):
        try:
            expected = numbers_of(f(X))
        except (TypeError, ValueError, AttributeError, RuntimeError, IndexError):
            return  # it is none
        try:
            got = numbers_of(program(X))
        except TraceError:
            return
        if np.asarray(expected).dtype != object:
            np.testing.assert_equal(np.asarray(got), np.asarray(expected))
        leaf.data = leaf.data + 1.0


def test_the_subclasses_of_a_class_are_those_that_there_were() -> None:
    class Kind:
        factor = 1.0

    def f(x: Any) -> Any:
        return x * sum(kind.factor for kind in Kind.__subclasses__())

    program, kinds = compile(f, backend="numpy"), [type("One", (Kind,), {})]
    assert program(3.0) == 3.0
    kinds.append(type("Two", (Kind,), {}))
    assert program(3.0) == 6.0
    kinds[0].factor = 2.0  # type: ignore[attr-defined]
    assert program(3.0) == 9.0
    assert program(4.0) == 12.0


GENERATORS: dict[str, Callable[[], Any]] = {
    "random": lambda: functools.partial(random.Random(3).gauss, 0.0, 1.0),
    "RandomState": lambda: np.random.RandomState(3).normal,
    "RandomState of another": lambda: np.random.RandomState(np.random.PCG64(3)).normal,
    "Generator": lambda: np.random.default_rng(3).normal,
}


@pytest.mark.parametrize("before", [0, 1, 2])
@pytest.mark.parametrize("name", GENERATORS)
def test_a_normal_number_that_a_generator_keeps_for_later_is_a_draw(name: str, before: int) -> None:
    """Some make two at once: the second call moves no bit generator."""
    draw, expected = GENERATORS[name](), GENERATORS[name]()
    for _ in range(before):
        assert draw() == expected()
    with pytest.raises(TraceError, match="drew"):
        compile(lambda x: x * draw(), backend="numpy")(1.0)
    program = compile(lambda x: x * anew(getattr(draw, "func", draw)), backend="numpy", check=True)
    assert [program(1.0) for _ in range(4)] == [expected() for _ in range(4)]


@pytest.mark.parametrize("result", [np.array([1, None]), np.array("a"), np.array([1j])])
def test_constant_results_that_are_no_numbers_are_refused(result: Any) -> None:
    with pytest.raises(TraceError, match="a result of dtype"):
        compile(lambda x: result, backend="numpy")(1.0)


def test_a_global_or_an_attribute_that_the_function_makes_is_refused() -> None:
    space = types.SimpleNamespace()

    def makes_an_attribute(x: Any) -> Any:
        space.late = 1
        return x

    def makes_a_global(x: Any) -> Any:
        global MADE_LATE
        MADE_LATE = 1
        return x

    for f in (makes_an_attribute, makes_a_global):
        with pytest.raises(TraceError, match="is changed inside a function that is being compiled, from nothing to 1"):
            compile(f, backend="numpy")(1.0)
    assert not vars(space)
    assert "MADE_LATE" not in globals()


def test_what_a_library_keeps_to_itself_may_change() -> None:
    log = logging.getLogger("chainrule.tests.cache")

    def f(x: Any) -> Any:
        log.debug("called")
        return x * 2.0

    program = compile(f, backend="numpy")
    assert [program(x) for x in (1.0, 2.0, 3.0)] == [2.0, 4.0, 6.0]
    assert len(program.entries) == 1
