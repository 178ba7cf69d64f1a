"""The rules of the optimizers: closed forms, torch step by step, purity, exact resumption."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nn import Parameter, optim
from nn.optim import rules
from nn.optim.rules import Optimizer

# What torch did, written by trajectories/record.py
RECORDED = json.loads((Path(__file__).parent / "trajectories" / "torch.json").read_text(encoding="utf-8"))
START, PULL = ([np.array(p) for p in RECORDED[key]] for key in ("start", "pull"))
WITH_TORCH: list[tuple[str, dict[str, Any]]] = [(t["name"], t["options"]) for t in RECORDED["trajectories"]]
SETTINGS = [*WITH_TORCH, ("Lion", {}), ("Lion", {"lr": 0.01, "betas": [0.8, 0.95], "weight_decay": 0.1})]
every_setting = pytest.mark.parametrize(("name", "options"), SETTINGS, ids=lambda x: str(x))
KINDS = {name: getattr(optim, name) for name, _ in SETTINGS}


def gradient(i: int, step: int, p: Any) -> Any:
    """The gradient of parameter `i` at `p`: of a bowl that is shaken at every step."""
    return 3 * p + PULL[i][step]


def parameters(dtype: Any = np.float64) -> list[Parameter]:
    return [Parameter(p, dtype=dtype) for p in START]


def walk(optimizer: Optimizer, steps: range) -> None:
    for step in steps:
        for i, p in enumerate(optimizer.params):
            p.grad = np.asarray(gradient(i, step, p.numpy()), dtype=p.dtype)
        optimizer.step()


def make(name: str, options: dict[str, Any], dtype: Any = np.float64) -> Optimizer:
    made: Optimizer = KINDS[name](parameters(dtype), **options)
    return made


def test_every_optimizer_has_a_setting() -> None:
    assert set(KINDS) == set(rules.__all__) - {"Optimizer", "State"}


# --- the rules ----------------------------------------------------------------------------------------------------


def test_sgd_by_hand() -> None:
    p = Parameter([1.0, -2.0], dtype=np.float64)
    optimizer = optim.SGD([p], lr=0.5, momentum=0.5)
    p.grad = np.array([2.0, 4.0])
    optimizer.step()
    np.testing.assert_array_equal(p.data, [0, -4])  # velocity = (2, 4)
    optimizer.step()
    np.testing.assert_array_equal(p.data, [-1.5, -7])  # velocity = (1, 2) + (2, 4)


def test_sgd_on_a_parabola_has_a_closed_form() -> None:
    p = Parameter(1.0, dtype=np.float64)
    optimizer = optim.SGD([p], lr=0.1)
    for _ in range(50):
        optimizer.zero_grad()
        (p * p).backward()
        optimizer.step()
    assert p.item() == pytest.approx(0.8**50, rel=1e-13)


def test_adams_first_step_is_lr_against_the_sign_of_the_gradient() -> None:
    p = Parameter([1.0, 1.0, 1.0], dtype=np.float64)
    optimizer = optim.Adam([p], lr=0.1)
    p.grad = np.array([1e-3, -1e3, 0.0])
    optimizer.step()
    np.testing.assert_allclose(p.data, [0.9, 1.1, 1.0], rtol=1e-5)


def test_adam_under_a_constant_gradient_has_a_closed_form() -> None:
    p = Parameter(0.0, dtype=np.float64)
    optimizer = optim.Adam([p], lr=0.01, eps=1e-3)
    for _ in range(20):  # both corrected means are then the gradient and its square at every step
        p.grad = np.array(2.0)
        optimizer.step()
    assert p.item() == pytest.approx(-20 * 0.01 * 2 / (2 + 1e-3), rel=1e-12)


def test_adagrad_under_a_constant_gradient_slows_down_as_the_root_of_the_steps() -> None:
    p = Parameter(0.0, dtype=np.float64)
    optimizer = optim.Adagrad([p], lr=0.1, eps=0)
    for _ in range(20):
        p.grad = np.array(-3.0)
        optimizer.step()
    assert p.item() == pytest.approx(sum(0.1 / math.sqrt(t) for t in range(1, 21)), rel=1e-14)


def test_adamw_shrinks_a_parameter_whose_gradient_is_0() -> None:
    p = Parameter(1.0, dtype=np.float64)
    optimizer = optim.AdamW([p], lr=0.1, weight_decay=0.5)
    for _ in range(10):
        p.grad = np.array(0.0)
        optimizer.step()
    assert p.item() == pytest.approx(0.95**10, rel=1e-14)


def test_lion_by_the_paper() -> None:
    lr, (beta1, beta2), decay = 0.01, (0.8, 0.95), 0.1
    optimizer = make("Lion", {"lr": lr, "betas": (beta1, beta2), "weight_decay": decay})
    expected = [p.ravel().tolist() for p in START]
    means = [[0.0] * len(p) for p in expected]
    for step in range(200):  # algorithm 2, number by number
        walk(optimizer, range(step, step + 1))
        for i, theta in enumerate(expected):
            for j, pull in enumerate(PULL[i][step].ravel()):
                g = 3 * theta[j] + pull
                c = beta1 * means[i][j] + (1 - beta1) * g
                theta[j] -= lr * (math.copysign(1, c) + decay * theta[j])
                means[i][j] = beta2 * means[i][j] + (1 - beta2) * g
    for p, theta in zip(optimizer.params, expected):
        np.testing.assert_allclose(p.numpy().ravel(), theta, rtol=1e-12, atol=1e-12)


def test_lion_does_not_move_without_a_direction() -> None:
    p = Parameter([1.0, 1.0, 1.0], dtype=np.float64)
    optimizer = optim.Lion([p], lr=0.25)
    p.grad = np.array([0.0, 1e-9, -1e9])
    optimizer.step()
    np.testing.assert_array_equal(p.data, [1, 0.75, 1.25])


def test_a_variance_that_rounding_made_negative_counts_as_0() -> None:
    optimizer = optim.RMSProp([Parameter(0.0)], lr=0.1, centered=True)
    root = np.array(0.1)
    new, _ = optimizer.update(np.array(0.0), root, {"v": np.array(0.009), "m": root})  # 0.00901 - 0.01 < 0
    assert new == pytest.approx(-0.1 * 0.1 / 1e-8, rel=1e-14)


@pytest.mark.parametrize("trajectory", RECORDED["trajectories"], ids=lambda t: f"{t['name']}-{t['options']}")
def test_the_same_steps_as_torch_took(trajectory: dict[str, Any]) -> None:
    optimizer = make(trajectory["name"], trajectory["options"])
    before = 0
    for after, expected in zip(RECORDED["kept"], trajectory["params"], strict=True):
        walk(optimizer, range(before, after))
        before = after
        for p, numbers in zip(optimizer.params, expected, strict=True):
            np.testing.assert_allclose(p.numpy(), numbers, rtol=1e-10, atol=1e-10)
    assert before == 200


@pytest.fixture
def float64_in_torch() -> Iterator[Any]:
    """torch, if it is there; its NAdam keeps the product of its momenta in the default dtype."""
    torch = pytest.importorskip("torch", reason="torch is the oracle here")
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield torch
    torch.set_default_dtype(before)


@pytest.mark.parametrize(("name", "options"), WITH_TORCH, ids=lambda x: str(x))
def test_the_same_steps_as_torch(name: str, options: dict[str, Any], float64_in_torch: Any) -> None:
    torch = float64_in_torch
    ours = make(name, options)
    theirs = [torch.tensor(p, requires_grad=True) for p in START]
    optimizer = getattr(torch.optim, {"RMSProp": "RMSprop"}.get(name, name))(theirs, **options)
    for step in range(200):
        walk(ours, range(step, step + 1))
        for i, p in enumerate(theirs):
            p.grad = torch.as_tensor(gradient(i, step, p.detach().numpy()))
        optimizer.step()
        for p, q in zip(ours.params, theirs):
            np.testing.assert_allclose(p.numpy(), q.detach().numpy(), rtol=1e-10, atol=1e-10)


@every_setting
def test_the_rule_is_pure(name: str, options: dict[str, Any]) -> None:
    optimizer = make(name, options)
    param, grad = np.ones(3), np.full(3, 2.0)
    state = optimizer.initial(param)
    before = {key: np.array(value) for key, value in state.items()}
    first, second = optimizer.update(param, grad, state), optimizer.update(param, grad, state)
    np.testing.assert_array_equal(first[0], second[0])
    np.testing.assert_array_equal(param, np.ones(3))
    np.testing.assert_array_equal(grad, np.full(3, 2.0))
    assert state.keys() == before.keys() == first[1].keys()
    for key in before:
        np.testing.assert_array_equal(state[key], before[key])


@every_setting
def test_float32_stays_float32(name: str, options: dict[str, Any]) -> None:
    optimizer = make(
        name, {key: np.float64(v) if isinstance(v, float) else v for key, v in options.items()}, np.float32
    )
    walk(optimizer, range(3))
    new, state = optimizer.update(
        np.ones(3, np.float32), np.ones(3, np.float32), optimizer.initial(np.ones(3, np.float32))
    )
    arrays = [p.numpy() for p in optimizer.params] + [new] + [v for v in state.values() if isinstance(v, np.ndarray)]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


@every_setting
def test_a_parameter_without_a_gradient_is_skipped(name: str, options: dict[str, Any]) -> None:
    optimizer = make(name, options)
    walk(optimizer, range(3))
    resting, before = optimizer.params[1], optimizer.state_dict()["state"][1]
    numbers = resting.numpy().copy()
    for p in optimizer.params:
        p.grad = np.ones(p.shape)
    resting.grad = None
    optimizer.step()
    np.testing.assert_array_equal(resting.numpy(), numbers)
    after = optimizer.state_dict()["state"][1]
    assert after.keys() == before.keys()
    for key in before:
        np.testing.assert_array_equal(after[key], before[key])


# --- resumption ---------------------------------------------------------------------------------------------------


@every_setting
def test_resuming_is_exact(name: str, options: dict[str, Any]) -> None:
    whole, part = make(name, options), make(name, options)
    walk(whole, range(30))
    walk(part, range(10))
    saved, numbers = part.state_dict(), [p.numpy().copy() for p in part.params]
    walk(part, range(10, 13))  # a snapshot: what comes later does not reach it

    resumed = make(name, options | {"lr": 123.0})
    for p, array in zip(resumed.params, numbers):
        p.data = array
    resumed.load_state_dict(saved)
    walk(resumed, range(10, 30))
    for p, q in zip(whole.params, resumed.params):
        np.testing.assert_array_equal(p.numpy(), q.numpy())


@every_setting
def test_a_state_that_went_through_json_is_as_good(name: str, options: dict[str, Any]) -> None:
    a = make(name, options, np.float32)
    walk(a, range(5))
    b: Optimizer = KINDS[name]([Parameter(p.numpy()) for p in a.params], lr=1.0)
    text = json.dumps(a.state_dict(), default=lambda array: array.tolist())
    b.load_state_dict(json.loads(text))
    walk(a, range(5, 9))
    walk(b, range(5, 9))
    for p, q in zip(a.params, b.params):
        np.testing.assert_array_equal(p.numpy(), q.numpy())


# --- what they refuse ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("SGD", {"lr": -0.1}, "SGD: lr must be at least 0 and below inf, got -0.1"),
        ("SGD", {"lr": math.nan}, "SGD: lr must be .* got nan"),
        ("SGD", {"lr": math.inf}, "SGD: lr must be .* got inf"),
        ("SGD", {"lr": 1, "momentum": 1.0}, "SGD: momentum must be at least 0 and below 1, got 1.0"),
        ("SGD", {"lr": 1, "momentum": -0.5}, "SGD: momentum must be"),
        ("SGD", {"lr": 1, "weight_decay": -1}, "SGD: weight_decay must be"),
        ("SGD", {"lr": 1, "nesterov": True}, "nesterov=True needs a momentum above 0"),
        ("Adagrad", {"lr_decay": -1}, "Adagrad: lr_decay must be"),
        ("Adagrad", {"initial_accumulator_value": -1}, "Adagrad: initial_accumulator_value must be"),
        ("RMSProp", {"alpha": 1}, "RMSProp: alpha must be at least 0 and below 1"),
        ("RMSProp", {"momentum": -1}, "RMSProp: momentum must be"),
        ("Adadelta", {"rho": 1.5}, "Adadelta: rho must be at least 0 and below 1"),
        ("Adam", {"betas": (1.0, 0.9)}, r"Adam: betas\[0\] must be at least 0 and below 1"),
        ("Adam", {"betas": (0.9, math.nan)}, r"Adam: betas\[1\] must be"),
        ("NAdam", {"momentum_decay": -1}, "NAdam: momentum_decay must be"),
        ("Lion", {"betas": (0.9, 1.0)}, r"Lion: betas\[1\] must be"),
    ],
)
def test_bad_hyperparameters_are_refused(name: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(name, options)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("option", ["lr", "eps", "weight_decay"])
@pytest.mark.parametrize("bad", [-1e-8, math.nan, math.inf])
def test_rates_are_not_negative_and_finite(name: str, option: str, bad: float) -> None:
    if option == "eps" and name in ("SGD", "Lion"):
        with pytest.raises(TypeError, match="eps"):
            make(name, {"lr": 1.0, "eps": bad})
    else:
        with pytest.raises(ValueError, match=f"{name}: {option} must be at least 0 and below inf, got {bad}"):
            make(name, {"lr": 1.0} | {option: bad})
