"""What a function names around it: after every change a compiled function gives what the function itself gives."""

from __future__ import annotations

import collections
import functools
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from agreement import agree
from arguments.holders import Box, Frozen, Pair, Slotted

import nn
from autograd import Tensor, compile, grad

X = np.array([0.5, -1.0, 2.0])
A, B = np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, -6.0])
Case = tuple[Callable[..., Any], list[Callable[[], Any]]]
CASES: dict[str, Callable[[], Case]] = {}


def case(make: Callable[[], Case]) -> Callable[[], Case]:
    """One way to depend on something, and what changes it."""
    CASES[make.__name__.replace("_", " ")] = make
    return make


def setting(holder: Any, name: str, *values: Any) -> list[Callable[[], Any]]:
    """Changes of an attribute."""
    return [functools.partial(setattr, holder, name, value) for value in values]


def putting(holder: Any, key: Any, *values: Any) -> list[Callable[[], Any]]:
    """Changes of an item."""
    return [functools.partial(holder.__setitem__, key, value) for value in values]


NUMBERS = (2.0, 2, True, 1, 1.0, 0.0, -0.0, np.float64(0.5), np.float32(0.5), np.int64(3), float("nan"), float("inf"))
ARRAYS = (A, B, A.astype(np.float32), np.arange(3), np.ones((2, 3)), A > 1)


@case
def a_global_in_a_lambda() -> Case:
    return (lambda x: (lambda y: y * VARIABLE)(x)), putting(globals(), "VARIABLE", *NUMBERS, *ARRAYS)


@case
def a_global_in_a_comprehension() -> Case:
    return (lambda x: [y * VARIABLE for y in x]), putting(globals(), "VARIABLE", *NUMBERS)


@case
def a_global_in_a_gradient() -> Case:
    return (lambda x: grad(lambda y: np.sum(y * y * VARIABLE))(x)), putting(globals(), "VARIABLE", 1.0, 2, 3.0, A)


@case
def a_global_that_is_none() -> Case:
    return (lambda x: x if VARIABLE is None else x * VARIABLE), putting(globals(), "VARIABLE", None, 2.0, A, None)


@case
def a_global_that_is_missing() -> Case:
    globals().pop("LATER", None)
    f = lambda x: x * globals().get("LATER", 1.0) if "LATER" not in NAMES else x * LATER  # noqa: E731, F821
    return f, [lambda: None, *putting(globals(), "LATER", 2.0), lambda: NAMES.add("LATER"), lambda: NAMES.clear()]


@case
def a_helper_that_is_replaced() -> Case:
    return (lambda x: helper(x)), putting(globals(), "helper", np.sin, lambda x: 3 * x, lambda x: x * VARIABLE)


@case
def a_closure() -> Case:
    k: Any = 1.0

    def change(value: Any) -> None:
        nonlocal k
        k = value

    return (lambda x: np.copysign(k, x) + k), [functools.partial(change, value) for value in (*NUMBERS, *ARRAYS)]


@case
def attributes() -> Case:
    box = Box(k=1.0)
    return (lambda x: box.k * x), setting(box, "k", *NUMBERS, *ARRAYS)


@case
def attributes_of_attributes() -> Case:
    box = Box(inner=Box(inner=Box(k=1.0)))
    others = [Box(k=3.0), Box(k=A)]
    return (lambda x: box.inner.inner.k * x), [
        *setting(box.inner.inner, "k", 2.0, A, 1), *setting(box.inner, "inner", *others), *setting(others[1], "k", 5.0)
    ]  # fmt: skip


@case
def attributes_through_a_variable() -> Case:
    boxes = [Box(k=1.0), Box(k=A)]

    def f(x: Any) -> Any:
        for box in boxes:
            x = box.k * x
        return x

    return f, [*setting(boxes[0], "k", 2.0, B), *setting(boxes[1], "k", 3), lambda: boxes.append(Box(k=2.0))]


@case
def attributes_by_getattr() -> Case:
    box, name = Box(k1=1.0, k2=2.0), "k"
    return (lambda x: getattr(box, f"{name}1") * x), [*setting(box, "k1", 2.0, A), *setting(box, "k2", 3.0)]


@case
def slots() -> Case:
    box = Slotted()
    box.k = 1.0
    return (lambda x: box.k * x), setting(box, "k", *NUMBERS, *ARRAYS)


@case
def a_frozen_dataclass() -> Case:
    box = Frozen(1.0)
    return (lambda x: box.k * x), [functools.partial(object.__setattr__, box, "k", v) for v in (2.0, A, 3, B)]


@case
def a_namespace() -> Case:
    box = types.SimpleNamespace(k=1.0)
    return (lambda x: box.k * x), setting(box, "k", *NUMBERS, *ARRAYS)


