"""What all optimizers share: parameters, groups of them, the state of each, and the step."""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MethodType
from typing import Any, ClassVar, Self
from weakref import WeakSet

import numpy as np

from autograd import Tensor, anew, arrays, depends_on

from ..checks import number
from ..module import REPLACED, Module, numbers_of
from ..synonyms import MissingInOptimizers, refuse_constructor
from .hyperparameters import Check, nonnegative

State = dict[str, Any]
Parameters = Iterable[Tensor | Mapping[str, Any]]


OWN = frozenset({"params", "groups", "state", "named", "ratio"})  # what an optimizer has besides hyperparameters
reminded: WeakSet[Optimizer] = WeakSet()  # those that have warned of a step without a gradient


class Optimizer(MissingInOptimizers):
    """One rule for all parameters: `update(param, grad, state) -> param, state`.

    A subclass sets its hyperparameters under the names that its constructor gives them, then calls this constructor,
    and defines `update`, and `initial` if it keeps a state. `checks` says what they may be.

    `params` is a list of tensors, or a list of groups, dicts of such a list and the hyperparameters that differ for it:

        optimizer = nn.Adam([{"params": body, "lr": 1e-4}, {"params": head}], lr=1e-3)

    Each of `optimizer.groups` is then an optimizer with hyperparameters of its own. A hyperparameter that is set later,
    `optimizer.weight_decay = 0.1`, is checked as in the constructor and holds from the next step on, also for the
    groups, except those that have one of their own, from their dict or because it was set on them. `optimizer.lr` is
    the rate of the groups that name none, and the rates of the others keep their ratio to it. So a schedule, which sets
    `optimizer.lr`, scales them all.
    """

    lr: float
    weight_decay: float = 0.0
    params: list[Tensor]  # those of all groups
    groups: list[Optimizer]  # empty if there are none
    state: list[State]  # of each parameter, if there are no groups: they keep their own
    named: frozenset[str] = frozenset()  # of a group: the hyperparameters that do not follow those of the optimizer
    ratio: float | None = 1.0  # of a group: its rate over that of the optimizer; None where that is not known yet
    checks: ClassVar[dict[str, Check]] = {"lr": nonnegative, "weight_decay": nonnegative}

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Answer to those who give arguments under other libraries' names, or no parameters, as in Keras."""
        refuse_constructor(cls, kwargs)
        if kwargs and not args and "params" not in kwargs:
            raise TypeError(
                f"{cls.__name__} is made of parameters, nn.{cls.__name__}(model.parameters(), lr=0.1); for fit, which "
                f"has the model, a function makes it, optimizer=lambda params: nn.{cls.__name__}(params, lr=0.1)"
            )
        return super().__new__(cls)

    def __init__(self, params: Parameters, lr: float) -> None:
        self.lr = lr
        given = listed(self.kind, params)
        groups = self.grouped(given)
        found = self.trainable([p for group in groups for p in group.params] if groups else given)
        state = [] if groups else [self.initial(numbers_of(p)) for p in found]
        vars(self).update(params=found, groups=groups, state=state)

    def initial(self, param: Any) -> State:
        """The state of a parameter before its first update."""
        return {}

    def update(self, param: Any, grad: Any, state: State) -> tuple[Any, State]:
        """The next numbers of a parameter, and its next state."""
        raise NotImplementedError(f"{self.kind} does not say its rule: define update(self, param, grad, state)")

    def penalized(self, grad: Any, param: Any) -> Any:
        """The gradient with that of the penalty weight_decay / 2 * param^2."""
        return grad + self.weight_decay * param if self.weight_decay else grad

    def step(self) -> None:
        """Update every parameter that has a gradient; the others, and their state, stay as they are.

        The first step in which none has one warns: most often `loss.backward()` is missing.
        """
        if not self.advance():
            anew(self.remind)

    def minimize(self, loss: Tensor) -> None:
        """One step down the slope of `loss`, a tensor of one number: `zero_grad()`, `loss.backward()`, `step()`."""
        self.zero_grad()
        loss.backward()
        if not self.advance():
            anew(self.remind)

    def advance(self) -> bool:
        """One step. Whether any parameter had a gradient."""
        depends_on(vars(self), "lr")
        moved = False
        for group in self.groups:
            moved = group.advance() or moved
        for state, param in zip(self.state, self.params):
            grad = param.grad
            if grad is not None:
                read = param.numpy
                if type(grad) is not np.ndarray:
                    read, grad = others(param, grad, state)
                if state:
                    depends_on(state, *state, of=param.name)
                new, following = self.update(read(), grad, state)
                param.assign(new)
                state.update(following)
                moved = True
            elif id(param) in REPLACED:
                self.warn_of_replaced(param)
        return moved

    def remind(self) -> int:
        """Warn, once, of a step that had nothing to do."""
        if self not in reminded:
            reminded.add(self)
            warnings.warn(
                f"{self.kind}.step() changed nothing: no gradient in any of its {len(self.params)} parameters. Call "
                "loss.backward() before step(), and zero_grad() before backward(), not after it; and is the loss "
                "computed from these parameters, and do they have requires_grad=True?",
                RuntimeWarning,
                stacklevel=4,
            )
        return 0  # a number, as what programs repeat must give

    def warn_of_replaced(self, param: Tensor) -> None:
        """Say once that a module has another parameter in the place of this one, which nobody trains."""
        del REPLACED[id(param)]
        name = param.name or f"one of shape {param.shape}"
        warnings.warn(
            f"{self.kind}: {name} is no longer in its module, where another took its place after this optimizer was "
            "made: make the optimizer after the last layer was set, or it will not be trained",
            stacklevel=4,
        )

    def zero_grad(self) -> None:
        """Forget the gradient of every parameter: `.grad` is None again."""
        for param in self.params:
            param.grad = None

    def add_param_group(self, group: Any) -> None:
        """Train further parameters: a dict as the constructor takes in a list of groups. All or nothing.

        Hyperparameters that it does not name are those of the optimizer as they are now.
        """
        if not isinstance(group, Mapping):
            seen = type(group).__name__
            raise TypeError(
                f'{self.kind}: a group is a dict, {{"params": layer.parameters(), "lr": 0.1}}, not a {seen}'
            )
        (added,) = self.grouped([group])
        groups = list(self.groups)
        if not groups:  # what there is becomes the first group
            first = type(self)(self.params, **self.hyperparameters())
            vars(first).update(state=self.state, named=frozenset(), ratio=1.0)
            groups = [first]
        params = self.trainable([*self.params, *added.params])
        vars(self).update(params=params, groups=[*groups, added], state=[])

    # --- hyperparameters that are set ---------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        if "state" not in vars(self):  # the constructor is at work
            vars(self)[name] = self.checked(name, value)
            return
        self.refuse_unknown(name)
        if name == "lr":
            self.set_rate(anew(self.checked, name, value))  # programs may set it, too
            if "ratio" in vars(self):
                vars(self)["ratio"] = None
            return
        following = self.following(name)
        values = [one.checked(name, value) for one in following]
        for one, checked in zip(following, values):
            vars(one)[name] = checked
            one.fit_state()
        vars(self)["named"] = self.named | {name}

    def checked(self, name: str, value: Any) -> Any:
        """A hyperparameter as it is kept. Raises ValueError or TypeError for one that cannot be."""
        return self.checks[name](f"{self.kind}: {name}", value) if name in self.checks else value

    def refuse_unknown(self, name: str) -> None:
        """Raise AttributeError for what no step would look at, and for what cannot be replaced."""
        if name in OWN:
            ways = "add_param_group(...) adds parameters, load_state_dict(...) takes over a state"
            raise AttributeError(f"{self.kind}.{name} cannot be set: {ways}")
        of_library = type(self).__init__.__module__.partition(".")[0] == __name__.partition(".")[0]
        if name not in vars(self) and of_library:  # a constructor of one's own may set what it likes, in any order
            known = ", ".join(self.hyperparameters())
            raise AttributeError(f"{self.kind} has no hyperparameter {name!r}: setting it would do nothing ({known})")

    def following(self, name: str) -> list[Optimizer]:
        """The optimizer itself and its groups but for those that have a hyperparameter of this name of their own."""
        groups = [one for group in self.groups if name not in group.named for one in group.following(name)]
        if self.groups and not groups:
            where = f"set it on one of them, optimizer.groups[0].{name}"
            raise AttributeError(
                f"{self.kind}: every group has a {name} of its own, so that of all is used by none: {where}"
            )
        return [self, *groups]

    def set_rate(self, rate: float) -> None:
        """Set the learning rate here, and in every group in its ratio to it."""
        depends_on(vars(self), "lr")
        for group in self.groups:
            if group.ratio is None:
                vars(group)["ratio"] = self.ratio_of(group.lr, rate)
            if group.ratio is not None:
                group.set_rate(rate * group.ratio)
        vars(self)["lr"] = rate

    def ratio_of(self, lr: float, following: float) -> float | None:
        """The ratio of a rate that was set on a group; of a rate of 0 none is known, but of the one that follows it."""
        if lr == 0 or self.lr or following:
            return lr / (self.lr or following or 1)
        return None

    @property
    def ratios(self) -> list[float | None]:
        """The rate of each group over that of the optimizer."""
        return [self.ratio_of(g.lr, 0) if g.ratio is None else g.ratio for g in self.groups]

    def fit_state(self) -> None:
        """Give every parameter the parts of a state that the hyperparameters ask for now."""
        for state, param in zip(self.state, self.params):
            fresh = self.initial(numbers_of(param))
            if fresh.keys() != state.keys():
                kept = {name: state.get(name, value) for name, value in fresh.items()}
                state.clear()
                state.update(kept)

    # --- resumption ---------------------------------------------------------------------------------------------

    def hyperparameters(self) -> dict[str, Any]:
        """The arguments of the constructor, but for the parameters, as they are now."""
        return {name: value for name, value in vars(self).items() if name not in OWN}

    def state_dict(self) -> dict[str, Any]:
        """A copy of the hyperparameters and of every parameter's state, in the order of the parameters."""
        state = [{name: snapshot(value) for name, value in own.items()} for own in self.state]
        return {
            "hyperparameters": self.hyperparameters(),
            "state": state,
            "groups": [group.state_dict() | {"named": sorted(group.named)} for group in self.groups],
            "ratios": self.ratios,
        }

    def load_state_dict(self, saved: Mapping[str, Any]) -> None:
        """Go on exactly where `state_dict()` was taken. All or nothing: ValueError if it is of another optimizer."""
        try:
            fresh = self.restored(saved)
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError(f"this is no state of {self.kind}: {error}") from error
        vars(self).update(vars(fresh))

    def restored(self, saved: Mapping[str, Any]) -> Self:
        """An optimizer of the same parameters with the state that was saved."""
        bare: Any = [{"params": group.params} for group in self.groups] or self.params
        fresh = type(self)(bare, **saved["hyperparameters"])
        state, groups, ratios = saved["state"], saved["groups"], saved["ratios"]
        if not len(groups) == len(ratios) == len(fresh.groups):
            seen = f"{len(groups)} groups with {len(ratios)} ratios"
            raise ValueError(f"a state of {seen} does not fit {len(fresh.groups)} groups")
        if len(state) != len(fresh.state):
            raise ValueError(f"a state of {len(state)} parameters does not fit {len(fresh.state)} parameters")
        vars(fresh)["groups"] = [group.restored(given) for group, given in zip(self.groups, groups)]
        for before, group, part, ratio in zip(self.groups, fresh.groups, groups, ratios):
            kept = ratio if ratio is None else self.within("the ratio of a group", ratio, 0)
            named = frozenset(part.get("named", before.named)) & group.hyperparameters().keys()
            vars(group).update(ratio=kept, named=named)
        for i, (own, given) in enumerate(zip(fresh.state, state)):
            shapes, found = ({name: np.shape(value) for name, value in s.items()} for s in (own, given))
            if shapes != found:
                raise ValueError(f"the state of parameter {i} has the shapes {found} instead of {shapes}")
            fresh.state[i] = {name: snapshot(given[name], own[name]) for name in own}
        return fresh

    # --- what the constructor is given ----------------------------------------------------------------------------

    @property
    def kind(self) -> str:
        """The name of the optimizer."""
        return type(self).__name__

    def grouped(self, given: Sequence[Any]) -> list[Optimizer]:
        """An optimizer for each group; none if these are parameters."""
        if not any(isinstance(group, Mapping) for group in given):
            return []
        common = self.hyperparameters()  # of the constructor at work, too
        found: list[Optimizer] = []
        for i, group in enumerate(given):
            if not isinstance(group, Mapping) or "params" not in group:
                seen = f"has the keys {list(group)}" if isinstance(group, Mapping) else f"is a {type(group).__name__}"
                raise TypeError(f'{self.kind}: groups are dicts, each with its "params", and number {i} {seen}')
            unknown = group.keys() - common.keys() - {"params"}
            if unknown:
                raise TypeError(
                    f"{self.kind}: group {i} sets {', '.join(sorted(unknown))}, and there is {', '.join(common)}"
                )
            made = type(self)(**(common | dict(group)))
            vars(made).update(named=frozenset(group) - {"params", "lr"}, ratio=self.first_ratio(made.lr))
            found.append(made)
        return found

    def first_ratio(self, lr: float) -> float:
        """A group's rate over that of the optimizer, which keeps it."""
        if lr != self.lr == 0:
            raise ValueError(f"{self.kind}: a group's lr is relative to that of all, so of lr=0 none can be {lr}")
        return 1.0 if lr == self.lr else lr / self.lr

    def trainable(self, params: Sequence[Any]) -> list[Tensor]:
        """The parameters, if each can be trained and none comes twice."""
        if not params:
            raise ValueError(f"{self.kind} got no parameters")
        for i, param in enumerate(params):
            if not isinstance(param, Tensor):
                seen = type(param).__name__
                raise TypeError(f"{self.kind} takes tensors, as model.parameters() gives, and number {i} is a {seen}")
            if not param.is_leaf:
                raise ValueError(
                    f"{self.kind}: parameter {i}, of shape {param.shape}, is computed: only leaves can change"
                )
        if len({id(param) for param in params}) < len(params):
            names = [
                param.name or f"number {i}" for i, param in enumerate(params) if any(param is p for p in params[:i])
            ]
            raise ValueError(f"{self.kind} got a parameter more than once: {', '.join(names)}")
        return list(params)

    def within(self, name: str, value: float, low: float, high: float = math.inf) -> float:
        """The hyperparameter as a Python float (which keeps float32 in float32), if low <= value < high."""
        return number(f"{self.kind}: {name}", value, low, high)


