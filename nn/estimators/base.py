"""What both estimators share: the parameters, and training, which is nn.fit's."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Sequence
from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight as weights_checked, check_is_fitted, validate_data

from ..layers import MLP
from ..learning import EarlyStopping, fit
from ..learning.arguments import OPTIMIZERS
from ..module import Module
from ..names import lookup
from ..optim.base import Optimizer
from ..predicting import predict

Array = npt.NDArray[Any]
Network = int | Sequence[int] | Module | Callable[..., Module]
AUTO = 200  # rows in a batch unless said, as in scikit-learn
PREFIX = "optimizer__"


class NetworkEstimator(BaseEstimator):  # type: ignore[misc]
    """A network with the interface of scikit-learn. A subclass says what its targets and its outputs are."""

    def __init__(
        self,
        network: Network = (100,),
        *,
        activation: str | Callable[..., Any] = "relu",
        dtype: npt.DTypeLike = "float64",
        loss: Any = None,
        optimizer: str | Callable[..., Optimizer] = "adam",
        optimizer_params: dict[str, Any] | None = None,
        max_iter: int = 200,
        batch_size: Any = "auto",
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
        self.network = network
        self.activation = activation
        self.dtype = dtype
        self.loss = loss
        self.optimizer = optimizer
        self.optimizer_params = optimizer_params
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.drop_last = drop_last
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.schedule = schedule
        self.clip_norm = clip_norm
        self.metrics = metrics
        self.callbacks = callbacks
        self.checkpoint = checkpoint
        self.resume = resume
        self.random_state = random_state
        self.warm_start = warm_start
        self.verbose = verbose
        self.compile = compile

    # --- parameters ---------------------------------------------------------------------------------------------

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters by name; with `deep` those of the optimizer too, as optimizer__lr."""
        params: dict[str, Any] = super().get_params(deep)
        if deep:
            given = self.optimizer_params
            options = {**defaults(self.optimizer), **(given if isinstance(given, dict) else {})}
            params |= {PREFIX + name: value for name, value in options.items()}
        return params

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name, those of the optimizer as optimizer__lr."""
        options = {name: params.pop(name) for name in list(params) if name.startswith(PREFIX)}
        super().set_params(**params)
        if options:
            known = defaults(self.optimizer)
            unknown = [name for name in options if known and name.removeprefix(PREFIX) not in known]
            if unknown:
                raise ValueError(
                    f"{type(self).__name__}: optimizer={self.optimizer!r} has no {', '.join(unknown)}: it has "
                    f"{', '.join(PREFIX + name for name in known)}"
                )
            own = {name.removeprefix(PREFIX): value for name, value in options.items()}
            self.optimizer_params = {**(self.optimizer_params or {}), **own}
        return self

    # --- training -----------------------------------------------------------------------------------------------

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train a new network, or with warm_start the one that there is, on X (rows, features) and y (rows,) or
        (rows, outputs). Each row counts by its sample_weight: 0 is as if it were not there.
        """
        again = self.warm_start and hasattr(self, "network_")
        X, y, weight = self.checked(X, y, sample_weight, reset=not again)
        targets = self.targets(y, again)
        if not again:
            self.begin(X)
        stopping, validation = None, None
        if self.early_stopping:
            validation = self.validation_fraction
        if self.n_iter_no_change is not None:
            stopping = EarlyStopping(self.n_iter_no_change, min_delta=self.tol)
        self.train(
            X, targets, self.weighed(y, weight), epochs=self.max_iter, early_stopping=stopping, validation=validation,
            schedule=copy.deepcopy(self.schedule), checkpoint=self.checkpoint, resume=self.resume, compile=self.compile,
        )  # fmt: skip
        return self

    def one_epoch(self, X: Any, y: Any, sample_weight: Any, first: bool, known: bool) -> Self:
        """An epoch more, for partial_fit, with the optimizer's state as it was."""
        if self.early_stopping:
            raise ValueError(f"{type(self).__name__}.partial_fit is one epoch, and early_stopping=True is for several")
        X, y, weight = self.checked(X, y, sample_weight, reset=first)
        targets = self.targets(y, known)
        if first:
            self.begin(X)
        # a program is for many epochs: tracing costs more than one of them
        self.train(X, targets, self.weighed(y, weight), epochs=1, compile=bool(self.compile))
        return self

    def begin(self, X: Array) -> None:
        """A new network, its optimizer, and the generator that its rows are shuffled with."""
        self.rng_ = np.random.default_rng(check_random_state(self.random_state).randint(2**31 - 1))
        self.network_ = made(self, X.shape[1], self.outputs())
        self.optimizer_ = optimizer_of(self)
        self.loss_curve_: list[float] = []

    def train(self, X: Array, targets: Array, weight: Array | None, **options: Any) -> None:
        """nn.fit, with what does not differ between fit and partial_fit."""
        if weight is not None:  # rows that do not count take no place in a batch
            there = weight > 0
            X, targets, weight = (X, targets, weight) if there.all() else (X[there], targets[there], weight[there])
        n = len(X)
        size = {"auto": AUTO, None: n}.get(self.batch_size, self.batch_size)
        if isinstance(size, (int, np.integer)):
            size = min(size, n)
        self.history_ = fit(
            self.network_, X, targets, loss=self.loss_function(), optimizer=self.optimizer_, sample_weight=weight,
            batch_size=size, shuffle=self.shuffle,
            drop_last=self.drop_last, clip_norm=self.clip_norm, metrics=self.metrics, callbacks=self.callbacks,
            rng=self.rng_, progress=bool(self.verbose), **options,
        )  # fmt: skip
        self.loss_curve_ = [*self.loss_curve_, *self.history_["loss"]]
        self.loss_, self.n_iter_ = self.loss_curve_[-1], self.history_.epochs

    def checked(self, X: Any, y: Any, weight: Any, reset: bool) -> tuple[Array, Array, Array | None]:
        """The rows, their targets and their weights, if they are of one length and finite."""
        X, y = validate_data(self, X, y, reset=reset, multi_output=True, allow_nd=self.takes_images(), **self.rules)
        if weight is not None:
            weight = weights_checked(weight, X, dtype=np.float64, ensure_non_negative=True)
            if not weight.any():
                raise ValueError(f"{type(self).__name__}: all sample weights are zero, so no row counts")
        return X, y, weight

    def takes_images(self) -> bool:
        """Whether rows may have more than one axis: of a network made of sizes they may not."""
        return not isinstance(self.network, (Integral, list, tuple))

    def raw(self, X: Any) -> Array:
        """What the network says of the rows, in float64, in which scikit-learn computes on."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, allow_nd=self.takes_images())
        rows: Array = np.asarray(predict(self.network_, X), np.float64)
        return rows

    # --- what a subclass says -----------------------------------------------------------------------------------

    rules: ClassVar[dict[str, Any]] = {}  # what validate_data is to look at

    def targets(self, y: Array, known: bool) -> Array:
        """The targets as the loss takes them; `known` if they must be of the kind that was seen before."""
        raise NotImplementedError

    def outputs(self) -> int:
        """How many numbers the network gives for a row."""
        raise NotImplementedError

    def loss_function(self) -> Any:
        """The loss: the one asked for, or the one for the targets."""
        raise NotImplementedError

    def weighed(self, y: Array, weight: Array | None) -> Array | None:
        """How much each row counts."""
        return weight


def made(of: NetworkEstimator, inputs: int, outputs: int) -> Module:
    """A network of an estimator's own: made of sizes, by a function, or a copy of the one given."""
    given, rng = of.network, np.random.default_rng(of.rng_.integers(2**62))
    if isinstance(given, Module):
        return copy.deepcopy(given)
    if callable(given):
        takes_rng = "rng" in inspect.signature(given).parameters
        network = given(inputs, outputs, rng=rng) if takes_rng else given(inputs, outputs)
        if not isinstance(network, Module):
            raise TypeError(
                f"{type(of).__name__}: network(inputs, outputs) makes an nn.Module, and {given!r} gave {network!r}"
            )
        return network
    sizes: Any = [given] if isinstance(given, Integral) else given
    return MLP(inputs, *sizes, outputs, activation=of.activation, rng=rng, dtype=of.dtype)


def maker(optimizer: Any) -> Any:
    """What an optimizer is made by: the class of a name, or the function itself."""
    return lookup("optimizer", optimizer.lower(), OPTIMIZERS) if isinstance(optimizer, str) else optimizer


def defaults(optimizer: Any) -> dict[str, Any]:
    """The options of an optimizer with the numbers that they have unless said; of what is none, none."""
    try:
        _, *options = inspect.signature(maker(optimizer)).parameters.values()
    except (TypeError, ValueError):  # get_params answers whatever the parameters are; fit refuses them
        return {}
    return {option.name: option.default for option in options if option.default is not option.empty}


def optimizer_of(of: NetworkEstimator) -> Optimizer:
    """The optimizer of an estimator's network."""
    make = maker(of.optimizer)
    if isinstance(make, Optimizer) or not callable(make):
        raise TypeError(
            f"{type(of).__name__}: optimizer is a name, a class or a function of the parameters, because every fit "
            f"makes a new one, not {make!r}"
        )
    try:
        optimizer: Optimizer = make(of.network_.parameters(), **(of.optimizer_params or {}))
    except TypeError as error:
        error.add_note(f"{type(of).__name__}: the options of the optimizer are optimizer_params={of.optimizer_params}")
        raise
    return optimizer
