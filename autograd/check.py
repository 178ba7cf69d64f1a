"""The table against finite differences, to any order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .node import Node
from .operators import raw
from .recording import no_grad
from .tensor import Tensor
from .transforms import jvp, vjp
from .trees import leaves, rebuild

Function = Callable[..., Any]


class GradientCheckError(AssertionError):
    """A derivative differs from the finite difference that it should be close to: of this order, in this mode."""

    def __init__(self, message: str, order: int = 1, mode: str = "rev") -> None:
        super().__init__(message)
        self.order, self.mode = order, mode


def check_grads(
    f: Function, *args: Any, order: int = 2, modes: Sequence[str] = ("rev", "fwd"), rtol: float = 1e-6,
    step: float = 1e-4, rng: Any = 0, symmetric: bool = False,
) -> None:  # fmt: skip
    """Compare the derivatives of `f` at `args` with central differences, up to `order`, in reverse and forward mode.

    `args` are floats, arrays, or trees of them, taken in float64; `f` may return a tree. Each order compares along one
    random direction: <cotangent, f(x + hv) - f(x - hv)> / 2h, to fourth order in h = `step`, with the pullback and
    the pushforward; the orders above vary the cotangent too. `symmetric` says that `f` takes the square matrices among
    its arguments to be symmetric, as np.linalg.eigh, eigvalsh and cholesky do: they are, and they vary so.
    Raises GradientCheckError that says which order, which mode, and both numbers; TypeError for complex numbers.

    >>> check_grads(np.tanh, 0.5, order=3)
    >>> check_grads(np.linalg.cholesky, np.array([[2.0, 1.0], [1.0, 2.0]]), symmetric=True)
    """
    rng = np.random.default_rng(rng)
    points = [real(x) for x in leaves(args)]
    mirrored = [symmetric and x.ndim > 1 and x.shape[-1] == x.shape[-2] for x in points]
    points = [mean_of_mirrors(x) if both else x for x, both in zip(points, mirrored)]

    def flat(*xs: Any) -> list[Any]:
        return leaves(f(*rebuild(args, iter(xs))))

    with no_grad():  # numbers come out, also where f uses parameters
        compare(flat, points, mirrored, order, 1, modes, rtol, step, rng)


def real(x: Any) -> Any:
    """`x` as an array of float64, if it holds real numbers."""
    x = np.array(raw(x))
    if x.dtype.kind not in "fiub":
        raise TypeError(
            f"check_grads compares derivatives by real numbers, not by {x.dtype}: "
            "check the function of the real and of the imaginary part"
        )
    return x.astype(np.float64)


def mean_of_mirrors(x: Any) -> Any:
    """The symmetric part of square matrices."""
    return (x + x.mT) / 2


def compare(
    f: Function, points: list[Any], mirrored: list[bool], order: int, now: int, modes: Sequence[str], rtol: float,
    step: float, rng: Any,
) -> None:  # fmt: skip
    """Check one order of `f`, a function of arrays that returns a list, and its pullback for the orders above.

    `mirrored` says which of the points are symmetric matrices and vary as such.
    """
    y, pullback = vjp(f, *points)
    direction = [rng.standard_normal(x.shape) for x in points]
    direction = [mean_of_mirrors(v) if both else v for v, both in zip(direction, mirrored)]
    cotangent = [rng.standard_normal(np.shape(part)) for part in y]

    def along(t: float) -> Any:
        return inner(cotangent, f(*(Tensor(x + t * v) for x, v in zip(points, direction))))

    expected = (8 * (along(step) - along(-step)) - (along(2 * step) - along(-2 * step))) / (12 * step)
    pulled = pullback(cotangent)
    pulled = list(pulled) if isinstance(pulled, tuple) else [pulled]
    for x, g in zip(points, pulled):
        if g.shape != x.shape or g.dtype != x.dtype:
            raise GradientCheckError(
                f"order {now}: the gradient of an input {x.shape} {x.dtype} is {g.shape} {g.dtype}", now
            )
    found = {"rev": inner(direction, pulled)}
    if "fwd" in modes:
        found["fwd"] = inner(cotangent, jvp(f, tuple(points), tuple(direction))[1])
    scale = max(1.0, abs(expected), *(float(np.max(np.abs(g), initial=0.0)) for g in pulled))
    for mode in modes:
        if not abs(found[mode] - expected) <= rtol * scale:
            shapes = ", ".join(str(x.shape) for x in points)
            raise GradientCheckError(
                f"order {now}, {mode}: the derivative at inputs of shape {shapes} along a random direction "
                f"is {found[mode]!r}, and finite differences give {expected!r}",
                now,
                mode,
            )
    if order > 1 and points:

        def gradient(*inputs: Any) -> list[Any]:
            pulled = vjp(f, *inputs[: len(points)])[1](list(inputs[len(points) :]))
            return list(pulled) if isinstance(pulled, tuple) else [pulled]

        both = [*mirrored, *(False for _ in cotangent)]
        compare(gradient, [*points, *cotangent], both, order - 1, now + 1, modes, rtol, step, rng)


def inner(u: Sequence[Any], v: Sequence[Any]) -> float:
    """The inner product of two lists of arrays, as a number."""
    return float(sum(np.vdot(a, b._raw if isinstance(b, Node) else b) for a, b in zip(u, v, strict=True)))