def others(param: Tensor, grad: Any, state: State) -> tuple[Callable[[], Any], Any]:
    """What gives the numbers of a parameter, and its gradient, which is no array of NumPy's."""
    if arrays.is_lazy(grad):
        raise TypeError(
            f"the gradient of {param.name or 'a parameter'} is not computed yet, and no step is taken before it is: "
            "for p, grad in zip(params, dask.compute(*(p.grad for p in params))): p.grad = grad"
        )
    if isinstance(grad, Tensor):  # backward(create_graph=True) leaves nodes
        grad = numbers_of(grad)
    if arrays.lives_elsewhere(param):  # it may have moved there since the last step
        state.update({name: arrays.beside(param, value) for name, value in state.items()})
    return functools.partial(numbers_of, param), grad


def listed(kind: str, params: Any) -> list[Any]:
    """What an optimizer was given, as a list."""
    if isinstance(params, (Tensor, Mapping, Module)) or not isinstance(params, Iterable):
        a_kind = f"a {type(params).__name__}"
        seen = "the function that gives it: call it" if isinstance(params, MethodType) else a_kind
        raise TypeError(f"{kind} takes a list of tensors, as model.parameters() gives, not {seen}")
    return list(params)


def snapshot(value: Any, like: Any = None) -> Any:
    """A copy of a part of a state, of the kind of `like` (by default of its own)."""
    like = value if like is None else like
    if isinstance(like, np.ndarray):
        return np.array(arrays.in_numpy(value), dtype=like.dtype)
    if arrays.lives_elsewhere(like):
        return arrays.copied(arrays.asarray(arrays.beside(like, value), like.dtype))
    return type(like)(value)
