"""Our own steps compute what the step by hand computes, in every case; what computes anything else is seen."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from benchmarks.cases import CASES, CHAIN_FACTOR, SCALAR, Case
from benchmarks.peers import compiled, eager, hand
from benchmarks.ratios import agree
from benchmarks.rounds import TOLERANCES
from benchmarks.worker import STEPS, number

every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
compiles = pytest.mark.skipif(not hasattr(autograd, "compile"), reason="autograd.compile does not exist yet")


def losses(step: Callable[[], Any]) -> list[float]:
    return [number(step()) for _ in range(STEPS)]


@functools.cache
def by_hand(case: Case) -> list[float]:
    return losses(hand.training(case))


def same(step: Callable[[], Any], case: Case) -> bool:
    return agree(losses(step), by_hand(case), TOLERANCES["training"])


@every_case
def test_eager_is_by_hand(case: Case) -> None:
    assert same(eager.training(case), case)


@compiles
@every_case
def test_compiled_is_by_hand(case: Case) -> None:
    assert same(compiled.training(case), case)


def test_values_are_by_hand() -> None:
    assert agree(losses(eager.scalar(SCALAR)), losses(hand.scalar(SCALAR)), TOLERANCES["scalar"])


@compiles
@pytest.mark.slow  # it is traced number by number
def test_compiled_values_are_by_hand() -> None:
    assert agree(losses(compiled.scalar(SCALAR)), losses(hand.scalar(SCALAR)), TOLERANCES["scalar"])


@every_case
def test_the_step_by_hand_goes_against_the_gradient(case: Case) -> None:
    """The oracle is another one: central differences of the loss, along the direction of the first update."""
    before = hand.training(case)
    loss = np.float64(before())
    X, y = case.data()

    def loss_at(weights: list[tuple[Any, Any]]) -> float:
        a = X.astype(float)
        for W, b in weights[:-1]:
            a = np.tanh(a @ W + b)
        z = a @ weights[-1][0] + weights[-1][1]
        z -= z.max(axis=1, keepdims=True)
        return float((np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(X)), y]).mean())

    start = [(W.astype(float), b.astype(float)) for W, b in case.weights()]
    assert loss == pytest.approx(loss_at(start), rel=1e-5)

    model = eager.network(case)
    nn.cross_entropy(model(X), y).backward()
    slope = sum(float((p.grad.astype(float) ** 2).sum()) for p in model.parameters())
    t = 1e-4 / slope**0.5
    ahead, behind = (
        loss_at([(W + s * t * layer.W.grad, b + s * t * layer.b.grad) for (W, b), layer in zip(start, model)])
        for s in (1, -1)
    )
    assert (ahead - behind) / (2 * t) == pytest.approx(slope, rel=1e-3)


@every_case
def test_another_rate_is_seen(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eager, "LR", 0.101)
    assert not same(eager.training(case), case)


@every_case
def test_a_bias_that_is_left_out_is_seen(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    network = eager.network

    def frozen(case: Case) -> nn.MLP:
        model = network(case)
        model[-1].b.requires_grad = False
        return model

    monkeypatch.setattr(eager, "network", frozen)
    assert not same(eager.training(case), case)


@pytest.mark.parametrize("chain", [eager.tensor_chain, eager.value_chain])
def test_the_derivative_of_a_chain(chain: Callable[[int], tuple[Callable[[], Any], Callable[[Any], float]]]) -> None:
    forward, backward = chain(1000)
    for _ in range(2):
        assert backward(forward()) == pytest.approx(CHAIN_FACTOR**1000, rel=1e-12)


def test_every_case_starts_afresh() -> None:
    (W, b), *_ = CASES[0].weights()
    W += 1
    b += 1
    assert CASES[0].weights()[0][0] is not W
    assert not np.array_equal(CASES[0].weights()[0][0], W)
    assert all(array.dtype == np.float32 for layer in CASES[0].weights() for array in layer)
