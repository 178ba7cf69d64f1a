"""Schedules: torch's rates step by step, closed forms, composition, state, and what they refuse."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn
from nn.optim.schedules import (
    CosineAnnealingLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    OneCycleLR,
    ReduceLROnPlateau,
    Schedule,
    SequentialLR,
    StepLR,
)

SETTINGS: list[tuple[str, dict[str, Any]]] = [
    ("StepLR", {"step_size": 7}),
    ("StepLR", {"step_size": 3, "gamma": 0.5}),
    ("MultiStepLR", {"milestones": [30, 4, 9, 9]}),
    ("MultiStepLR", {"milestones": [5, 20], "gamma": 0.5}),
    ("CosineAnnealingWarmRestarts", {"T_0": 7}),
    ("CosineAnnealingWarmRestarts", {"T_0": 3, "T_mult": 2, "eta_min": 0.01}),
    ("ExponentialLR", {"gamma": 0.9}),
    ("CosineAnnealingLR", {"T_max": 12}),
    ("CosineAnnealingLR", {"T_max": 30, "eta_min": 0.01}),
    ("LinearLR", {}),
    ("LinearLR", {"start_factor": 0.1, "end_factor": 0.5, "total_iters": 9}),
    ("OneCycleLR", {"max_lr": 0.4, "total_steps": 31}),
    ("OneCycleLR", {"max_lr": 0.4, "total_steps": 40, "pct_start": 0.1, "anneal_strategy": "linear"}),
    ("OneCycleLR", {"max_lr": 0.4, "total_steps": 40, "pct_start": 0.0, "div_factor": 5, "final_div_factor": 10}),
    ("OneCycleLR", {"max_lr": 0.4, "total_steps": 40, "pct_start": 1.0}),
    ("LambdaLR", {}),
]
PLATEAUS: list[dict[str, Any]] = [
    {"mode": "min"},
    {"mode": "min", "patience": 2, "factor": 0.5, "cooldown": 3},
    {"mode": "max", "patience": 1, "factor": 0.3, "threshold": 0.05},
    {"mode": "min", "patience": 1, "threshold": 0.02, "threshold_mode": "abs", "min_lr": 0.005},
    {"mode": "max", "patience": 0, "threshold": 0.02, "threshold_mode": "abs", "eps": 1e-3},
]
VALUES = np.random.default_rng(3).standard_normal(80) + np.linspace(2, -2, 80)


def an_optimizer(lr: float = 0.1) -> nn.Optimizer:
    return nn.SGD([nn.Parameter(0.0)], lr=lr)


def rates(schedule: Schedule, steps: int, lr: float = 0.1) -> list[float]:
    """The rate at t = 0, 1, ..., steps."""
    optimizer = an_optimizer(lr)
    schedule.attach(optimizer)
    found = [optimizer.lr]
    for _ in range(steps):
        schedule.step()
        found.append(optimizer.lr)
    return found


@pytest.fixture(scope="module")
def torch() -> Any:
    return pytest.importorskip("torch", reason="torch is the oracle here")


def torchs_optimizer(torch: Any) -> Any:
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)


def torchs_rates(optimizer: Any, schedule: Any, steps: int) -> list[float]:
    found = [optimizer.param_groups[0]["lr"]]
    optimizer.step()  # torch warns of schedules that go before the optimizer
    for _ in range(steps):
        schedule.step()
        found.append(optimizer.param_groups[0]["lr"])
    return found


# --- torch --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "options"), SETTINGS, ids=str)
def test_the_same_rates_as_torch(torch: Any, name: str, options: dict[str, Any]) -> None:
    positional = [lambda t: 1 / (1 + t)] if name == "LambdaLR" else []
    extra = {"cycle_momentum": False} if name == "OneCycleLR" else {}
    steps = options.get("total_steps", 41) - 1  # torch raises after the last one
    optimizer = torchs_optimizer(torch)
    theirs = getattr(torch.optim.lr_scheduler, name)(optimizer, *positional, **options, **extra)
    expected = torchs_rates(optimizer, theirs, steps)
    np.testing.assert_allclose(
        rates(getattr(nn, name)(*positional, **options), steps), expected, rtol=1e-10, atol=1e-15
    )


def test_warm_up_then_cosine_as_in_torch(torch: Any) -> None:
    optimizer = torchs_optimizer(torch)
    library = torch.optim.lr_scheduler
    parts = [library.LinearLR(optimizer, 0.1, total_iters=5), library.CosineAnnealingLR(optimizer, 20, 0.001)]
    expected = torchs_rates(optimizer, library.SequentialLR(optimizer, parts, milestones=[5]), 25)
    ours = SequentialLR([LinearLR(0.1, total_iters=5), CosineAnnealingLR(20, 0.001)], milestones=[5])
    np.testing.assert_allclose(rates(ours, 25), expected, rtol=1e-10)


@pytest.mark.parametrize("options", PLATEAUS, ids=str)
@pytest.mark.parametrize("sign", [1, -1])
def test_plateaus_as_in_torch(torch: Any, options: dict[str, Any], sign: int) -> None:
    theirs = torchs_optimizer(torch)
    expected = torch.optim.lr_scheduler.ReduceLROnPlateau(theirs, **options)
    optimizer = an_optimizer()
    schedule = ReduceLROnPlateau(**options).attach(optimizer)
    for value in sign * VALUES:
        expected.step(value)
        schedule.step(value)
        assert optimizer.lr == pytest.approx(theirs.param_groups[0]["lr"], rel=1e-14)
    assert optimizer.lr < 0.1


# --- closed forms -------------------------------------------------------------------------------------------------


def test_closed_forms() -> None:
    t = np.arange(21)
    np.testing.assert_allclose(rates(StepLR(5, 0.5), 20), 0.1 * 0.5 ** (t // 5))
    np.testing.assert_allclose(rates(ExponentialLR(0.8), 20), 0.1 * 0.8**t)
    np.testing.assert_allclose(rates(CosineAnnealingLR(20), 20), 0.05 * (1 + np.cos(np.pi * t / 20)), atol=1e-17)
    np.testing.assert_allclose(rates(LinearLR(0.2, total_iters=4), 6), [0.02, 0.04, 0.06, 0.08, 0.1, 0.1, 0.1])
    np.testing.assert_allclose(rates(LambdaLR(lambda t: t + 1.0), 3), [0.1, 0.2, 0.3, 0.4])


def test_one_cycle_begins_low_peaks_and_ends_lower_and_stays() -> None:
    found = rates(OneCycleLR(max_lr=1.0, total_steps=11, pct_start=6 / 11), 20)
    assert found[0] == pytest.approx(1 / 25)
    assert found.index(max(found)) == 5
    assert max(found) == pytest.approx(1.0)
    assert found[10] == pytest.approx(1 / 25e4)
    assert found[10:] == [found[10]] * 11


def test_schedules_in_a_row_each_begin_at_their_own_0() -> None:
    schedule = SequentialLR([ExponentialLR(0.5), StepLR(2, 0.1), LambdaLR(lambda t: 7.0)], milestones=[2, 5])
    np.testing.assert_allclose(rates(schedule, 6, lr=1.0), [1, 0.5, 1, 1, 0.1, 7, 7])


def test_the_rate_is_a_pure_function_of_time() -> None:
    schedule = CosineAnnealingLR(10)
    np.testing.assert_allclose([schedule.rate(t, 0.1) for t in range(11)], rates(schedule, 10))


# --- state --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [lambda: StepLR(3), lambda: CosineAnnealingLR(9), lambda: OneCycleLR(1.0, 20)])
def test_going_on_from_a_state_gives_the_same_rates(make: Callable[[], Schedule]) -> None:
    expected = rates(make(), 20)
    optimizer = an_optimizer()
    first = make().attach(optimizer)
    for _ in range(8):
        first.step()
    second = make().attach(an_optimizer(lr=123.0))
    second.load_state_dict(first.state_dict())
    found = []
    for _ in range(12):
        second.step()
        found.append(second.attached().lr)
    assert found == expected[9:]


def test_a_plateau_goes_on_from_its_state() -> None:
    options: dict[str, Any] = {"patience": 1, "factor": 0.5, "cooldown": 2}
    whole, part, rest = an_optimizer(), an_optimizer(), an_optimizer()
    uninterrupted = ReduceLROnPlateau(**options).attach(whole)
    first = ReduceLROnPlateau(**options).attach(part)
    for value in VALUES[:30]:
        uninterrupted.step(value)
        first.step(value)
    second = ReduceLROnPlateau(**options).attach(rest)
    rest.lr = part.lr  # the rate is part of the optimizer's state
    second.load_state_dict(first.state_dict())
    for value in VALUES[30:]:
        uninterrupted.step(value)
        second.step(value)
        assert rest.lr == whole.lr


def test_attached_again_a_schedule_starts_over_from_the_base() -> None:
    optimizer = an_optimizer()
    schedule = ExponentialLR(0.5).attach(optimizer)
    schedule.step()
    schedule.attach(optimizer)
    assert (optimizer.lr, schedule.t) == (0.1, 0)
    plateau = ReduceLROnPlateau(patience=0).attach(optimizer)
    for value in (1.0, 2.0):
        plateau.step(value)
    assert optimizer.lr == pytest.approx(0.01)
    assert plateau.attach(optimizer).state_dict() == ReduceLROnPlateau().attach(optimizer).state_dict() | {"base": 0.1}


# --- refusals -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: StepLR(0), "StepLR: step_size must be at least 1, got 0"),
        (lambda: CosineAnnealingLR(-3), "T_max must be at least 1"),
        (lambda: LinearLR(total_iters=0), "total_iters must be at least 1"),
        (lambda: OneCycleLR(1.0, 0), "total_steps must be at least 1"),
        (lambda: OneCycleLR(1.0, 5, pct_start=30), "from 0 to 1, not 30"),
        (lambda: OneCycleLR(1.0, 5, anneal_strategy="sin"), "not 'sin'"),  # type: ignore[arg-type]
        (lambda: StepLR(2, every="step"), "every 'step'"),  # type: ignore[arg-type]
        (lambda: ReduceLROnPlateau(factor=1.0), "factor must be between 0 and 1, got 1.0"),
        (lambda: ReduceLROnPlateau(patience=-1), "patience must be at least 0"),
        (lambda: ReduceLROnPlateau(threshold_mode="both"), "not 'both'"),  # type: ignore[arg-type]
        (lambda: ReduceLROnPlateau(mode="up"), 'mode is "min" or "max"'),  # type: ignore[arg-type]
        (lambda: SequentialLR([StepLR(1), StepLR(1)], milestones=[]), "2 schedules need 1 milestones"),
        (lambda: SequentialLR([StepLR(1)] * 3, milestones=[4, 4]), "each after the one before"),
        (lambda: SequentialLR([StepLR(1), StepLR(1, every="batch")], [3]), "all must count the same"),
        (lambda: SequentialLR([StepLR(1), ReduceLROnPlateau()], [3]), "stands alone"),
        (lambda: StepLR(2).load_state_dict({"t": 3}), "no state of StepLR"),
        (lambda: LambdaLR(lambda t: -1.0).attach(an_optimizer()), "a finite number from 0, not -0.1"),
        (lambda: LambdaLR(lambda t: math.nan).attach(an_optimizer()), "not nan"),
        (lambda: ReduceLROnPlateau().attach(an_optimizer()).step(), "needs what it monitors"),
    ],
)  # fmt: skip
def test_refusals(make: Callable[[], Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


def test_steps_are_whole_numbers() -> None:
    with pytest.raises(TypeError, match="integer"):
        StepLR(2.5)  # type: ignore[arg-type]


def test_a_schedule_that_is_not_attached_says_so() -> None:
    with pytest.raises(RuntimeError, match=r"StepLR is not attached: call attach\(optimizer\)"):
        StepLR(2).step()


def test_a_refused_rate_leaves_time_and_optimizer_alone() -> None:
    optimizer = an_optimizer()
    schedule = LambdaLR(lambda t: 1 - 2 * t).attach(optimizer)
    with pytest.raises(ValueError, match="learning rate"):
        schedule.step()
    assert (schedule.t, optimizer.lr) == (0, 0.1)


# --- a rate that is set by hand ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "options"), SETTINGS, ids=str)
def test_a_rate_set_by_hand_scales_what_follows(name: str, options: dict[str, Any]) -> None:
    def make() -> Schedule:
        positional = [lambda t: 1 / (1 + t)] if name == "LambdaLR" else []
        return getattr(nn, name)(*positional, **options)  # type: ignore[no-any-return]

    expected = rates(make(), 11)
    optimizer = an_optimizer()
    schedule = make().attach(optimizer)
    for t in range(1, 12):
        if t == 5:
            optimizer.lr *= 0.25
            again = make().attach(an_optimizer())
            again.load_state_dict(schedule.state_dict())
        schedule.step()
        assert optimizer.lr == pytest.approx(expected[t] * (0.25 if t >= 5 else 1), rel=1e-12)
    for _ in range(5, 12):
        again.step()
    assert again.attached().lr == pytest.approx(optimizer.lr, rel=1e-12)
    schedule.attach(optimizer)
    assert optimizer.lr == expected[0]


def test_a_plateau_goes_on_from_a_rate_set_by_hand() -> None:
    optimizer = an_optimizer(1.0)
    schedule = ReduceLROnPlateau(factor=0.5, patience=0).attach(optimizer)
    for value, by_hand, expected in ((1.0, None, 1.0), (1.0, None, 0.5), (1.0, 0.2, 0.1), (1.0, None, 0.05)):
        optimizer.lr = by_hand or optimizer.lr
        schedule.step(value)
        assert optimizer.lr == pytest.approx(expected)


def test_of_0_a_rate_set_by_hand_is_no_multiple() -> None:
    optimizer = an_optimizer()
    schedule = LambdaLR(lambda t: max(0, 2 - t)).attach(optimizer)
    schedule.step()
    schedule.step()
    schedule.step()
    assert optimizer.lr == 0
    optimizer.lr = 0.5
    with pytest.raises(ValueError, match=r"LambdaLR had brought the rate to 0, and since then it was set to 0.5"):
        schedule.step()
    assert (optimizer.lr, schedule.t) == (0.5, 3)


def test_a_rate_set_by_hand_is_not_lost_when_it_is_saved_before_the_next_step() -> None:
    """At 0 the saved one refuses as the first one does; elsewhere both go on with the same rates."""
    for falls, set_to in ((lambda t: max(0, 2 - t), 0.5), (lambda t: 0.7**t, 0.123), (lambda t: 0.7**t, 0.0)):
        optimizer = an_optimizer()
        schedule = LambdaLR(falls).attach(optimizer)
        schedule.step()
        schedule.step()
        optimizer.lr = set_to
        other, again = an_optimizer(), LambdaLR(falls)
        again.optimizer = other
        other.load_state_dict(json.loads(json.dumps(optimizer.state_dict())))
        again.load_state_dict(json.loads(json.dumps(schedule.state_dict())))
        assert other.lr == set_to
        for one in (schedule, again):
            if falls(2):
                one.step()
            else:
                with pytest.raises(ValueError, match=r"had brought the rate to 0, and since then it was set to 0.5"):
                    one.step()
        assert other.lr == optimizer.lr
        assert again.state_dict() == schedule.state_dict()


def test_states_of_before_load() -> None:
    schedule = StepLR(3).attach(an_optimizer())
    schedule.load_state_dict({"t": 2, "base": 0.5})
    schedule.step()
    assert schedule.attached().lr == pytest.approx(0.05)


# --- as in torch --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", [kind.__name__ for kind in Schedule.__subclasses__() if kind.__module__.startswith("nn.")]
)
def test_an_optimizer_as_first_argument_is_answered(name: str) -> None:
    for arguments, named in ([an_optimizer(), 30], {}), ([], {"optimizer": an_optimizer()}):
        with pytest.raises(
            TypeError, match=rf"{name} takes no optimizer: {name}\(...\).attach\(optimizer\) .*schedule=nn"
        ):
            getattr(nn, name)(*arguments, **named)


def test_milestones_are_a_list() -> None:
    with pytest.raises(TypeError, match="MultiStepLR takes a list of milestones, not 30"):
        nn.MultiStepLR(30)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("cosine", r"'cosine' is not enough: schedule=nn.CosineAnnealingLR\(T_max=7\)$"),
        (nn.CosineAnnealingLR, r"'CosineAnnealingLR' is not enough: schedule=nn.CosineAnnealingLR\(T_max=7\)$"),
        ("one_cycle", r"schedule=nn.OneCycleLR\("),
        ("warmup", r"schedule=nn.CosineAnnealingLR\(T_max=7\) or nn.LinearLR.* or nn.ReduceLROnPlateau\(\)"),
        (3, "schedule is a Schedule, or a function of the epoch that gives a factor, not 3"),
    ],
)
def test_what_is_no_schedule_is_answered_in_fit(given: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        nn.fit(nn.Dense(1, 1), np.ones((2, 1)), np.ones((2, 1)), loss="mse", epochs=7, schedule=given, progress=False)