@case
def a_module() -> Case:
    module = types.ModuleType("settings_of_a_test")
    module.k = 1.0  # type: ignore[attr-defined]
    return (lambda x: module.k * x), setting(module, "k", 2.0, A, 3, B)


@case
def a_function_with_an_attribute() -> Case:
    def inner(x: Any) -> Any:
        return inner.k * x  # type: ignore[attr-defined]

    inner.k = 1.0  # type: ignore[attr-defined]
    return (lambda x: inner(x)), setting(inner, "k", 2.0, A, 3, B)


@case
def a_class_attribute() -> Case:
    class Own(Box):
        k = 1.0

    box = Own()
    return (lambda x: box.k * x), [*setting(Own, "k", 2.0, 3, A, B), *setting(box, "k", 7.0)]


@case
def a_method_that_is_replaced() -> Case:
    class Own(Box):
        pass

    class More(Own):
        pass

    box = More(k=2.0)
    return (lambda x: box.scaled(x)), [
        lambda: setattr(box, "k", 3.0), lambda: setattr(Own, "scaled", lambda self, x: x - self.k),
        lambda: setattr(More, "scaled", lambda self, x: x + self.k), lambda: setattr(box, "scaled", np.sin),
    ]  # fmt: skip


@case
def properties_and_others() -> Case:
    class Own(Box):
        pass

    box = Own(k=1.0)
    return (lambda x: box.double * Own.shifted(x) + box.by_class(x)), [
        *setting(box, "k", 2.0, A), lambda: setattr(Own, "double", property(lambda self: 5 * self.k)),
        lambda: setattr(Own, "shifted", staticmethod(lambda x: x - 1)), *setting(Own, "factor", 3.0, A),
    ]  # fmt: skip


@case
def calls_and_items_of_an_object() -> Case:
    box = Box(inner=2.0, table={"k": 1.0})
    return (lambda x: box(x) + box["k"]), [*setting(box, "inner", 3.0, A), *putting(box.table, "k", 2.0, B, 1)]


@case
def a_dict() -> Case:
    d = {"k": 1.0, "other": "name"}
    return (lambda x: d["k"] * x), [*putting(d, "k", *NUMBERS, *ARRAYS), *putting(d, "new", 1.0)]


@case
def what_a_dict_holds() -> Case:
    d = {"a": 1.0}
    return (lambda x: sum(d.values()) * x), [
        *putting(d, "b", 2.0), *putting(d, "c", A), lambda: d.pop("a"), *putting(d, "a", 3),
    ]  # fmt: skip


@case
def a_list_that_grows() -> Case:
    terms: list[Any] = [1.0]
    return (lambda x: sum(t * x for t in terms)), [
        lambda: terms.append(2.0), lambda: terms.append(A), *putting(terms, 0, 5.0, True), lambda: terms.reverse(),
        lambda: terms.extend(range(20)), *putting(terms, 15, 99),
    ]  # fmt: skip


@case
def a_deque_and_a_set() -> Case:
    queue, numbers = collections.deque([1.0, 2.0]), {1, 2}
    return (lambda x: x * sum(queue) + sum(numbers)), [lambda: queue.append(3.0), lambda: numbers.add(5)]


@case
def a_user_dict() -> Case:
    d: Any = collections.UserDict({"k": 1.0})
    return (lambda x: d["k"] * x), putting(d, "k", 2.0, A, 3)


@case
def arrays_in_lists_and_tuples() -> Case:
    pairs = [(A.copy(), 2.0, B.copy()), Pair(B.copy(), 3)]
    return (lambda x: pairs[0][0] * x * pairs[0][1] + pairs[1].a * pairs[1].b), [
        *putting(pairs[0][0], 0, 9.0), *putting(pairs[1].a, 1, 9.0), *putting(pairs, 0, (B, 3.0, A), (A, 2, A)),
        *putting(pairs, 1, Pair(A, 4)),
    ]  # fmt: skip


@case
def a_mutable_default() -> Case:
    def f(x: Any, held: Any = [1.0], *, named: Any = {"k": 2.0}) -> Any:  # noqa: B006
        return x * held[0] + named["k"]

    held, named = f.__defaults__[0], f.__kwdefaults__["named"]  # type: ignore[index]
    return f, [*putting(held, 0, 3.0, A), *putting(named, "k", 5.0, B), *setting(f, "__defaults__", ([7.0],))]


@case
def a_default_of_a_helper() -> Case:
    def inner(x: Any, k: Any = 2.0, w: Any = A.copy()) -> Any:  # noqa: B008
        return x * k + w

    return (lambda x: inner(x)), [*putting(inner.__defaults__[1], 0, 5.0), *setting(inner, "__defaults__", (3.0, B))]  # type: ignore[index]


@case
def a_partial() -> Case:
    weight = A.copy()
    f = functools.partial(lambda w, x, k: w * x * k, weight, k=2.0)
    return f, [*putting(weight, 0, 9.0), *putting(f.keywords, "k", 3.0, B, 1)]


