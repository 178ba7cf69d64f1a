"""RestrictedBoltzmann: its free energy and its chances, from sums over every state; what it learns; what it refuses."""

from __future__ import annotations

from functools import partial
from itertools import product

import numpy as np
import pytest
from arguments.modules import check_layer

import autograd as ag
import nn


def states(cells: int) -> np.ndarray:
    return np.array(list(product([0.0, 1.0], repeat=cells)))


@pytest.fixture
def machine() -> nn.RestrictedBoltzmann:
    machine = nn.RestrictedBoltzmann(3, 2, dtype=np.float64)
    rng = np.random.default_rng(5)
    for p in machine.parameters():
        p.assign(rng.normal(size=p.shape))
    return machine


@pytest.fixture
def weight(machine: nn.RestrictedBoltzmann) -> np.ndarray:
    """exp(-E) of each pair of a visible and a hidden state, (8, 4)."""
    W, c, b = (machine.state_dict()[name] for name in ("up.W", "up.b", "b"))
    return np.array([[np.exp(v @ W @ h + v @ b + h @ c) for h in states(2)] for v in states(3)])


def test_the_free_energy_is_that_of_the_sum_over_hidden_states(
    machine: nn.RestrictedBoltzmann, weight: np.ndarray
) -> None:
    np.testing.assert_allclose(machine(states(3)).numpy(), -np.log(weight.sum(axis=1)), rtol=1e-12)
    assert machine(states(3)[5]).shape == ()
    assert machine(np.ones((4, 2, 3))).shape == (4, 2)


def test_the_chances_are_those_of_one_layer_given_the_other(
    machine: nn.RestrictedBoltzmann, weight: np.ndarray
) -> None:
    up, down = (p @ on / p.sum(axis=1, keepdims=True) for p, on in ((weight, states(2)), (weight.T, states(3))))
    np.testing.assert_allclose(machine.up(states(3)).numpy(), up, rtol=1e-12)
    np.testing.assert_allclose(machine.down(states(2)).numpy(), down, rtol=1e-12)
    np.testing.assert_allclose(machine.down(states(2) == 1).numpy(), down, rtol=1e-12)  # as cells that were thrown


def test_gradients() -> None:
    check_layer(partial(nn.RestrictedBoltzmann, 3, 2, rng=0), states(3) + 0.1)


def test_the_gradient_of_the_free_energy_is_the_rule_of_contrastive_divergence(
    machine: nn.RestrictedBoltzmann,
) -> None:
    v, sample = states(3)[2:7], states(3)[1:6]
    slope = ag.gradients(np.mean(machine(v)) - np.mean(machine(sample)), machine.up.W)
    rule = (v.T @ machine.up.predict(v) - sample.T @ machine.up.predict(sample)) / 5
    np.testing.assert_allclose(-slope, rule, rtol=1e-12, atol=1e-15)


def test_it_begins_small_and_shows_its_sizes() -> None:
    machine = nn.RestrictedBoltzmann(100, 50, rng=0)
    assert machine.up.W.numpy().std() == pytest.approx(0.1, rel=0.05)
    assert not machine.b.numpy().any()
    assert repr(nn.RestrictedBoltzmann(3, 2, rng=0)).startswith("RestrictedBoltzmann(3 -> 2): 11 parameters")


def test_what_does_not_fit_is_refused(machine: nn.RestrictedBoltzmann) -> None:
    with pytest.raises(ValueError, match=r"RestrictedBoltzmann\(3 -> 2\) got input of shape \(4, 1\): .* size 3"):
        machine(np.ones((4, 1)))
    with pytest.raises(ValueError, match=r"got input of shape \(4, 1\): the last axis of hidden cells .* size 2"):
        machine.down(np.ones((4, 1)))
    with pytest.raises(ValueError, match="RestrictedBoltzmann: hidden must be at least 1, got 0"):
        nn.RestrictedBoltzmann(3, 0)
