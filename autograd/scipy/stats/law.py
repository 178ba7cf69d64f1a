"""What the distributions of one number have in common: parameters, support, location and scale, as in `scipy.stats`.

A density is stated in its standard form; here it is moved to `loc`, stretched by `scale`, and cut off at the ends of
its support. Outside the support densities are 0 and have the gradient 0; where a parameter is not valid, a scale of 0
among them, everything is NaN, as in SciPy.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from ...arrays import PYTHON_NUMBERS, asarray

Function = Callable[..., Any]
Six = tuple[Function, Function, Function, Function, Function, Function]


def logarithm(p: Any, rest: Any) -> Any:
    """log(p), -inf at 0; where p is close to 1 by the rest that it lacks, which has more digits."""
    near = np.greater(p, 0.5)
    return np.where(near, np.log1p(-np.where(near, rest, 0)), special.xlogy(1.0, np.where(near, 1, p)))


def positive(*parameters: Any) -> Any:
    """Where all parameters are positive."""
    sound: Any = True
    for parameter in parameters:
        sound = sound & np.greater(parameter, 0)
    return sound


def where(mask: Any, x: Any, otherwise: Any) -> Any:
    """np.where, with no pass over the numbers, and no call of `otherwise`, where a plain mask holds everywhere."""
    if type(mask) in (bool, np.bool_, np.ndarray) and np.all(mask):  # what stands for a mask says it is an array
        return x
    return np.where(mask, x, otherwise() if callable(otherwise) else otherwise)


def outside(z: Any, end: Any, at_low: float, at_high: float) -> Any:
    """What a function is below its support and from the end of it on; NaN where z is."""
    return np.where(np.greater_equal(z, end), at_high, np.where(np.isnan(z), z * math.nan, at_low))


def alike(operands: list[Any]) -> list[Any]:
    """Lists as arrays, whole numbers as floats, and plain numbers in the precision of the arrays beside them."""
    operands = [asarray(x) if isinstance(x, (list, tuple)) else x for x in operands]
    kinds = [getattr(x, "dtype", np.dtype(object)).kind for x in operands]
    operands = [x.astype(float) if kind in "iub" else x for x, kind in zip(operands, kinds)]
    dtypes = [x.dtype for x, kind in zip(operands, kinds) if kind == "f"]
    if not dtypes:
        return operands
    number = np.result_type(*dtypes).type
    return [number(x) if type(x) in PYTHON_NUMBERS else x for x in operands]


@dataclass(frozen=True)
class Law:
    """A family of distributions in its standard form. The functions take z and the parameters in `shapes`.

    `log_density` is defined within the support, from `low` to `high`, in which `middle` lies whatever the parameters
    are; `below` and `above` are the probabilities of less and of more than z, of which the logarithms can be given.
    `valid` says where the parameters are; at (1, 1, ...) they are.
    """

    name: str
    log_density: Function
    below: Function
    above: Function
    shapes: tuple[str, ...] = ()
    log_below: Function | None = None
    log_above: Function | None = None
    low: float = -math.inf
    high: Any = math.inf  # a number, or a function of the parameters
    middle: float = 0.0
    valid: Function = positive
    of_counts: bool = False

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters in SciPy's order."""
        return (*self.shapes, "loc") if self.of_counts else (*self.shapes, "loc", "scale")

    def functions(self) -> Six:
        """pdf (of counts: pmf), logpdf (logpmf), cdf, logcdf, sf, logsf."""
        kind = "pmf" if self.of_counts else "pdf"
        log_below = self.log_below or (lambda *args: logarithm(self.below(*args), self.above(*args)))
        log_above = self.log_above or (lambda *args: logarithm(self.above(*args), self.below(*args)))
        return (
            self.function(kind, "The density", lambda *given: np.exp(self.density(*given))),
            self.function(f"log{kind}", "The logarithm of the density", self.density),
            self.function("cdf", "The probability of at most x", lambda *given: self.inside(self.below, 0, 1, *given)),
            self.function("logcdf", "The logarithm of the probability of at most x",
                          lambda *given: self.inside(log_below, -math.inf, 0, *given)),
            self.function("sf", "The probability of more than x", lambda *given: self.inside(self.above, 1, 0, *given)),
            self.function("logsf", "The logarithm of the probability of more than x",
                          lambda *given: self.inside(log_above, 0, -math.inf, *given)),
        )  # fmt: skip

    def function(self, name: str, what: str, compute: Function) -> Function:
        """One of the functions, with SciPy's arguments."""
        first = "k" if self.of_counts else "x"

        def call(*args: Any, **kwargs: Any) -> Any:
            names = (first, *self.parameters)
            given = dict(zip(names, args))
            wrong = [f"{key}=" for key in kwargs if key not in names or key in given]
            if len(args) > len(names) or wrong:
                what = f", not {', '.join(wrong)}" if wrong else ""
                raise TypeError(f"{self.name}.{name} takes {', '.join(names)}{what}")
            given = {"loc": 0, "scale": 1} | given | kwargs
            missing = [key for key in names if key not in given]
            if missing:
                raise TypeError(f"{self.name}.{name} needs {', '.join(missing)}: it takes {', '.join(names)}")
            if self.of_counts and getattr(given[first], "_requires_grad", False):
                raise TypeError(
                    f"{self.name}.{name} has no derivative by {first}, a count: pass plain numbers, its .data"
                )
            x, loc, scale, *parameters = alike([given[key] for key in (first, "loc", "scale", *self.shapes)])
            return compute(x, loc, scale, *parameters)

        call.__name__ = call.__qualname__ = name
        call.__doc__ = (
            f"{what}, elementwise, as `scipy.stats.{self.name}.{name}`. Parameters: {', '.join(self.parameters)}."
        )
        return call

    def standard(self, x: Any, loc: Any, scale: Any, shapes: tuple[Any, ...]) -> tuple[Any, Any, list[Any], Any]:
        """z, the scale and the shapes, with 1 for what is not valid, and where everything is."""
        sound = self.valid(*shapes) & np.greater(scale, 0)
        scale = where(sound, scale, 1)
        z = x - loc if self.of_counts else (x - loc) / scale
        return z, scale, [where(sound, shape, 1) for shape in shapes], sound

    def end(self, shapes: list[Any]) -> Any:
        """The upper end of the support."""
        return self.high(*shapes) if callable(self.high) else self.high

    def density(self, x: Any, loc: Any, scale: Any, *parameters: Any) -> Any:
        """The logarithm of the density, -inf outside the support."""
        z, scale, shapes, sound = self.standard(x, loc, scale, parameters)
        within, end = np.isfinite(z), self.end(shapes)
        if self.low > -math.inf:
            within = within & np.greater_equal(z, self.low)
        if end is not math.inf:
            within = within & np.less_equal(z, end)
        if self.of_counts:
            within = within & np.equal(z, np.floor(z))
        y = self.log_density(where(within, z, self.middle), *shapes) - np.log(scale)
        return where(sound, where(within, y, lambda: outside(z, end, -math.inf, -math.inf)), math.nan)

    def inside(
        self, fun: Function, at_low: float, at_high: float, x: Any, loc: Any, scale: Any, *parameters: Any
    ) -> Any:
        """`fun` within the support, and what it is at its ends outside of it."""
        z, _, shapes, sound = self.standard(x, loc, scale, parameters)
        end = self.end(shapes)
        lowest = np.greater_equal(z, self.low) if self.of_counts else np.greater(z, self.low)
        within = lowest & np.less(z, end)
        z_within = where(within, np.floor(z) if self.of_counts else z, self.middle)
        y = fun(z_within, *shapes)
        at_ends = where(within, y, lambda: outside(z, end, at_low, at_high))
        return where(sound, at_ends, math.nan)
