"""check_grads finds what is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import GradientCheckError, check_grads, partials, primitive, pullbacks


def test_right_rules_pass_and_trees_are_taken() -> None:
    check_grads(lambda w: [np.sin(w["a"]) * w["b"], w["b"] ** 2], {"a": np.ones((2, 3)), "b": 2.0}, order=3)


def test_a_wrong_first_derivative_is_found(own_rules: Any) -> None:
    wrong = primitive(lambda x: np.sin(x))
    partials(wrong, lambda y, x: np.cos(x) + 1e-4)
    with pytest.raises(GradientCheckError, match=r"order 1, rev: .* finite differences give"):
        check_grads(wrong, np.array([0.3, 0.7]), order=1)


def test_a_wrong_second_derivative_is_found(own_rules: Any) -> None:
    slope = primitive(lambda x: np.cos(x))
    partials(slope, lambda y, x: np.sin(x))  # the sign is wrong
    sine = primitive(lambda x: np.sin(x))
    partials(sine, lambda y, x: slope(x))
    check_grads(sine, np.array([0.3, 0.7]), order=1)
    with pytest.raises(GradientCheckError, match="order 2"):
        check_grads(sine, np.array([0.3, 0.7]), order=2)


def test_a_gradient_that_is_cut_is_found(own_rules: Any) -> None:
    cut = primitive(lambda x: x * x)
    pullbacks(cut, 0)
    with pytest.raises(GradientCheckError, match="order 1"):
        check_grads(cut, np.array([1.0, 2.0]))
