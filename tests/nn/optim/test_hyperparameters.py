"""A hyperparameter that is set takes effect, on the optimizer, on its groups, in a compiled step; or it is refused."""

from __future__ import annotations

import copy
import inspect
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from nn.learning.arguments import OPTIMIZERS
from nn.optim import Optimizer

# fmt: off
OPTIONS: dict[str, dict[str, Any]] = {"sgd": {"lr": 0.1, "momentum": 0.9}}
OTHER: dict[str, Any] = {
    "lr": 0.03, "weight_decay": 0.5, "momentum": 0.4, "nesterov": True, "eps": 0.5, "betas": (0.5, 0.6), "alpha": 0.5,
    "rho": 0.5, "lr_decay": 0.5, "centered": True, "momentum_decay": 0.5,
}
# fmt: on
AT_THE_START = {"initial_accumulator_value"}
BAD: list[Any] = [
    -1.0,
    math.nan,
    math.inf,
    "0.1",
    None,
    [0.1],
    (0.9, 0.99, 0.9),
    (0.5, 1.0),
    (-0.1, 0.5),
    nn.Dense(1, 1),
]
ALL = [
    (kind, name) for kind, made in OPTIMIZERS.items() for name in inspect.signature(made).parameters if name != "params"
]
SETTABLE = [pair for pair in ALL if pair[1] not in AT_THE_START]


def made(kind: str, params: Any) -> Optimizer:
    return OPTIMIZERS[kind](params, **OPTIONS.get(kind, {}))


def parameter(name: str = "p") -> nn.Parameter:
    return nn.Parameter([1.0, -2.0, 3.0], dtype=np.float64, name=name)


def walk(optimizer: Optimizer, steps: int = 3) -> None:
    for step in range(steps):
        for p in optimizer.params:
            p.grad = 2 * p.numpy() + math.sin(step)
        optimizer.step()


def expected(kind: str, name: str, value: Any, optimizer: Optimizer) -> Any:
    """What the rule of an optimizer that was made with the value gives for the only parameter, and its state."""
    (p,) = optimizer.params
    rule = OPTIMIZERS[kind]([parameter()], **optimizer.hyperparameters() | {name: value})
    state = rule.initial(p.numpy()) | copy.deepcopy(optimizer.state[0])
    return rule.update(p.numpy(), 2 * p.numpy(), state)


def now(optimizer: Optimizer) -> Any:
    (p,) = optimizer.params
    p.grad = 2 * p.numpy()
    optimizer.step()
    return p.numpy()


# --- it takes effect ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "name"), SETTABLE)
def test_what_is_set_later_takes_effect_as_in_the_constructor(kind: str, name: str) -> None:
    optimizer = made(kind, [parameter()])
    walk(optimizer)
    before = expected(kind, name, getattr(optimizer, name), optimizer)
    wanted = expected(kind, name, OTHER[name], optimizer)
    setattr(optimizer, name, OTHER[name])
    np.testing.assert_array_equal(now(optimizer), wanted[0])
    assert repr(wanted) != repr(before), "the value of this test changes nothing"


@pytest.mark.parametrize("where", ["on the group", "on all"])
@pytest.mark.parametrize(("kind", "name"), SETTABLE)
def test_it_takes_effect_in_groups(kind: str, name: str, where: str) -> None:
    optimizer = made(kind, [{"params": [parameter()]}, {"params": [parameter("q")]}])
    walk(optimizer)
    group, other = optimizer.groups
    wanted = expected(kind, name, OTHER[name], group)
    rest = expected(kind, name, OTHER[name] if where == "on all" else getattr(other, name), other)
    setattr(group if where == "on the group" else optimizer, name, OTHER[name])
    for p in optimizer.params:
        p.grad = 2 * p.numpy()
    optimizer.step()
    np.testing.assert_array_equal(optimizer.params[0].numpy(), wanted[0])
    np.testing.assert_array_equal(optimizer.params[1].numpy(), rest[0])


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize(("kind", "name"), SETTABLE)
def test_it_takes_effect_in_a_compiled_step(kind: str, name: str, grouped: bool) -> None:
    numbers = []
    for compiled in (True, False):
        p = parameter()
        optimizer = made(kind, [{"params": [p]}] if grouped else [p])

        def step(optimizer: Optimizer = optimizer, p: Any = p) -> Any:
            autograd.depends_on({"optimizer": optimizer})
            optimizer.zero_grad()
            loss = (p * p).sum()
            loss.backward()
            optimizer.step()
            return loss

        run = autograd.compile(step, backend="numpy") if compiled else step
        for _ in range(3):
            run()
        setattr(optimizer.groups[0] if grouped else optimizer, name, OTHER[name])
        for _ in range(3):
            run()
        numbers.append(p.numpy())
    np.testing.assert_allclose(numbers[0], numbers[1], rtol=1e-13)