@case
def a_partial_of_a_helper() -> Case:
    loss = functools.partial(nn.mse, target=A.copy())
    inner = functools.partial(lambda x, w: x * w, w=A.copy())
    return (lambda x: loss(Tensor(x)).numpy() * inner(x)), [
        *putting(loss.keywords["target"], 0, 9.0), *putting(inner.keywords["w"], 1, 9.0),
        *putting(inner.keywords, "w", B, 2.0),
    ]  # fmt: skip


@case
def arrays_alone() -> Case:
    C, D = A.copy(), B.copy()
    return (lambda x: x * np.tanh(C - D) + np.cumsum(C)[0]), [*putting(C, 0, 9.0), *putting(D, slice(None), 1.0)]


@case
def arrays_that_decide() -> Case:
    C, D = A.copy(), np.array([0, 2, 1])

    def f(x: Any) -> Any:
        if (C * 2).sum() > 20 or float(C[0]) == 7.0:
            x = -x
        for i in D:
            x = x + x[int(i)]
        return x * np.full(3, C[1]) + np.unique(D).size

    return f, [
        *putting(C, 0, 7.0), *putting(C, 2, 99.0), *putting(D, 0, 1), lambda: np.negative(C, out=C), *putting(D, 1, -1)
    ]  # fmt: skip


@case
def floats_that_decide() -> Case:
    box = Box(k=1.0)
    table = {0.0: 1.0, 1.0: 2.0, 2.0: 3.0}
    return (lambda x: x * table.get(box.k, 5.0) if box.k > 0.5 else x + round(box.k)), setting(box, "k", 2.0, 0.0, 9.0)


@case
def the_same_array_twice() -> Case:
    box = Box(k=A, inner=A)
    return (lambda x: x * box.k + 1.0 if box.k is box.inner else x * box.k - box.inner), [
        *setting(box, "inner", A.copy()), *setting(box, "k", B), *setting(box, "inner", B)
    ]  # fmt: skip


@case
def objects_of_numpy() -> Case:
    names, grid = np.array(["a", "b"]), np.array([1 + 2j, 3.0])
    return (lambda x: x * (names == "a").sum() + grid.real[0]), [*putting(names, 1, "a"), *putting(grid, 0, 5.0)]


@case
def types_that_are_asked() -> Case:
    def f(x: Any) -> Any:
        asked = [isinstance(x, np.ndarray), isinstance(x, float), np.isscalar(x), type(x) is np.ndarray, callable(x)]
        asked += [type(x).__name__ == "ndarray", isinstance(VARIABLE, float), type(VARIABLE) is float]
        return x * sum(2**i for i, answer in enumerate(asked) if answer)

    return f, putting(globals(), "VARIABLE", 1.0, 2, A)


@case
def another_model() -> Case:
    models = [nn.Dense(3, 2, rng=i, dtype=np.float64) for i in range(2)]
    trainer = Box(model=models[0], rate=0.1)

    def step(x: Any) -> Any:
        model = trainer.model
        model.zero_grad()
        loss = (model(x) ** 2).sum()
        loss.backward()
        return [p.grad * trainer.rate for p in model.parameters()]

    return step, [*setting(trainer, "model", models[1], models[0]), *setting(trainer, "rate", 0.5)]


@case
def a_method_with_all_its_attributes() -> Case:
    class Layer(nn.Module):
        def __init__(self) -> None:
            self.lam, self.mask, self.inner, self.parts = 0.5, A.copy(), nn.Dense(3, 3, rng=0, dtype=np.float64), [1.0]

        def forward(self, x: Any) -> Any:
            return self.inner(x[None] * self.mask) * self.lam + self.parts[-1]

    layer = Layer()
    outer = nn.Sequential(layer)
    return (lambda x: outer(x).numpy()), [
        *setting(layer, "lam", 2.0, 3), *putting(layer.mask, 0, 9.0), lambda: layer.parts.append(7.0),
        lambda: layer.inner.W.data.fill(0.5), lambda: setattr(layer.inner, "activation", nn.tanh),
        lambda: setattr(Layer, "forward", lambda self, x: self.inner(x[None]) * VARIABLE),
    ]  # fmt: skip


VARIABLE: Any = 1.0
NAMES: set[str] = set()
helper: Any = np.cos


@pytest.mark.parametrize("name", CASES)
def test_every_change_is_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "VARIABLE", 1.0)
    monkeypatch.setitem(globals(), "helper", np.cos)
    f, changes = CASES[name]()
    program = compile(f, backend="numpy")
    for change in (lambda: None, *changes, lambda: None):
        change()
        for _ in range(2):
            with np.errstate(all="ignore"):
                agree(program(X), f(X), scale=1)
    traced = len(program.entries)
    program(X)
    assert len(program.entries) == traced
    globals().pop("LATER", None)
