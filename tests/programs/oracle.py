"""What must hold of every program on the engine, by oracles that know no derivative: NumPy and differences."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd import Tensor, Value, gradients, hvp, jvp, vjp
from autograd.checkpointing import rerun
from autograd.node import Node
from autograd.operators import raw
from autograd.recording import Watch, watched
from autograd.table import COMPOSITES, RULES
from autograd.trees import leaves, rebuild

from .program import Program, Step, name
from .shrink import variables

Function = Callable[..., Any]

ELSEWHERE = 8  # how many points are tried until one is smooth
STEPS = (1e-3, 2.5e-4)  # of the differences: where these disagree there is a kink


class Wrong(AssertionError):
    """A program does not do what it must."""


@np.errstate(all="ignore")
def check(program: Program) -> int:
    """Raise `Wrong` if any promise is broken. Returns how many checks found no point that is smooth enough."""
    inputs, constants = [np.array(x) for x in program.arrays], [np.array(x) for x in program.constants]
    values_are_numpys(program, program.arrays, tensor)
    rng = np.random.default_rng(program.seed)
    cotangent = [rng.standard_normal(y.shape).astype(y.dtype) for y in program.plain(*program.arrays)]
    found = gradients_of(program, program.arrays, cotangent)
    backward_gives_them_too(program, found, cotangent)
    double = [np.array(x, float) for x in inputs]
    wide = program if is_double(program, double) else program.widened()
    dropped = 0
    for promise in (the_gradient_is_the_slope, the_second_derivative_is_the_slope_of_the_gradient):
        dropped += not any(promise(wide, point, cotangent, rng) for point in points(program, rng))
    in_less_precision(program, double, cotangent, rng)
    if inputs[0].dtype != np.float64:
        in_less_precision(program, inputs, cotangent, rng)
    if program.scalar:
        on_values(program, cotangent)
    for before, now in zip([*inputs, *constants], [*program.arrays, *program.constants], strict=True):
        if not np.array_equal(before, now, equal_nan=True):
            raise Wrong(f"an input or a constant was {before.tolist()} and is now {now.tolist()}")
    return dropped


def is_double(program: Program, inputs: Sequence[Any]) -> bool:
    """Whether NumPy computes all of it in double precision, so that differences of its numbers mean something."""
    both = zip(program.plain(*inputs), program.widened().plain(*inputs))
    close = all(np.allclose(a, b, rtol=1e-12, atol=1e-12, equal_nan=True) for a, b in both)
    return close and program.precision(*inputs) == np.float64


def tensor(x: Any) -> Tensor:
    """A leaf that requires a gradient."""
    return Tensor(x, requires_grad=True)


def points(program: Program, rng: np.random.Generator) -> Any:
    """The inputs in double precision, and other points near them."""
    for i in range(ELSEWHERE):
        point = [np.array(x + (0.03 * i * rng.standard_normal(x.shape) if i else 0), float) for x in program.arrays]
        if is_taken(program, point):
            yield point


def is_taken(program: Program, point: Sequence[Any]) -> bool:
    """Whether NumPy has an answer: quantiles may be anywhere within a step, and must be in [0, 1]."""
    try:
        program.plain(*point)
    except ValueError:
        return False
    return True


# --- values -----------------------------------------------------------------------------------------------------------


def values_are_numpys(program: Program, inputs: Sequence[Any], kind: Function) -> None:
    """Every step gives what NumPy gives for the same numbers."""

    def compare(step: Step, values: list[Any], value: Any) -> Any:
        before = [raw(x) if not isinstance(x, list) else [raw(part) for part in x] for x in values]
        with np.errstate(all="ignore"):
            expected = raw(step.call([np.asarray(x) if isinstance(x, (float, np.floating)) else x for x in before]))
        scale = max((largest(part) for var in variables(step) for part in leaves(before[var.index])), default=0.0)
        what = f"{name(step.fun)} of a {kind.__name__}"
        dtypes, narrowest = precisions(step, before)
        for ours, theirs in zip(leaves(value), leaves(expected), strict=True):
            allowed = {np.asarray(theirs).dtype, *(dtypes if step.fun not in RULES else ())}
            if kind is tensor and raw(ours).dtype not in allowed:
                raise Wrong(f"{what}: {raw(ours).dtype} and not {' or '.join(map(str, allowed))}")
            eps = narrowest if step.fun in COMPOSITES else 0.0
            agree(raw(ours), theirs, what, scale=scale, dtype=False, eps=eps)
        return value

    program(*map(kind, inputs), each=compare)


def precisions(step: Step, values: Sequence[Any]) -> tuple[set[np.dtype[Any]], float]:
    """The dtypes that the arrays among the arguments may lead to, and the relative rounding of the narrowest of them.

    NumPy computes some functions in double precision, whatever they are given, or a part of them in the dtype of a few
    arguments. What the engine composes of others is computed in the dtype of all that are no indices.
    """
    dtypes = [x.dtype for x in step.arrays(values)] or [np.dtype(float)]
    floats = [d for d in dtypes if d.kind == "f"]
    found = {np.result_type(*dtypes), np.result_type(*floats or [float])}
    return found, max((float(np.finfo(d).eps) for d in floats), default=0.0)


def agree(
    ours: Any, theirs: Any, what: str, ulps: float = 32, scale: float = 0.0, dtype: bool = True, eps: float = 0.0
) -> None:
    """The same numbers, but for a few roundings of the largest number; shape and dtype too."""
    a, b = np.asarray(ours), np.asarray(theirs)
    if a.shape != b.shape or (dtype and a.dtype != b.dtype):
        raise Wrong(f"{what}: {a.shape} {a.dtype} and not {b.shape} {b.dtype}")
    if np.array_equal(a, b, equal_nan=True):
        return
    eps = max(eps, float(np.finfo(a.dtype if a.dtype.kind == "f" else float).eps))
    bound = ulps * eps * max(largest(b), scale)
    if not np.allclose(a, b, rtol=0, atol=bound, equal_nan=True):
        raise Wrong(f"{what}: {a.tolist()} and not {b.tolist()}, a difference of {largest(a - b):.3g}, not {bound:.3g}")


def largest(x: Any) -> float:
    """The size of the largest finite number."""
    x = np.abs(np.asarray(x, float))
    return float(np.max(x[np.isfinite(x)], initial=0.0))


# --- gradients --------------------------------------------------------------------------------------------------------


def gradients_of(program: Program, inputs: Sequence[Any], cotangent: Sequence[Any]) -> list[Any]:
    """The pullback of a cotangent; each gradient has its input's shape and dtype, and memory of its own."""
    y, pullback = vjp(program, *inputs)
    found = pullback(rebuild(y, iter(cotangent)))
    found = list(found) if isinstance(found, tuple) else [found]
    for x, g in zip(inputs, found, strict=True):
        if np.shape(g) != np.shape(x) or np.asarray(g).dtype != np.asarray(x).dtype:
            raise Wrong(f"the gradient of an input {x.shape} {x.dtype} is {g.shape} {g.dtype}")
    apart(found, [*program.arrays, *program.constants, *inputs, *cotangent, *leaves(y)])
    return found