def test_setting_the_rate_inside_a_compiled_step() -> None:
    numbers = []
    for compiled in (True, False):
        p, q = parameter(), parameter("q")
        optimizer = nn.SGD([{"params": [p], "lr": 0.2}, {"params": [q]}], lr=0.1)

        def step(optimizer: Optimizer = optimizer, p: Any = p, q: Any = q) -> Any:
            loss = (p * p + q * q).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            optimizer.lr = optimizer.lr * 0.5
            return loss

        run = autograd.compile(step, backend="numpy") if compiled else step
        for _ in range(4):
            run()
        assert (optimizer.lr, optimizer.groups[0].lr) == (0.1 / 16, 0.2 / 16)
        numbers.append([p.numpy(), q.numpy()])
    np.testing.assert_allclose(numbers[0], numbers[1], rtol=1e-14)


def test_what_a_group_has_of_its_own_stays() -> None:
    """Named in its dict, also by the number that all have, or set on it."""
    groups = [{"params": [parameter()], "weight_decay": 0}, {"params": [parameter()]}, {"params": [parameter()]}]
    optimizer = nn.SGD(groups, lr=0.1)
    optimizer.groups[1].weight_decay = 0.25
    optimizer.weight_decay = 0.5
    assert [group.weight_decay for group in optimizer.groups] == [0, 0.25, 0.5]
    again = nn.SGD([{"params": [parameter()]} for _ in range(3)], lr=0.1)
    again.load_state_dict(optimizer.state_dict())
    again.weight_decay = 0.75
    assert [group.weight_decay for group in again.groups] == [0, 0.25, 0.75]
    own = nn.SGD([{"params": [parameter()], "momentum": 0.5}], lr=0.1)
    with pytest.raises(AttributeError, match=r"SGD: every group has a momentum of its own, .*optimizer.groups\[0\]"):
        own.momentum = 0.9
    assert own.momentum == 0


def test_a_rate_set_on_a_group_holds_and_then_follows_the_schedule() -> None:
    p, q = parameter(), parameter("q")
    optimizer = nn.SGD([{"params": [p]}, {"params": [q], "lr": 0.4}], lr=0.1)
    schedule = nn.ExponentialLR(0.5).attach(optimizer)
    optimizer.groups[0].lr = 0
    optimizer.groups[1].lr = 0.8
    start = p.numpy()
    for rates in ((0.0, 0.8), (0.0, 0.4), (0.0, 0.2)):
        assert tuple(group.lr for group in optimizer.groups) == rates
        moved = q.numpy() - rates[1] * 2 * q.numpy()
        for each in (p, q):
            each.grad = 2 * each.numpy()
        optimizer.step()
        np.testing.assert_array_equal(p.numpy(), start)
        np.testing.assert_allclose(q.numpy(), moved, rtol=1e-14)
        schedule.step()


def test_a_group_that_is_frozen_while_the_rate_of_all_is_0() -> None:
    optimizer = nn.SGD([{"params": [parameter()]}, {"params": [parameter()]}, {"params": [parameter()]}], lr=0.5)
    optimizer.lr = 0
    optimizer.groups[0].lr = 0
    optimizer.groups[1].lr = 0.25  # of 0 there is no ratio: it is one of the rate that follows
    assert optimizer.ratios == [0, None, 1]
    again = nn.SGD([{"params": [parameter()]} for _ in range(3)], lr=0.5)
    again.load_state_dict(optimizer.state_dict())
    for each in (optimizer, again):
        each.lr = 0
        each.lr = 0.5
        assert [group.lr for group in each.groups] == [0, 0.25, 0.5]
        each.lr = 1.0
        assert [group.lr for group in each.groups] == [0, 0.5, 1]


