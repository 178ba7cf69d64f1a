"""NetworkRegressor: targets are numbers."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import RegressorMixin

from .base import Array, NetworkEstimator


class NetworkRegressor(RegressorMixin, NetworkEstimator):  # type: ignore[misc]
    """A network as a regressor of scikit-learn, for y of shape (rows,) or (rows, outputs).

    Its parameters are those of NetworkClassifier, but for class_weight. `loss` is by default "mse". Predictions have
    the shape of y and are float64. `score` is the coefficient of determination.

    >>> import numpy as np
    >>> X = np.linspace(-1, 1, 50)[:, None]
    >>> model = NetworkRegressor(16, activation="tanh", optimizer_params={"lr": 0.03}, random_state=0)
    >>> bool(model.fit(X, X[:, 0] ** 2).score(X, X[:, 0] ** 2) > 0.9)
    True
    """

    rules: ClassVar[dict[str, Any]] = {"y_numeric": True}
    shape_: tuple[int, ...]  # of the targets of a row

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """One epoch over these rows, with the network and the optimizer as the last call left them."""
        first = not hasattr(self, "network_")
        return self.one_epoch(X, y, sample_weight, first, known=not first)

    def predict(self, X: Any) -> Array:
        """The prediction for each row, of the shape that y had, (rows,) or (rows, outputs)."""
        rows = self.raw(X)
        return rows.reshape(len(rows), *self.shape_)

    def targets(self, y: Array, known: bool) -> Array:
        """Columns of numbers."""
        if known and y.shape[1:] != self.shape_:
            raise ValueError(
                f"NetworkRegressor: y has shape {y.shape}, and the network was trained on (rows, *{self.shape_})"
            )
        self.shape_ = y.shape[1:]
        return y.reshape(len(y), -1).astype(np.float64)

    def outputs(self) -> int:
        """One for each column of y."""
        return int(np.prod(self.shape_, dtype=int))

    def loss_function(self) -> Any:
        """By default the mean squared error."""
        return "mse" if self.loss is None else self.loss

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
