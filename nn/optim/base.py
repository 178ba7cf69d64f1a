"""What all optimizers share: parameters, groups of them, the state of each, and the step."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import numpy as np

from autograd import Tensor, depends_on

State = dict[str, Any]
Parameters = Iterable[Tensor | Mapping[str, Any]]


class Optimizer:
    """One rule for all parameters: `update(param, grad, state) -> param, state`.

    A subclass sets its hyperparameters under the names that its constructor gives them, then calls this constructor,
    and defines `update`, and `initial` if it keeps a state.

    `params` is a list of tensors, or a list of groups, dicts of such a list and the hyperparameters that differ for it:

        optimizer = nn.Adam([{"params": body, "lr": 1e-4}, {"params": head}], lr=1e-3)

    Each of `optimizer.groups` is then an optimizer with hyperparameters of its own. But for the rate: `optimizer.lr` is
    that of the groups that name none, and the rates of the others keep their ratio to it. So a schedule, which sets
    `optimizer.lr`, scales them all.
    """

    lr: float
    weight_decay: float = 0.0
    params: list[Tensor]  # those of all groups
    groups: list[Optimizer]  # empty if there are none
    ratios: list[float]  # the rate of each group over that of the optimizer
    state: list[State]  # of each parameter, if there are no groups: they keep their own

    def __init__(self, params: Parameters, lr: float) -> None:
        self.lr = self.within("lr", lr, 0)
        given = listed(self.kind, params)
        self.groups = self.grouped(given)
        self.ratios = [self.ratio(group.lr) for group in self.groups]
        self.params = self.trainable([p for group in self.groups for p in group.params] if self.groups else given)
        self.state = [] if self.groups else [self.initial(p.numpy()) for p in self.params]

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
        """Update every parameter that has a gradient; the others, and their state, stay as they are."""
        depends_on(vars(self), "lr")
        for group, ratio in zip(self.groups, self.ratios):
            depends_on(vars(group), "lr")
            group.lr = self.lr * ratio
            group.step()
        for state, param in zip(self.state, self.params):
            grad = param.grad
            if grad is not None:
                if isinstance(grad, Tensor):  # backward(create_graph=True) leaves nodes
                    grad = grad.numpy()
                depends_on(state, *state, of=param.name)
                new, following = self.update(param.numpy(), grad, state)
                param.assign(new)
                state.update(following)

    def zero_grad(self) -> None:
        """Forget the gradient of every parameter: `.grad` is None again."""
        for param in self.params:
            param.grad = None

    # --- resumption ---------------------------------------------------------------------------------------------

    def hyperparameters(self) -> dict[str, Any]:
        """The arguments of the constructor, but for the parameters, as they are now."""
        own = ("params", "groups", "ratios", "state")
        return {name: value for name, value in vars(self).items() if name not in own}

    def state_dict(self) -> dict[str, Any]:
        """A copy of the hyperparameters and of every parameter's state, in the order of the parameters."""
        state = [{name: snapshot(value) for name, value in own.items()} for own in self.state]
        groups = [group.state_dict() for group in self.groups]
        return {"hyperparameters": self.hyperparameters(), "state": state, "groups": groups, "ratios": [*self.ratios]}

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
        fresh.groups = [group.restored(given) for group, given in zip(self.groups, groups)]
        fresh.ratios = [self.within("the ratio of a group", ratio, 0) for ratio in ratios]
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
        common = self.hyperparameters()
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
            found.append(type(self)(**(common | dict(group))))
        return found

    def ratio(self, lr: float) -> float:
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
        number = float(value)
        if not low <= number < high:
            raise ValueError(f"{self.kind}: {name} must be at least {low} and below {high}, got {value}")
        return number


def listed(kind: str, params: Any) -> list[Any]:
    """What an optimizer was given, as a list."""
    if isinstance(params, (Tensor, Mapping)) or not isinstance(params, Iterable):
        raise TypeError(f"{kind} takes a list of tensors, as model.parameters() gives, not a {type(params).__name__}")
    return list(params)


def snapshot(value: Any, like: Any = None) -> Any:
    """A copy of a part of a state, of the kind of `like` (by default of its own)."""
    like = value if like is None else like
    return np.array(value, dtype=like.dtype) if isinstance(like, np.ndarray) else type(like)(value)
