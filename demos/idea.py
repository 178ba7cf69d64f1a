"""The whole idea, and nothing else of this project: docs/build-it-yourself.md grows it in five steps."""

from __future__ import annotations

import itertools
import math
import operator
import random
from collections.abc import Callable, Sequence
from functools import partialmethod
from heapq import heappop, heappush

Function = Callable[..., float]
# fmt: off
PARTIALS: dict[Function | None, tuple[Function, ...]] = {  # of each function, by each argument; y is the result
    operator.add:     (lambda y, a, b: 1,      lambda y, a, b: 1),
    operator.sub:     (lambda y, a, b: 1,      lambda y, a, b: -1),
    operator.mul:     (lambda y, a, b: b,      lambda y, a, b: a),
    operator.truediv: (lambda y, a, b: 1 / b,  lambda y, a, b: -y / b),
    math.exp:         (lambda y, x: y,),
    math.log:         (lambda y, x: 1 / x,),
    math.tanh:        (lambda y, x: 1 - y * y,),
    None:             (),  # no function made a leaf
}
# fmt: on
made = itertools.count()  # the order in which numbers are made: all come after their arguments


class Value:
    """A number that remembers the call that made it: data = fun(*args)."""

    def __init__(self, data: float, fun: Function | None = None, args: Sequence[Value] = ()) -> None:
        self.data, self.fun, self.args = data, fun, args
        self.index, self.grad = next(made), 0.0

    def call(self, fun: Function, *others: Value | float) -> Value:
        """fun(self, *others), computed with the numbers alone, and remembered."""
        args = [self, *(x if isinstance(x, Value) else Value(x) for x in others)]
        return Value(fun(*(x.data for x in args)), fun, args)

    __add__ = __radd__ = partialmethod(call, operator.add)
    __sub__ = partialmethod(call, operator.sub)
    __mul__ = __rmul__ = partialmethod(call, operator.mul)
    __truediv__ = partialmethod(call, operator.truediv)
    exp, log, tanh = partialmethod(call, math.exp), partialmethod(call, math.log), partialmethod(call, math.tanh)

    def backward(self) -> None:
        """The chain rule: contribution = upstream * partial, summed over the paths, the last number first."""
        upstream, pending = {self: 1.0}, [(-self.index, self)]
        while pending:
            _, y = heappop(pending)  # all that used y have been here: its sum is complete
            y.grad += upstream[y]
            for arg, partial in zip(y.args, PARTIALS[y.fun]):
                contribution = upstream[y] * partial(y.data, *(x.data for x in y.args))
                if arg not in upstream:
                    heappush(pending, (-arg.index, arg))
                upstream[arg] = upstream.get(arg, 0.0) + contribution


def neuron(w: Sequence[Value], x: Sequence[Value | float]) -> Value:
    """tanh(w0 + w1 x1 + ... + wn xn)."""
    return sum((wj * xj for wj, xj in zip(w[1:], x)), w[0]).tanh()


def learn_xor(steps: int, rate: float = 0.2) -> dict[tuple[int, int], float]:
    """What four neurons, and one that hears them, answer in the last of so many steps against their loss's gradient."""
    rng, truth = random.Random(0), {(0, 0): 0, (0, 1): 1, (1, 0): 1, (1, 1): 0}
    *hidden, last = weights = [[Value(rng.uniform(-1, 1)) for _ in range(n)] for n in (3, 3, 3, 3, 5)]
    for _ in range(steps):
        answers = {x: neuron(last, [neuron(w, x) for w in hidden]) for x in truth}
        errors = [answers[x] - truth[x] for x in truth]
        sum((e * e for e in errors), Value(0.0)).backward()
        for p in (p for w in weights for p in w):
            p.data, p.grad = p.data - rate * p.grad, 0.0
    return {x: answer.data for x, answer in answers.items()}


if __name__ == "__main__":
    print(learn_xor(steps=500))
