"""`autograd.scipy.interpolate`: cubic splines, whose values at the knots may be nodes."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.interpolate

from .linalg import banded
from .solutions import gathered, numbers, rows_at

__all__ = ["CubicSpline"]
ENDS = {"natural": (2, 0.0), "clamped": (1, 0.0), "not-a-knot": "not-a-knot"}


def __getattr__(name: str) -> Any:
    return getattr(scipy.interpolate, name)


class CubicSpline:
    """scipy.interpolate.CubicSpline through the values `y` at the increasing knots `x`, along `axis`.

    `bc_type` says how it ends: "not-a-knot", "natural", "clamped", "periodic", or for each end one of the first three
    or a pair, the order 1 or 2 of a derivative and its value there. `y` and these values may be nodes: the spline is
    linear in them. The knots are plain numbers. de Boor, "A practical guide to splines" (1978), chapter IV.
    """

    def __init__(self, x: Any, y: Any, axis: int = 0, bc_type: Any = "not-a-knot", extrapolate: Any = None) -> None:
        self.x = numbers(x).astype(float)
        self.y = np.moveaxis(gathered(y), axis, 0)
        self.axis = axis % self.y.ndim
        n = len(self.x)
        if self.x.ndim != 1 or n < 2 or not np.all(np.diff(self.x) > 0) or not np.all(np.isfinite(self.x)):
            raise ValueError("CubicSpline: x are two or more finite numbers, each larger than the one before")
        if self.y.shape[0] != n:
            raise ValueError(f"CubicSpline: {n} knots, and {self.y.shape[0]} values along axis {axis}")
        self.periodic = isinstance(bc_type, str) and bc_type == "periodic"
        if self.periodic and not np.allclose(numbers(self.y[0]), numbers(self.y[-1]), rtol=1e-15, atol=1e-15):
            raise ValueError("CubicSpline: bc_type='periodic' needs equal values at both ends")
        self.extrapolate = ("periodic" if self.periodic else True) if extrapolate is None else extrapolate
        self.dx = np.reshape(np.diff(self.x), (n - 1,) + (1,) * (self.y.ndim - 1))
        self.rise = (self.y[1:] - self.y[:-1]) / self.dx
        slopes = self.cyclic() if self.periodic else self.between(*self.ends(bc_type))
        bend = (slopes[:-1] + slopes[1:] - 2 * self.rise) / self.dx
        self.c = np.stack([bend / self.dx, (self.rise - slopes[:-1]) / self.dx - bend, slopes[:-1], self.y[:-1]])

    def ends(self, bc_type: Any) -> list[Any]:
        """The condition at each end."""
        both = (bc_type, bc_type) if isinstance(bc_type, str) else tuple(bc_type)
        found = [ENDS.get(end) if isinstance(end, str) else end for end in both]
        if len(found) != 2 or any(end is None or (end not in ENDS and end[0] not in (1, 2)) for end in found):
            raise ValueError(f"CubicSpline: bc_type={bc_type!r}: see its description")
        return found

    def between(self, first: Any, last: Any) -> Any:
        """The slopes at the knots: with equal second derivatives on both sides of each, and these ends."""
        n, dx, rise, y = len(self.x), self.dx, self.rise, self.y
        free = [end == "not-a-knot" if isinstance(end, str) else False for end in (first, last)]
        if n == 2:
            first, last = ((1, rise[0]) if loose else end for loose, end in zip(free, (first, last)))
            free = [False, False]
        h = np.diff(self.x)
        ab = np.zeros((3, n))
        ab[1, 1:-1], ab[0, 2:], ab[2, :-2] = 2 * (h[:-1] + h[1:]), h[:-1], h[1:]
        if n == 3 and all(free):  # one parabola
            ab[1, 0] = ab[0, 1] = ab[1, -1] = ab[2, -2] = 1.0
            start, end = 2 * rise[0], 2 * rise[1]
        else:
            start, ab[1, 0], ab[0, 1] = end_row(first, h[:2], rise[:2], y[1] - y[0], -1)
            end, ab[1, -1], ab[2, -2] = end_row(last, h[:-3:-1], rise[:-3:-1], y[-1] - y[-2], 1)
        inner = 3 * (dx[1:] * rise[:-1] + dx[:-1] * rise[1:])
        b = np.concatenate([start[None], inner, end[None]])
        return np.reshape(banded(ab, np.reshape(b, (n, -1)), below=1, above=1), y.shape)

    def cyclic(self) -> Any:
        """The same where the last knot is the first one again."""
        n, dx, rise = len(self.x) - 1, self.dx, self.rise
        h, i = np.diff(self.x), np.arange(n)
        a = np.zeros((n, n))
        np.add.at(a, (i, i), 2 * (h + h[i - 1]))
        np.add.at(a, (i, i - 1), h)
        np.add.at(a, (i, (i + 1) % n), h[i - 1])
        b = 3 * (dx * rise[i - 1] + dx[i - 1] * rise)
        slopes = np.reshape(np.linalg.solve(a, np.reshape(b, (n, -1))), b.shape)
        return np.concatenate([slopes, slopes[:1]])

    def __call__(self, x: Any, nu: int = 0, extrapolate: Any = None) -> Any:
        """The spline, or its derivative of order `nu`, at `x`, which may be a node.

        Outside of the knots it is that of the outermost polynomials, or NaN if `extrapolate` is False.
        """
        x, inside = self.placed(gathered(x), self.extrapolate if extrapolate is None else extrapolate)
        i, h = self.interval(x)
        y: Any = 0.0
        for k in range(4 - nu):
            power = 3 - k  # of this coefficient
            factor = np.prod([power - j for j in range(nu)], initial=1.0)
            y = y * h + factor * rows_at(self.c[k], i)
        if nu > 3:
            y = 0.0 * rows_at(self.c[3], i)
        if inside is not None:
            y = np.where(np.reshape(inside, inside.shape + (1,) * (y.ndim - inside.ndim)), y, np.nan)
        return np.moveaxis(y, range(x.ndim), range(self.axis, self.axis + x.ndim)) if self.axis else y

    def integrate(self, a: Any, b: Any, extrapolate: Any = None) -> Any:
        """The integral from `a` to `b`, which may be nodes."""
        if (self.extrapolate if extrapolate is None else extrapolate) is not True:
            low, high = self.x[0], self.x[-1]
            if any(not low <= float(numbers(end)) <= high for end in (a, b)):
                raise ValueError(f"CubicSpline.integrate: from {low} to {high} alone, unless extrapolate=True")
        areas = sum(self.c[k] * self.dx ** (4 - k) / (4 - k) for k in range(4))
        before = np.concatenate([np.zeros_like(areas[:1]), np.cumsum(areas, axis=0)])

        def upto(x: Any) -> Any:
            i, h = self.interval(gathered(x))
            parts = [rows_at(c, i) / (4 - k) for k, c in enumerate(self.c)]
            return rows_at(before, i) + h * (parts[3] + h * (parts[2] + h * (parts[1] + h * parts[0])))

        return upto(b) - upto(a)

    def placed(self, x: Any, extrapolate: Any) -> tuple[Any, Any]:
        """`x` within the knots where they repeat, and where it is inside if that matters."""
        low, high = self.x[0], self.x[-1]
        if isinstance(extrapolate, str) and extrapolate == "periodic":
            return low + np.mod(x - low, high - low), None
        return x, None if extrapolate else (x >= low) & (x <= high)

    def interval(self, x: Any) -> tuple[Any, Any]:
        """Between which knots `x` lies, and how far behind the first of them, in the rank of the values."""
        i = np.clip(np.searchsorted(self.x, x, side="right") - 1, 0, len(self.x) - 2)
        h = x - rows_at(self.x, i)
        return i, np.reshape(h, h.shape + (1,) * (self.y.ndim - 1))


def end_row(condition: Any, h: Any, rise: Any, step: Any, side: int) -> tuple[Any, Any, Any]:
    """One end of the system: its right side, the coefficient of the slope there, and that of the slope next to it.

    From the end inwards, the distances `h` and the slopes `rise` of the chords; `side` is -1 for the first end.
    """
    if isinstance(condition, str):
        d = h[0] + h[1]
        return ((h[0] + 2 * d) * h[1] * rise[0] + h[0] ** 2 * rise[1]) / d, h[1], d
    order, value = condition
    value = gathered(value)
    if order == 1:
        return value + 0.0 * step, 1.0, 0.0
    return 3 * step + side * 0.5 * value * h[0] ** 2, 2 * h[0], h[0]