def test_a_schedule_in_fit_and_a_frozen_group() -> None:
    X = np.random.default_rng(0).standard_normal((20, 3))
    model = nn.MLP(3, 4, 1, rng=0)
    optimizer = nn.Adam([{"params": model[0].parameters()}, {"params": model[1].parameters()}], lr=0.1)
    frozen: list[Any] = []

    def freeze(epoch: Any) -> None:
        if epoch.number == 2:
            epoch.optimizer.groups[0].lr = 0
        if epoch.number >= 2:
            frozen.append([*model[0].state_dict().values()])

    schedule = nn.CosineAnnealingLR(8)
    nn.fit(
        model,
        X,
        X[:, :1],
        loss="mse",
        epochs=5,
        optimizer=optimizer,
        schedule=schedule,
        callbacks=freeze,
        progress=False,
    )
    for arrays in frozen[1:]:
        for one, first in zip(arrays, frozen[0]):
            np.testing.assert_array_equal(one, first)


# --- or it is refused ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "name"), ALL)
def test_what_the_constructor_refuses_is_refused_later_and_nothing_changes(kind: str, name: str) -> None:
    options = OPTIONS.get(kind, {})
    refused = 0
    for value in BAD:
        optimizer = made(kind, [{"params": [parameter()]}])
        try:
            OPTIMIZERS[kind]([parameter()], **options | {name: value})
            continue
        except (TypeError, ValueError) as error:
            kind_of_error, text = type(error), str(error)
        refused += 1
        for one in (optimizer, optimizer.groups[0]):
            before = repr(optimizer.state_dict())
            with pytest.raises((kind_of_error, AttributeError)) as caught:
                setattr(one, name, value)
            assert str(caught.value) == text or name in AT_THE_START
            assert name in text
            assert repr(optimizer.state_dict()) == before
    assert refused >= 6


def test_what_matters_only_at_the_start_cannot_be_set() -> None:
    optimizer = nn.Adagrad([parameter()])
    with pytest.raises(AttributeError, match="initial_accumulator_value matters only at the start"):
        optimizer.initial_accumulator_value = 1.0
    optimizer.load_state_dict(nn.Adagrad([parameter()], initial_accumulator_value=2.0).state_dict())
    assert optimizer.state[0]["total"][0] == 2


def test_values_that_do_not_go_together_are_refused_in_all_groups_at_once() -> None:
    optimizer = nn.SGD([{"params": [parameter()]}, {"params": [parameter()], "nesterov": True}], lr=0.1, momentum=0.9)
    with pytest.raises(ValueError, match="SGD: nesterov=True needs a momentum above 0"):
        optimizer.momentum = 0
    assert [optimizer.momentum, *(group.momentum for group in optimizer.groups)] == [0.9, 0.9, 0.9]
    with pytest.raises(ValueError, match="nesterov=True needs"):
        nn.SGD([parameter()], lr=0.1).nesterov = True


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_names_that_no_step_looks_at_are_refused(kind: str) -> None:
    optimizer = made(kind, [parameter()])
    for name in ("learning_rate", "weigth_decay", "LR"):
        with pytest.raises(
            AttributeError, match=rf"has no hyperparameter '{name}': setting it would do nothing \(.*lr"
        ):
            setattr(optimizer, name, 0.1)
    for name in ("params", "groups", "state", "named", "ratio"):
        with pytest.raises(AttributeError, match=rf"{name} cannot be set: add_param_group"):
            setattr(optimizer, name, [])


def test_a_schedule_for_a_rate_is_answered() -> None:
    with pytest.raises(TypeError, match=r"SGD: lr must be a number, got .*CosineAnnealingLR.*schedule.attach"):
        nn.SGD([parameter()], lr=nn.CosineAnnealingLR(5))  # type: ignore[arg-type]


def test_optimizers_of_ones_own_may_set_what_they_like() -> None:
    class Own(Optimizer):
        def __init__(self, params: Any, lr: float, strength: float = 1.0) -> None:
            super().__init__(params, lr)
            self.strength = strength

        def update(self, param: Any, grad: Any, state: Any) -> Any:
            self.count = getattr(self, "count", 0) + 1
            return param - self.lr * self.strength * grad, state

    optimizer = Own([parameter()], 0.5)
    optimizer.strength = 0.0
    np.testing.assert_array_equal(now(optimizer), [1, -2, 3])
    assert optimizer.count == 1


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda o: pickle.loads(pickle.dumps(o))])
def test_copies_are_optimizers_of_their_own(copied: Callable[[Any], Any]) -> None:
    optimizer = nn.Adam([{"params": [parameter()]}, {"params": [parameter()], "lr": 0.5}], lr=0.25)
    other = copied(optimizer)
    other.lr = 0.5
    assert ([g.lr for g in other.groups], [g.lr for g in optimizer.groups]) == ([0.5, 1], [0.25, 0.5])
