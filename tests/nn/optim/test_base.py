"""What all optimizers share: steps, groups, states that do not fit, and what they refuse."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor
from nn import Parameter
from nn.optim.rules import SGD, Adam, AdamW, Optimizer

RNG = np.random.default_rng(5)
START = [RNG.standard_normal((3, 2)), RNG.standard_normal(4), RNG.standard_normal(())]


def parameters(dtype: Any = np.float64) -> list[Parameter]:
    return [Parameter(p, dtype=dtype) for p in START]


def walk(params: list[Any], optimizer: Optimizer, steps: range) -> None:
    for step in steps:
        for i, p in enumerate(params):
            p.grad = np.asarray(3 * p.numpy() + math.sin(step + i), dtype=p.dtype)
        optimizer.step()


# --- steps --------------------------------------------------------------------------------------------------------


def test_minimize_is_zero_grad_backward_and_step() -> None:
    ours, theirs = parameters(), parameters()
    for params, whole in ((ours, True), (theirs, False)):
        optimizer = Adam(params, lr=0.1)
        for step in range(3):
            loss = sum(np.sum((p - step) ** 2) for p in params)
            if whole:
                optimizer.minimize(loss)
            else:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
    for our, their in zip(ours, theirs):
        np.testing.assert_array_equal(our.numpy(), their.numpy())
        np.testing.assert_array_equal(our.grad, their.grad)


def test_minimize_warns_at_the_line_that_calls_it() -> None:
    optimizer = SGD(parameters(), lr=1.0)
    with pytest.warns(RuntimeWarning, match="changed nothing") as caught:
        optimizer.minimize(np.sum(Tensor([1.0], requires_grad=True)))
    assert caught[0].filename == __file__


def test_zero_grad_forgets_the_gradients() -> None:
    for groups in (False, True):
        params = parameters()
        optimizer = SGD([{"params": params}] if groups else params, lr=1.0)
        walk(params, optimizer, range(1))
        optimizer.zero_grad()
        assert [p.grad for p in params] == [None] * 3


def test_a_gradient_that_is_a_node_is_taken_as_numbers() -> None:
    p = Parameter(3.0, dtype=np.float64)
    (p * p).backward(create_graph=True)
    assert isinstance(p.grad, Tensor)
    SGD([p], lr=0.5).step()
    assert p.item() == 0
    assert p.is_leaf


def test_a_graph_made_before_a_step_still_goes_backward_with_its_own_numbers() -> None:
    p = Parameter(3.0, dtype=np.float64)
    y = p * p
    p.grad = np.array(1.0)
    optimizer = SGD([p], lr=1.0)
    optimizer.step()
    optimizer.zero_grad()
    y.backward()
    assert p.item() == 2
    assert p.grad == 6


def test_plain_tensors_can_be_trained_too() -> None:
    t = Tensor([1.0], requires_grad=True)
    t.grad = np.array([1.0])
    SGD([t], lr=1.0).step()
    assert t.item() == 0


def test_a_rule_of_ones_own() -> None:
    class SignDescent(Optimizer):
        def update(self, param: Any, grad: Any, state: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
            return param - self.lr * np.sign(grad), state

    p, q = Parameter([1.0, 2.0]), Parameter(5.0)
    optimizer = SignDescent([{"params": [p]}, {"params": [q], "lr": 0.25}], lr=0.5)
    p.grad, q.grad = np.array([3.0, -4.0]), np.array(9.0)
    optimizer.step()
    np.testing.assert_array_equal(p.data, [0.5, 2.5])
    assert q.item() == 4.75
    optimizer.load_state_dict(optimizer.state_dict())
    bare = Optimizer([p], lr=1.0)
    with pytest.raises(NotImplementedError, match="Optimizer does not say its rule: define update"):
        bare.step()


# --- groups -------------------------------------------------------------------------------------------------------


def test_each_group_moves_as_an_optimizer_of_its_own() -> None:
    together, apart = parameters(), parameters()
    optimizer = AdamW(
        [{"params": together[:1], "lr": 0.3}, {"params": together[1:], "weight_decay": 0, "betas": (0.8, 0.9)}],
        lr=0.1,
        weight_decay=0.2,
    )
    others = [
        AdamW(apart[:1], lr=0.3, weight_decay=0.2),
        AdamW(apart[1:], lr=0.1, weight_decay=0, betas=(0.8, 0.9)),
    ]
    assert optimizer.params == together
    for step in range(20):
        walk(together, optimizer, range(step, step + 1))
        walk(apart[:1], others[0], range(step, step + 1))
        for i, p in enumerate(apart[1:], start=1):
            p.grad = np.asarray(3 * p.numpy() + math.sin(step + i))
        others[1].step()
    for p, q in zip(together, apart):
        np.testing.assert_allclose(p.numpy(), q.numpy(), rtol=1e-13)


def test_groups_against_torch() -> None:
    torch = pytest.importorskip("torch", reason="torch is the oracle here")
    ours, theirs = parameters(), [torch.tensor(p, requires_grad=True) for p in START]
    optimizers = [
        kind([{"params": p[:1], "lr": 0.02}, {"params": p[1:], "momentum": 0.5}], lr=0.01, momentum=0.9)
        for kind, p in ((SGD, ours), (torch.optim.SGD, theirs))
    ]
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizers[1], lambda step: 1 / (1 + step))
    for step in range(30):
        optimizers[0].lr = 0.01 / (1 + step)  # what a schedule does
        walk(ours, optimizers[0], range(step, step + 1))
        for i, p in enumerate(theirs):
            p.grad = 3 * p.detach() + math.sin(step + i)
        optimizers[1].step()
        schedule.step()
    for own, their in zip(ours, theirs):
        np.testing.assert_allclose(own.numpy(), their.detach().numpy(), rtol=1e-12)


def test_setting_the_rate_scales_the_rates_of_all_groups() -> None:
    p, q = Parameter(0.0, dtype=np.float64), Parameter(0.0, dtype=np.float64)
    optimizer = SGD([{"params": [p], "lr": 0.25}, {"params": [q]}], lr=0.5)
    p.grad = q.grad = np.array(-1.0)
    for rate, expected in ((0.5, (0.25, 0.5)), (0.0, (0.25, 0.5)), (1.0, (0.75, 1.5))):
        optimizer.lr = rate
        optimizer.step()
        assert (p.item(), q.item()) == expected
    assert [group.lr for group in optimizer.groups] == [0.5, 1.0]


def test_other_hyperparameters_are_set_on_the_group() -> None:
    p = Parameter(1.0, dtype=np.float64)
    optimizer = SGD([{"params": [p]}], lr=0.5)
    optimizer.groups[0].weight_decay = 1.0
    p.grad = np.array(0.0)
    optimizer.step()
    assert p.item() == 0.5


@pytest.mark.parametrize("through_json", [False, True])
def test_groups_resume_exactly(through_json: bool) -> None:
    def make(params: list[Parameter], **options: Any) -> Adam:
        return Adam([{"params": params[:1], "lr": 0.03}, {"params": params[1:]} | options], lr=0.1)

    whole, part = parameters(), parameters()
    a, b = make(whole, betas=(0.5, 0.9)), make(part, betas=(0.5, 0.9))
    a.lr = b.lr = 0.07
    walk(whole, a, range(20))
    walk(part, b, range(8))
    b.lr = 0.0  # where a schedule may end
    saved = b.state_dict()
    if through_json:
        saved = json.loads(json.dumps(saved, default=lambda array: array.tolist()))
    resumed = make(part)
    resumed.load_state_dict(saved)
    resumed.lr = 0.07
    walk(part, resumed, range(8, 20))
    for p, q in zip(whole, part):
        np.testing.assert_array_equal(p.numpy(), q.numpy())


@pytest.mark.parametrize(
    ("groups", "kind", "message"),
    [
        (lambda p: [{"params": [p]}, {"params": [p]}], ValueError, "SGD got a parameter more than once: p"),
        (lambda p: [{"params": [p]}, {"params": []}], ValueError, "SGD got no parameters"),
        (lambda p: [{"params": [p]}, Parameter(1.0)], TypeError, "groups are dicts, .* and number 1 is a Parameter"),
        (lambda p: [{"param": [p]}], TypeError, r"groups are dicts, .* and number 0 has the keys \['param'\]"),
        (lambda p: [{"params": [p], "beta": 1}], TypeError, "SGD: group 0 sets beta, and there is .*momentum"),
        (lambda p: [{"params": [p], "lr": -1}], ValueError, "SGD: lr must be at least 0"),
        (lambda p: [{"params": [p], "momentum": 2}], ValueError, "SGD: momentum must be at least 0"),
        (lambda p: {"params": [p]}, TypeError, "SGD takes a list .* not a dict"),
    ],
)
def test_groups_that_cannot_be_are_refused(groups: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        SGD(groups(Parameter(1.0, name="p")), lr=1.0)


def test_a_rate_cannot_be_relative_to_0() -> None:
    p = Parameter(1.0)
    with pytest.raises(ValueError, match=r"a group's lr is relative to that of all, so of lr=0 none can be 0.1"):
        SGD([{"params": [p], "lr": 0.1}], lr=0)
    assert SGD([{"params": [p], "lr": 0}], lr=0).ratios == [1]


# --- states -------------------------------------------------------------------------------------------------------


def test_a_changed_learning_rate_is_part_of_the_state() -> None:
    a, b = Adam(parameters()), Adam(parameters())
    a.lr = 0.5
    b.load_state_dict(a.state_dict())
    assert b.lr == 0.5


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda s: s["state"].pop(), "a state of 2 parameters does not fit 3 parameters"),
        (lambda s: s["state"][0].pop("m"), "the state of parameter 0 has the shapes"),
        (lambda s: s["state"][1].update(v=np.ones(1)), r"the state of parameter 1 has the shapes .*'v': \(1,\)"),
        (lambda s: s["state"].__setitem__(0, 7), "this is no state of Adam"),
        (lambda s: s["hyperparameters"].update(momentum=0.5), "this is no state of Adam: .*momentum"),
        (lambda s: s["hyperparameters"].update(lr=math.nan), "Adam: lr must be at least 0"),
        (lambda s: s["groups"].append({}), "a state of 1 groups with 0 ratios does not fit 0 groups"),
        (lambda s: s["ratios"].append(1.0), "a state of 0 groups with 1 ratios does not fit 0 groups"),
        (lambda s: s.pop("hyperparameters"), "this is no state of Adam"),
        (lambda s: s.pop("groups"), "this is no state of Adam"),
        (lambda s: s.pop("state"), "this is no state of Adam"),
    ],
)
def test_a_state_that_does_not_fit_is_refused_and_changes_nothing(spoil: Callable[[Any], Any], message: str) -> None:
    params = parameters()
    optimizer = Adam(params)
    walk(params, optimizer, range(2))
    saved, before = optimizer.state_dict(), optimizer.state_dict()
    saved["hyperparameters"]["lr"] = 0.7
    spoil(saved)
    with pytest.raises(ValueError, match=message):
        optimizer.load_state_dict(saved)
    assert optimizer.lr == 1e-3
    for own, kept in zip(optimizer.state_dict()["state"], before["state"]):
        assert own["t"] == kept["t"]
        np.testing.assert_array_equal(own["m"], kept["m"])


def test_a_state_of_groups_that_does_not_fit_is_refused_and_changes_nothing() -> None:
    params = parameters()
    optimizer = Adam([{"params": params[:1]}, {"params": params[1:], "lr": 0.1}], lr=0.2)
    walk(params, optimizer, range(2))
    saved = optimizer.state_dict()
    saved["hyperparameters"]["lr"] = 0.7
    saved["groups"][1]["state"][0]["m"] = np.ones(7)
    with pytest.raises(ValueError, match=r"the state of parameter 0 has the shapes .*'m': \(7,\)"):
        optimizer.load_state_dict(saved)
    with pytest.raises(ValueError, match="a state of 0 groups with 0 ratios does not fit 2 groups"):
        optimizer.load_state_dict(Adam(params).state_dict())
    for ratio in (math.nan, -1.0):
        with pytest.raises(ValueError, match="Adam: the ratio of a group must be at least 0"):
            optimizer.load_state_dict(optimizer.state_dict() | {"ratios": [1.0, ratio]})
    assert (optimizer.lr, optimizer.ratios) == (0.2, [1.0, 0.5])


# --- what they refuse ---------------------------------------------------------------------------------------------


def test_bad_parameters_are_refused() -> None:
    p = Parameter(1.0, name="p")
    with pytest.raises(ValueError, match="SGD got no parameters"):
        SGD([], lr=1.0)
    with pytest.raises(ValueError, match="SGD got a parameter more than once: p"):
        SGD([p, Parameter(2.0), p], lr=1.0)
    with pytest.raises(ValueError, match=r"SGD: parameter 1, of shape \(\), is computed: only leaves can change"):
        SGD([p, p * 2], lr=1.0)
    with pytest.raises(TypeError, match=r"SGD takes tensors, as .* and number 0 is a ndarray"):
        SGD([np.ones(3)], lr=1.0)  # type: ignore[list-item]
    with pytest.raises(TypeError, match=r"SGD takes a list of tensors, as model.parameters\(\) gives, not a Dense"):
        SGD(nn.Dense(2, 1), lr=1.0)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="not a MLP"):
        SGD(nn.MLP(2, 1), lr=1.0)
    with pytest.raises(TypeError, match="not a Parameter"):
        SGD(p, lr=1.0)
