"""What the numbers are that a model gives: where two classes are cut, and whether classes exclude each other.

Nothing is told from a name. A loss declares it, as data on the function; a tensor knows which call made it; and what
nobody says is not known.
"""

from __future__ import annotations

import math
import operator
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args

import numpy as np

from autograd import Tensor, log_softmax, logsigmoid, sigmoid, softmax

Takes = Literal["logits", "probabilities", "signs", "values"]
Classes = Literal["exclusive", "independent"]
F = TypeVar("F", bound=Callable[..., Any])

CUTS: dict[Any, float] = {  # where an activation is as likely to mean one class as the other
    sigmoid: 0.5, softmax: 0.5, np.heaviside: 0.5, logsigmoid: math.log(0.5), log_softmax: math.log(0.5),
}  # fmt: skip
on_tensors: Any = np  # NumPy's functions answer tensors with tensors, which its type stubs do not know
some: Any = Tensor([[0.0, 1.0]], requires_grad=True)
MOVES = frozenset({  # the calls that only move numbers, as the graph names them
    operator.getitem, np.reshape, np.squeeze, np.transpose, np.swapaxes, np.moveaxis, np.expand_dims,
    on_tensors.concatenate([some, some]).fun, some.astype(np.float32).fun,
})  # fmt: skip


def takes(prediction: Takes | None, classes: Classes | None = None) -> Callable[[F], F]:
    """Declare what a loss takes for predictions, in its attributes `takes` and `classes`.

    "logits" and "signs" are cut at 0, "probabilities" at 0.5, "values", which are to equal the targets, halfway between
    the two labels. `classes` says whether those of a row exclude each other.
    """

    def declare(loss: F) -> F:
        vars(loss).update(takes=prediction, classes=classes)
        return loss

    return declare


@dataclass(frozen=True)
class Meaning:
    """What is known of predictions: where they are cut, what a loss takes them for, what kind of classes they score.

    None is what is not known. `ignored` is the label of targets that do not count.
    """

    cut: float | None = None
    takes: Takes | None = None
    classes: Classes | None = None
    ignored: int | None = None

    def threshold(self, signs: bool) -> float | None:
        """Above which number the second class is predicted, for targets -1 and 1 (`signs`), or 0 and 1."""
        if self.cut is not None:
            return self.cut
        if signs or self.takes in ("logits", "signs"):
            return 0.0
        return None if self.takes is None else 0.5


UNKNOWN = Meaning()
Meanings = Mapping[Any, Meaning]  # of each of several outputs, by name or position; of the only one by None
known: ContextVar[Sequence[tuple[Any, Meaning]]] = ContextVar("known", default=())


def outputs(given: Any) -> dict[Any, Any]:
    """The outputs of a model, or the targets of each, by name or position; the only one by None."""
    if isinstance(given, Mapping):
        return dict(given)
    return dict(enumerate(given)) if isinstance(given, (tuple, list)) else {None: given}


def origin(prediction: Any) -> Any:
    """The tensor whose numbers these are, only moved: reshaped, indexed, joined with others of the same kind."""
    while isinstance(prediction, Tensor) and prediction.fun in MOVES:
        first, *others = (x for x in prediction.args if isinstance(x, Tensor))
        if any(origin(x).fun is not origin(first).fun for x in others):
            break
        prediction = first
    return prediction


def meaning_of(prediction: Any) -> Meaning:
    """What is known of a prediction: a tensor's graph says it, of an array what `knowing` says."""
    if isinstance(prediction, Tensor):
        return Meaning(CUTS.get(origin(prediction).fun))
    own = (m for array, m in known.get() if prediction is array or np.may_share_memory(prediction, array))
    return next(own, UNKNOWN)


@contextmanager
def knowing(prediction: Any, meanings: Meanings) -> Iterator[None]:
    """A block in which the arrays of a prediction, and views of them, are known to have these meanings."""
    found = outputs(prediction)
    token = known.set([(found[key], meaning) for key, meaning in meanings.items() if key in found])
    try:
        yield
    finally:
        known.reset(token)


def warn_of_squashed(loss: str, prediction: Tensor, cure: str) -> None:
    """Warn of a prediction that went through softmax or sigmoid before a loss that does not expect that."""
    fun = getattr(origin(prediction), "fun", None)  # an example in vmap has none
    if fun is softmax or fun is sigmoid:
        name = fun.__name__
        warnings.warn(
            f"{loss} got what {name} gave, so that the gradients are too small, and wrong: {cure.format(name)}",
            UserWarning,
            stacklevel=5,  # the line that called the loss, through its frame
        )


def check_classes(what: str, classes: Any) -> None:
    """Refuse other kinds of classes."""
    if classes not in (*get_args(Classes), None):
        raise ValueError(f'{what}: classes is "exclusive" (one of them is right) or "independent", not {classes!r}')