def apart(mine: Sequence[Any], others: Sequence[Any]) -> None:
    """None of these arrays shares memory with another of them, or with one of the others."""
    arrays = [x for x in mine if isinstance(x, np.ndarray)]
    for a, b in [*itertools.combinations(arrays, 2), *itertools.product(arrays, others)]:
        if isinstance(b, np.ndarray) and np.shares_memory(a, b):
            raise Wrong(f"two arrays of shapes {a.shape} and {b.shape} share memory")


def backward_gives_them_too(program: Program, expected: Sequence[Any], cotangent: Sequence[Any]) -> None:
    """`.grad` after `backward()` of one number, and `gradients`, are the pullback."""
    leaf = [tensor(x) for x in program.arrays]
    outputs = [y if isinstance(y, Node) else Tensor(y) for y in leaves(program(*leaf))]
    total = sum(((y * c).sum() for y, c in zip(outputs, cotangent)), start=Tensor(0.0, dtype=outputs[0].dtype))
    total.backward()
    again = gradients(outputs, leaf, list(cotangent))
    eps = max(float(np.finfo(y.dtype).eps) for y in outputs)

    def compare(scale: float) -> None:
        for x, g, e in zip(leaf, again, expected, strict=True):
            grad = np.zeros_like(x.data) if x.grad is None else x.grad
            agree(grad, e, "backward() and vjp", ulps=1e4, scale=scale, eps=eps)
            agree(g, e, "gradients() and vjp", ulps=1e4, scale=scale, eps=eps)

    try:
        compare(max(map(largest, expected)))
    except Wrong:  # of a gradient that cancels nothing but rounding may be left
        compare(50 * sensitivity(program, program.arrays, cotangent, eps)[1] / (1e4 * eps))
    apart([x.grad for x in leaf], [x.data for x in leaf] + [*cotangent, *program.arrays, *program.constants])


