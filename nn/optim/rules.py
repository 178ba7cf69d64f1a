"""Optimizers: one pure rule each, `update(param, grad, state) -> param, state`, in plain operators.

Array in, array out: the rule changes nothing in place and draws no graph. `step()` applies it to every parameter
that has a gradient. Conventions, defaults and the order of operations are PyTorch's. `weight_decay` adds
weight_decay * param to the gradient, except where the rule says that it shrinks the parameter itself.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from .base import Optimizer, Parameters, State
from .hyperparameters import Check, flag, fraction, fractions, nonnegative

__all__ = ["SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Lion", "NAdam", "Optimizer", "RMSProp", "State"]


class SGD(Optimizer):
    """Stochastic gradient descent: param - lr * grad. [course: Stochastic Gradient Descent]

    With momentum (Polyak, "Some methods of speeding up the convergence of iteration methods", 1964) the step is
    lr * velocity, velocity = momentum * velocity + grad; with `nesterov` (Sutskever, Martens, Dahl and Hinton, "On the
    importance of initialization and momentum in deep learning", 2013) it looks one step ahead. The idea is Kiefer and
    Wolfowitz's, "Stochastic estimation of the maximum of a regression function", 1952.
    """

    momentum: float = 0.0
    nesterov: bool = False
    checks: ClassVar[dict[str, Check]] = Optimizer.checks | {"momentum": fraction, "nesterov": flag}

    def __init__(
        self,
        params: Parameters,
        lr: float,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        self.momentum = momentum
        self.nesterov = nesterov
        self.weight_decay = weight_decay
        super().__init__(params, lr)

    def checked(self, name: str, value: Any) -> Any:
        """A hyperparameter as it is kept."""
        value = super().checked(name, value)
        asked = {"momentum": self.momentum, "nesterov": self.nesterov} | {name: value}
        if asked["nesterov"] and not asked["momentum"]:
            raise ValueError("SGD: nesterov=True needs a momentum above 0")
        return value

    def initial(self, param: Any) -> State:
        """No velocity."""
        return {"velocity": np.zeros_like(param)} if self.momentum else {}

    def update(self, param: Any, grad: Any, state: State) -> tuple[Any, State]:
        """One step against the gradient, or along the velocity."""
        grad = self.penalized(grad, param)
        if not self.momentum:
            return param - self.lr * grad, state
        velocity = self.momentum * state["velocity"] + grad
        direction = grad + self.momentum * velocity if self.nesterov else velocity
        return param - self.lr * direction, {"velocity": velocity}


class Adagrad(Optimizer):
    """Each number has a rate of its own, that falls with the squares of all its gradients: lr * grad / sqrt(total).

    Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and stochastic optimization", 2011.
    With `lr_decay` the rate also falls as 1 / (1 + lr_decay * t). [course: Gradient Descent Algorithms]
    """

    checks: ClassVar[dict[str, Check]] = Optimizer.checks | {
        "lr_decay": nonnegative, "initial_accumulator_value": nonnegative, "eps": nonnegative,
    }  # fmt: skip

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
    ) -> None:
        self.lr_decay = lr_decay
        self.weight_decay = weight_decay
        self.initial_accumulator_value = initial_accumulator_value
        self.eps = eps
        super().__init__(params, lr)

    def checked(self, name: str, value: Any) -> Any:
        """A hyperparameter as it is kept."""
        if name == "initial_accumulator_value" and name in vars(self):
            raise AttributeError(f"Adagrad: {name} matters only at the start: make a new optimizer with it")
        return super().checked(name, value)

    def initial(self, param: Any) -> State:
        """No step taken, and a total of `initial_accumulator_value`."""
        return {"t": 0, "total": np.full_like(param, self.initial_accumulator_value)}

    def update(self, param: Any, grad: Any, state: State) -> tuple[Any, State]:
        """One step, shorter where the gradients were large."""
        grad = self.penalized(grad, param)
        total = state["total"] + grad * grad
        rate = self.lr / (1 + state["t"] * self.lr_decay)
        return param - rate * grad / (np.sqrt(total) + self.eps), {"t": state["t"] + 1, "total": total}


class RMSProp(Optimizer):
    """The gradient over the root of the running mean of its square: lr * grad / sqrt(v).

    Tieleman and Hinton, "Lecture 6.5: RMSProp", Neural networks for machine learning, 2012. `alpha` is the decay rate
    of the mean; `centered` takes the variance for the mean square (Graves, "Generating sequences with recurrent neural
    networks", 2013); with momentum the step is lr * velocity. [course: Gradient Descent Algorithms]
    """

    checks: ClassVar[dict[str, Check]] = Optimizer.checks | {
        "alpha": fraction,
        "eps": nonnegative,
        "momentum": fraction,
        "centered": flag,
    }

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
    ) -> None:
        self.alpha = alpha
        self.eps = eps
        self.weight_decay = weight_decay
        self.momentum = momentum
        self.centered = centered
        super().__init__(params, lr)

    def initial(self, param: Any) -> State:
        """Means of 0, and no velocity."""
        names = ["v"] + ["m"] * self.centered + ["velocity"] * bool(self.momentum)
        return {name: np.zeros_like(param) for name in names}

    def update(self, param: Any, grad: Any, state: State) -> tuple[Any, State]:
        """One step of about lr in each direction."""
        grad = self.penalized(grad, param)
        v = self.alpha * state["v"] + (1 - self.alpha) * (grad * grad)
        new, spread = {"v": v}, v
        if self.centered:
            m = new["m"] = self.alpha * state["m"] + (1 - self.alpha) * grad
            spread = np.maximum(v - m * m, 0)  # rounding could leave less than 0
        direction = grad / (np.sqrt(spread) + self.eps)
        if self.momentum:
            direction = new["velocity"] = self.momentum * state["velocity"] + direction
        return param - self.lr * direction, new


class Adadelta(Optimizer):
    """The gradient times the root of the mean square of the steps over that of the gradients: it needs no rate.

    Zeiler, "ADADELTA: An adaptive learning rate method", 2012, algorithm 1. `rho` is the decay rate of both means.
    [course: Gradient Descent Algorithms]
    """

    checks: ClassVar[dict[str, Check]] = Optimizer.checks | {"rho": fraction, "eps": nonnegative}

    def __init__(
        self,
        params: Parameters,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
    ) -> None:
        self.rho = rho
        self.eps = eps
        self.weight_decay = weight_decay
        super().__init__(params, lr)

    def initial(self, param: Any) -> State:
        """Both means 0."""
        return {"v": np.zeros_like(param), "steps": np.zeros_like(param)}

    def update(self, param: Any, grad: Any, state: State) -> tuple[Any, State]:
        """One step in the units of the parameter."""
        grad = self.penalized(grad, param)
        v = self.rho * state["v"] + (1 - self.rho) * (grad * grad)
        direction = np.sqrt(state["steps"] + self.eps) / np.sqrt(v + self.eps) * grad
        steps = self.rho * state["steps"] + (1 - self.rho) * (direction * direction)
        return param - self.lr * direction, {"v": v, "steps": steps}


class Adam(Optimizer):
    """Steps of about lr: the mean of the gradients over the root of the mean of their squares.

    Kingma and Ba, "Adam: A method for stochastic optimization", 2014, algorithm 1. `betas` are the decay rates of the
    two means. [course: Gradient Descent Algorithms]
    """

    checks: ClassVar[dict[str, Check]] = Optimizer.checks | {"betas": fractions, "eps": nonnegative}

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        self.betas = betas
        self.eps = eps
        self.weight_decay = weight_decay
        super().__init__(params, lr)

    def initial(self, param: Any) -> State:
        """No step taken, both means 0."""
        return {"t": 0, "m": np.zeros_like(param), "v": np.zeros_like(param)}

    def update(self, param: Any, grad: Any, state: State) -> tuple[Any, State]:
        """One step with both means corrected for having started at 0."""
        return self.adapted(param, self.penalized(grad, param), state)

    def adapted(self, param: Any, grad: Any, state: State) -> tuple[Any, State]:
        """The rule itself, whatever the penalty."""
        beta1, beta2 = self.betas
        t = state["t"] + 1
        m = beta1 * state["m"] + (1 - beta1) * grad
        v = beta2 * state["v"] + (1 - beta2) * (grad * grad)
        scale = np.sqrt(v / (1 - beta2**t)) + self.eps
        return param - self.lr / (1 - beta1**t) * m / scale, {"t": t, "m": m, "v": v}


class AdamW(Adam):
    """Adam whose weight decay shrinks the parameter itself, by lr * weight_decay * param, whatever the gradients were.

    Loshchilov and Hutter, "Decoupled weight decay regularization", 2017.
    """

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay)

    def update(self, param: Any, grad: Any, state: State) -> tuple[Any, State]:
        """One step of Adam from the smaller parameter."""
        return self.adapted(param * (1 - self.lr * self.weight_decay), grad, state)


class NAdam(Adam):
    """Adam with Nesterov's momentum: the step already uses what the next one will know of this gradient.

    Dozat, "Incorporating Nesterov momentum into Adam", 2016. The momentum grows to betas[0] as
    betas[0] * (1 - 0.96^(t * momentum_decay) / 2).
    """

    checks: ClassVar[dict[str, Check]] = Adam.checks | {"momentum_decay": nonnegative}

    def __init__(
        self,
        params: Parameters,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum_decay: float = 4e-3,
    ) -> None:
        self.momentum_decay = momentum_decay
        super().__init__(params, lr, betas, eps, weight_decay)

    def initial(self, param: Any) -> State:
        """That of Adam, and the empty product of the momenta."""
        return super().initial(param) | {"product": 1.0}

    def adapted(self, param: Any, grad: Any, state: State) -> tuple[Any, State]:
        """One step along the momentum as it will be after it."""
        beta1, beta2 = self.betas
        t = state["t"] + 1
        now = beta1 * (1 - 0.5 * 0.96 ** (t * self.momentum_decay))
        following = beta1 * (1 - 0.5 * 0.96 ** ((t + 1) * self.momentum_decay))
        product = state["product"] * now
        m = beta1 * state["m"] + (1 - beta1) * grad
        v = beta2 * state["v"] + (1 - beta2) * (grad * grad)
        direction = (1 - now) / (1 - product) * grad + following / (1 - product * following) * m
        scale = np.sqrt(v / (1 - beta2**t)) + self.eps
        return param - self.lr * direction / scale, {"t": t, "m": m, "v": v, "product": product}


class Lion(Optimizer):
    """Steps of exactly lr: the sign of an average of the gradient and its running mean.

    Chen et al., "Symbolic discovery of optimization algorithms", 2023, algorithm 2. `betas` are the weight of the mean
    in that average, and its decay rate. The weight decay shrinks the parameter itself, by lr * weight_decay * param.
    """

    checks: ClassVar[dict[str, Check]] = Optimizer.checks | {"betas": fractions}

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
    ) -> None:
        self.betas = betas
        self.weight_decay = weight_decay
        super().__init__(params, lr)

    def initial(self, param: Any) -> State:
        """A mean of 0."""
        return {"m": np.zeros_like(param)}

    def update(self, param: Any, grad: Any, state: State) -> tuple[Any, State]:
        """One step of lr in each direction."""
        beta1, beta2 = self.betas
        direction = np.sign(beta1 * state["m"] + (1 - beta1) * grad)
        m = beta2 * state["m"] + (1 - beta2) * grad
        return param * (1 - self.lr * self.weight_decay) - self.lr * direction, {"m": m}
