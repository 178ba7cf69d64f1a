"""scikit-learn's own checks of an estimator."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("sklearn")

from sklearn.utils.estimator_checks import parametrize_with_checks

import nn

SMALL: dict[str, Any] = {"network": 8, "optimizer_params": {"lr": 0.1}, "max_iter": 30, "compile": False}


@parametrize_with_checks([nn.NetworkClassifier(**SMALL), nn.NetworkRegressor(**SMALL)])
def test_every_check_of_scikit_learn_passes(estimator: Any, check: Any) -> None:
    check(estimator)