def slope(f: Function, program: Program, point: Sequence[Any], direction: Sequence[Any]) -> tuple[Any, float]:
    """The derivative in a direction of f, a function of a program's inputs that gives an array; how far off it may be:
    inf at a kink, or where NumPy has no answer.
    """
    found, bends = [], []
    near = {t: moved(point, t, direction) for h in STEPS for t in (0.0, -2 * h, -h, h, 2 * h)}
    try:
        y = {t: f(x) for t, x in near.items()}
    except ValueError:
        if all(is_taken(program, x) for x in near.values()):
            raise
        return np.zeros(1), np.inf
    for h in STEPS:
        back, ahead = y[-h], y[h]
        found.append((8 * (ahead - back) - (y[2 * h] - y[-2 * h])) / (12 * h))
        bends.append(np.max(np.abs(ahead + back - 2 * y[0.0]), initial=0.0) / h)
    scale = 1 + largest(found[1]) + largest(y[0.0])
    error = largest(found[0] - found[1])
    smooth = error < 1e-6 * scale and bends[1] < 0.4 * bends[0] + 1e-6 * scale
    finite = np.all(np.isfinite(found)) and np.isfinite(bends).all()
    return found[1], 2 * error + 1e-9 * scale if smooth and finite else np.inf


def moved(point: Sequence[Any], t: float, direction: Sequence[Any]) -> list[Any]:
    """The point that lies `t` further in a direction."""
    return [np.asarray(x + t * v) for x, v in zip(point, direction)]


def directions(point: Sequence[Any], rng: np.random.Generator) -> list[list[Any]]:
    """Some random directions, and some along one coordinate."""
    found = [[rng.standard_normal(x.shape) for x in point] for _ in range(2)]
    places = [(i, j) for i, x in enumerate(point) for j in range(x.size)]
    for k in rng.permutation(len(places))[:3]:
        i, j = places[k]
        unit = [np.zeros(x.shape) for x in point]
        unit[i].flat[j] = 1.0
        found.append(unit)
    return found


def inner(u: Sequence[Any], v: Sequence[Any]) -> float:
    """The inner product."""
    return float(sum(np.vdot(np.asarray(a, float), np.asarray(b, float)) for a, b in zip(u, v, strict=True)))


def the_gradient_is_the_slope(
    program: Program, point: Sequence[Any], cotangent: Sequence[Any], rng: np.random.Generator
) -> bool:
    """vjp against central differences of NumPy's numbers, and jvp against both. False where it is not smooth."""
    g: list[Any] | None = None
    for i, v in enumerate(directions(point, rng)):
        expected, error = slope(lambda x: np.array([inner(cotangent, program.plain(*x))]), program, point, v)
        if error == np.inf:
            return False
        g = gradients_of(program, point, cotangent) if g is None else g
        found = inner(g, v)
        scale = 1e-3 + abs(expected[0]) + sum(largest(a * b) for a, b in zip(g, v))
        if not abs(found - expected[0]) <= error + 1e-9 * scale:
            raise Wrong(f"the pullback gives a slope of {found!r}, and differences {expected[0]!r}, in direction {v}")
        if i:
            continue
        y, pushed = jvp(program, tuple(point), tuple(v))
        forward = inner(cotangent, leaves(pushed))
        if not abs(found - forward) < 1e-9 * scale * (1 + max(map(largest, leaves(y)))):
            raise Wrong(f"the pullback gives a slope of {found!r}, and jvp {forward!r}, in direction {v}")
    return True


def the_second_derivative_is_the_slope_of_the_gradient(
    program: Program, point: Sequence[Any], cotangent: Sequence[Any], rng: np.random.Generator
) -> bool:
    """hvp against central differences of gradients. False where these are not smooth."""
    v = [rng.standard_normal(x.shape) for x in point]
    c = [np.asarray(x, float) for x in cotangent]

    def gradient(x: Sequence[Any]) -> Any:
        return np.concatenate([g.ravel() for g in gradients_of(program, x, c)])

    def total(xs: Any) -> Any:
        return sum(np.sum(y * weight) for y, weight in zip(leaves(program(*xs)), c))

    expected, error = slope(gradient, program, point, v)
    if error == np.inf:
        return False
    found = np.concatenate([np.ravel(x) for x in hvp(total, list(point), list(v))])
    scale = 1e-3 + largest(expected)
    if not largest(found - expected) <= error + 1e-9 * scale or not np.isfinite(found).all():
        raise Wrong(f"the Hessian times {v} is {found.tolist()}, and differences of gradients {expected.tolist()}")
    return True


