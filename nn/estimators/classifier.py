"""NetworkClassifier: targets are labels, one for each row or several."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import ClassifierMixin
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import column_or_1d

from autograd import Tensor, log_softmax, logsigmoid, sigmoid, softmax

from ..optim.base import Optimizer
from .base import Array, Network, NetworkEstimator


class NetworkClassifier(ClassifierMixin, NetworkEstimator):  # type: ignore[misc]
    """A network as a classifier of scikit-learn: labels are numbers or texts, or y is a matrix of 0 and 1, a column for
    each label that a row may have.

    * `network`: the sizes of hidden layers, 100 or (100, 50), with `activation` and numbers of `dtype` (float64, in
      which scikit-learn computes); or a function network(inputs, outputs), given rng= if it takes that; or a module,
      which is copied. It gives logits, one for each class or label.
    * `loss`: a loss on logits; by default cross_entropy, or for a matrix of labels bce_with_logits.
    * `optimizer`: a name, a class or a function of the parameters; `optimizer_params` its options, which searches reach
      as optimizer__lr.
    * `max_iter`: the epochs at most; training ends when the loss has not improved by more than `tol` for
      `n_iter_no_change` epochs (None: never before its time), and the best weights are kept. With `early_stopping`
      the loss is that of the `validation_fraction` of the rows held out.
    * `batch_size`: rows in a step, at most 200 by "auto"; None is all of them.
    * `class_weight`: a dict from labels to weights or "balanced".
    * `random_state`: the seed of weights and order; `warm_start`: fit goes on with the network that there is;
      `verbose`: a progress bar. All others are those of nn.fit.

    Afterwards there are `network_`, `optimizer_`, `history_`, `classes_`, `n_features_in_`, `feature_names_in_`,
    `n_iter_`, `loss_`, `loss_curve_`.

    >>> import numpy as np
    >>> X, y = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array(["no", "yes", "yes", "no"])
    >>> model = NetworkClassifier(16, optimizer_params={"lr": 0.03}, random_state=0).fit(X, y)
    >>> model.predict(X).tolist()
    ['no', 'yes', 'yes', 'no']
    """

    classes_: Array
    several_: bool  # whether a row may have several labels

    def __init__(
        self,
        network: Network = (100,),
        *,
        activation: str | Callable[..., Any] = "relu",
        dtype: npt.DTypeLike = "float64",
        loss: Any = None,
        class_weight: Any = None,
        optimizer: str | Callable[..., Optimizer] = "adam",
        optimizer_params: dict[str, Any] | None = None,
        max_iter: int = 200,
        batch_size: int | str | None = "auto",
        shuffle: bool = True,
        drop_last: bool = False,
        tol: float = 1e-4,
        n_iter_no_change: int | None = 10,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        schedule: Any = None,
        clip_norm: float | None = None,
        metrics: Any = (),
        callbacks: Any = (),
        checkpoint: Any = None,
        resume: bool = False,
        random_state: Any = None,
        warm_start: bool = False,
        verbose: bool | int = False,
        compile: bool | None = None,
    ) -> None:
        super().__init__(
            network, activation=activation, dtype=dtype, loss=loss, optimizer=optimizer,
            optimizer_params=optimizer_params, max_iter=max_iter, batch_size=batch_size, shuffle=shuffle,
            drop_last=drop_last, tol=tol, n_iter_no_change=n_iter_no_change, early_stopping=early_stopping,
            validation_fraction=validation_fraction, schedule=schedule, clip_norm=clip_norm, metrics=metrics,
            callbacks=callbacks, checkpoint=checkpoint, resume=resume, random_state=random_state,
            warm_start=warm_start, verbose=verbose, compile=compile,
        )  # fmt: skip
        self.class_weight = class_weight

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """One epoch over these rows, with the network and the optimizer as the last call left them. The first call is
        given all `classes`, because these rows need not show them all.
        """
        first = not hasattr(self, "network_")
        if first and classes is None:
            raise ValueError("NetworkClassifier: the first call of partial_fit is given all classes: classes=[...]")
        if isinstance(self.class_weight, str):
            raise ValueError(
                f"NetworkClassifier: class_weight={self.class_weight!r} needs all rows at once, and partial_fit has a "
                "part of them: give a dict of weights"
            )
        if classes is not None:
            if not first and not np.array_equal(np.unique(classes), self.classes_):
                raise ValueError(
                    f"NetworkClassifier: classes={classes!r} is not the same as on the last call of partial_fit, "
                    f"{self.classes_!r}"
                )
            self.classes_ = np.unique(classes)
            self.several_ = type_of_target(y) == "multilabel-indicator" if first else self.several_
        return self.one_epoch(X, y, sample_weight, first, known=True)

    def predict(self, X: Any) -> Array:
        """The label of each row, (rows,), or a row of 0 and 1, (rows, labels)."""
        scores = self.raw(X)
        if self.several_:
            return (scores > 0).astype(int)
        labels: Array = self.classes_[scores.argmax(axis=1)]
        return labels

    def predict_proba(self, X: Any) -> Array:
        """The probability of each class, (rows, classes), or of each label by itself."""
        scores = Tensor(self.raw(X))
        return np.array((sigmoid(scores) if self.several_ else softmax(scores, axis=1)).data)

    def predict_log_proba(self, X: Any) -> Array:
        """The logarithms of the probabilities, exact also where those are 0 in float64."""
        scores = Tensor(self.raw(X))
        return np.array((logsigmoid(scores) if self.several_ else log_softmax(scores, axis=1)).data)

    def targets(self, y: Array, known: bool) -> Array:
        """Positions in classes_, or a matrix of 0 and 1."""
        check_classification_targets(y)
        several = type_of_target(y) == "multilabel-indicator"
        if not several and y.ndim > 1:
            y = column_or_1d(y, warn=True)
        there = np.arange(y.shape[1]) if several else np.unique(y)
        if not known:
            self.classes_, self.several_ = there, several
        strange = [label for label in there.tolist() if label not in self.classes_.tolist()]
        if strange or several != self.several_:
            raise ValueError(
                f"NetworkClassifier: y has the classes {there.tolist()}, and the network was made for "
                f"{self.classes_.tolist()}: with other classes fit a new one"
            )
        if several:
            return y.astype(np.float64)
        return np.searchsorted(self.classes_, y)

    def weighed(self, y: Array, weight: Array | None) -> Array | None:
        """The weight of each row times that of its class."""
        if self.class_weight is None:
            return weight
        if self.several_:
            raise ValueError("NetworkClassifier: class_weight is for one label a row, and y is a matrix of labels")
        places = np.searchsorted(self.classes_, y.ravel())
        each = np.ones(len(y)) if weight is None else weight.astype(float)
        if isinstance(self.class_weight, Mapping):
            labels = self.classes_.tolist()
            strange = [label for label in self.class_weight if label not in labels]
            if strange:
                raise ValueError(f"NetworkClassifier: class_weight is for the classes {strange}, and y has {labels}")
            of_class = np.array([float(self.class_weight.get(label, 1)) for label in labels])
            return np.asarray(each * of_class[places])
        # scikit-learn's "balanced" counts rows; here a row of weight 0 is as if it were not there
        counted = each > 0
        each[counted] *= compute_sample_weight(self.class_weight, places[counted])
        return each

    def outputs(self) -> int:
        """One for each class or label."""
        return len(self.classes_)

    def loss_function(self) -> Any:
        """By default the one for labels that exclude each other, or do not."""
        return ("bce_with_logits" if self.several_ else "cross_entropy") if self.loss is None else self.loss

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
