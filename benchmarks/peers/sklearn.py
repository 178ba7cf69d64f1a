"""A whole training with scikit-learn."""

from __future__ import annotations

import warnings
from typing import Any

from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from benchmarks.sets import TRAININGS, read


def fit(name: str) -> Any:
    """Train it. Returns the mean loss of the last epoch."""
    if name != "digits":
        raise NotImplementedError("it has neither convolutions nor recurrent networks")
    X, y = read(name)
    _, epochs, size = TRAININGS[name]
    warnings.simplefilter("ignore", ConvergenceWarning)  # so many epochs are asked for
    model = MLPClassifier(100, alpha=0, batch_size=size, max_iter=epochs, n_iter_no_change=epochs, random_state=0)
    return model.fit(X, y).loss_