# --- single precision, and Values -------------------------------------------------------------------------------------


def shaken(program: Program, rng: np.random.Generator, eps: float) -> Function:
    """The program with every step rounded anew, and the gradients that come to it, and from each of its uses, in other
    ways: how far its gradients move tells what rounding can do to them.
    """

    def shake(x: Any, forward: Any) -> Any:
        backward = roundings(rng, eps, x)
        if isinstance(x, Value):
            forward, backward = float(forward), float(backward)
        return x * backward + raw(x) * (forward - backward)

    def each(step: Step, values: list[Any], value: Any) -> Any:
        parts = [shake(part, roundings(rng, eps, part)) for part in leaves(value)]
        return parts if isinstance(value, list) else parts[0]

    return lambda *xs: program(*xs, each=each, use=lambda x: shake(x, 1.0))


def roundings(rng: np.random.Generator, eps: float, x: Any) -> Any:
    """Factors that round each number, of any size up to `eps`: of one size two undo each other half of the time."""
    return 1 + eps * rng.uniform(-1.0, 1.0, np.shape(x))


class Rounding(Watch):
    """Rounds every call anew, also those that a function of NumPy's is made of."""

    def __init__(self, rng: np.random.Generator, eps: float) -> None:
        self.rng, self.eps = rng, eps

    def made(self, node: Node, fun: Function, values: Sequence[Any]) -> None:
        """The numbers of the node, rounded."""
        x = node._raw
        node._raw = np.asarray(x * roundings(self.rng, self.eps, x), x.dtype)


def rounded(program: Program, rng: np.random.Generator, eps: float) -> Any:
    """A block in which every call on nodes is rounded anew."""
    repeats = any(step.fun is rerun for step in program.steps)  # and must give again what it gave
    return watched(Watch() if repeats else Rounding(rng, eps))


def sensitivity(
    program: Program, point: Sequence[Any], cotangent: Sequence[Any], eps: float
) -> tuple[list[Any], float]:
    """The gradients in double precision, and how far roundings of relative size `eps` move them."""
    rng = np.random.default_rng(program.seed)
    found = gradients_of(program, point, cotangent)
    moves = 0.0
    for _ in range(3):
        with rounded(program, rng, eps):
            y, pullback = vjp(shaken(program, rng, eps), *point)
        other = leaves(pullback(rebuild(y, iter(cotangent))))
        moves = max(moves, *(largest(a - b) for a, b in zip(found, other)))
    return found, moves


def in_less_precision(
    program: Program, inputs: Sequence[Any], cotangent: Sequence[Any], rng: np.random.Generator
) -> None:
    """With narrow constants, or narrow inputs, the gradients are those in double precision to the rounding of the
    numbers on the way, and no worse. A jump may lie between the two, but not at three points.
    """
    wrong = ""
    for point in itertools.islice(points(program, rng), 3):
        narrow = [x.astype(now.dtype) for x, now in zip(point, inputs)]
        eps = max(float(np.finfo(dtype).eps) for dtype in (program.precision(*narrow), narrow[0].dtype))
        expected, moves = sensitivity(program.widened(), [x.astype(float) for x in narrow], cotangent, eps)
        found = gradients_of(program, narrow, cotangent)
        bound = 50 * moves + 100 * eps * (1e-3 + max(map(largest, expected)))
        if all(largest(a - b) <= bound and np.isfinite(a).all() for a, b in zip(found, expected)):
            return
        wrong = f"rounding to {eps:.2g} gives {found} and without {expected}, further apart than {bound:.3g}"
    raise Wrong(wrong)


def on_values(program: Program, cotangent: Sequence[Any]) -> None:
    """Values give NumPy's numbers, and the gradients that tensors give."""
    point = [x.item() for x in program.arrays]
    values_are_numpys(program, point, Value)
    inputs = [Value(x) for x in point]
    outputs = leaves(program(*inputs))
    weights = [float(c) for c in cotangent]
    found = gradients(outputs, inputs, weights)
    expected, moves = sensitivity(program, [np.array(x) for x in point], cotangent, 2.0**-50)
    bound = 50 * moves + 1e-12 * (1e-3 + max(map(largest, expected)))
    if not all(abs(a - b) <= bound for a, b in zip(found, expected)):
        raise Wrong(f"Values give gradients {found}, and tensors {expected}, further apart than {bound:.3g}")
    if [type(g) for g in found] != [float] * len(found):
        raise Wrong(f"gradients of Values are floats, not {found}")
