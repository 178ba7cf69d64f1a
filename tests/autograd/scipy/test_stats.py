"""The densities against SciPy's numbers, and their gradients against differences; the tests iterate over them all."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, Value, check_grads, compile, grad, gradients, value_and_grad, vmap

pytest.importorskip("scipy")
import scipy.stats

from autograd.scipy import special, stats

# The parameters of each: several of each kind, and the ones that are not valid.
SHAPES: dict[str, dict[str, list[float]]] = {
    "norm": {}, "expon": {}, "laplace": {}, "logistic": {}, "cauchy": {}, "uniform": {},
    "t": {"df": [0.7, 4.0, 150.0]},
    "gamma": {"a": [0.4, 1.0, 3.7, 60.0]},
    "beta": {"a": [0.4, 1.0, 3.7, 20.0], "b": [2.5, 1.0, 0.8, 7.0]},
    "chi2": {"df": [0.9, 2.0, 7.5]},
    "lognorm": {"s": [0.3, 1.0, 2.5]},
    "pareto": {"b": [0.4, 1.0, 3.5]},
    "weibull_min": {"c": [0.6, 1.0, 2.7]},
    "poisson": {"mu": [0.3, 1.0, 7.7]},
    "binom": {"n": [1.0, 5.0, 12.0], "p": [0.2, 0.5, 0.93]},
    "nbinom": {"n": [0.4, 2.0, 9.5], "p": [0.2, 0.5, 0.93]},
    "bernoulli": {"p": [0.07, 0.5, 0.9]},
    "geom": {"p": [0.07, 0.5, 0.9]},
}  # fmt: skip
INVALID = {"binom": {"n": 2.5, "p": 1.5}, "nbinom": {"n": -1.0, "p": 0.0}, "bernoulli": {"p": -0.1},
           "geom": {"p": 0.0}, "poisson": {"mu": -1.0}}  # fmt: skip
SEVERAL = {"dirichlet", "multinomial", "multivariate_normal", "multivariate_t"}
POINTS = np.array([-2.3, -0.4, 0.0, 0.2, 0.55, 1.0, 1.8, 2.0, 3.0, 4.7, 11.0, np.nan, -np.inf])
each_law = pytest.mark.parametrize("name", SHAPES)


def functions(name: str) -> tuple[Any, ...]:
    return getattr(stats, name).LAW.functions()


def of_counts(name: str) -> bool:
    return hasattr(getattr(stats, name), "pmf")


def same(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(np.asarray(getattr(found, "data", found)), expected, rtol=1e-12, atol=1e-13)


def test_every_distribution_is_here() -> None:
    modules = {name for name, found in vars(stats).items() if isinstance(found, ModuleType)}
    assert modules == SHAPES.keys() | SEVERAL | {"law", "several"}


@each_law
def test_numbers_are_scipys(name: str) -> None:
    """At all points, with a location and a scale, and broadcast over the parameters."""
    shapes = [np.array(values)[:, None] for values in SHAPES[name].values()]
    placed = {"loc": 1.0} if of_counts(name) else {"loc": 0.3, "scale": np.array([[1.7]])}
    for fun in functions(name):
        theirs = getattr(getattr(scipy.stats, name), fun.__name__)
        with np.errstate(all="ignore"):
            same(fun(POINTS, *shapes), theirs(POINTS, *shapes))
            same(fun(POINTS + 0.3, *shapes, **placed), theirs(POINTS + 0.3, *shapes, **placed))
            nodes = [Tensor(shape, requires_grad=True) for shape in shapes]
            same(fun(POINTS, *nodes, loc=Tensor(0.0, requires_grad=True)), theirs(POINTS, *shapes))


@each_law
def test_the_logarithm_of_almost_one_is_what_it_lacks(name: str) -> None:
    """log(1 - q) = -q for small q, in both tails."""
    given = {key: values[1] for key, values in SHAPES[name].items()}
    *_, cdf, logcdf, sf, logsf = functions(name)
    law = getattr(scipy.stats, name)(**given)
    with np.errstate(all="ignore"):
        quantiles = law.ppf([1e-19, 1e-10]), law.isf([1e-19, 1e-10])
    for points, rest, whole in ((quantiles[0], cdf, logsf), (quantiles[1], sf, logcdf)):
        q = rest(points, **given)
        small = (q > 0) & (q < 1e-7)
        np.testing.assert_allclose(whole(points, **given)[small], -q[small], rtol=1e-7)


@each_law
def test_parameters_that_are_not_valid_give_what_scipy_gives(name: str) -> None:
    wrong = INVALID.get(name, dict.fromkeys(SHAPES[name], -1.0))
    for parameter, value in wrong.items():
        given = {key: values[0] for key, values in SHAPES[name].items()} | {parameter: value}
        for fun in functions(name):
            theirs = getattr(getattr(scipy.stats, name), fun.__name__)
            x = 0.0 if of_counts(name) else 1.0  # from n on, SciPy answers as if p were valid
            same(fun(x, **given), theirs(x, **given))
            node = Tensor(value, requires_grad=True)
            assert np.isnan(fun(1.0, **given | {parameter: node}).data)
    if not of_counts(name):
        given = {key: values[0] for key, values in SHAPES[name].items()}
        for fun in functions(name):
            for scale in (0.0, -1.0):
                assert np.isnan(fun(0.5, **given, scale=scale))


def differentiable(name: str) -> list[str]:
    return [
        *(key for key in SHAPES[name] if (name, key) != ("binom", "n")),
        *([] if of_counts(name) else ["loc", "scale"]),
    ]


def inner(name: str) -> Any:
    """Points within the support."""
    if of_counts(name):
        return np.array([1.0]) if name == "bernoulli" else np.array([1.0, 2.0, 4.0])
    unit = name in ("uniform", "beta")
    return np.array([0.15, 0.4, 0.85]) if unit else np.array([1.2, 1.9, 3.3])


@each_law
def test_gradients_of_the_density_are_its_differences(name: str) -> None:
    """By each parameter and by x, twice; each broadcasts against the points."""
    log_density, names = functions(name)[1], differentiable(name)
    fixed = {"n": np.full(3, 7.0)} if name == "binom" else {}
    start = {key: np.array(values[:3]) for key, values in SHAPES[name].items()}
    start |= {"loc": np.array(0.02 if name != "pareto" else -0.02), "scale": np.array(1.1)}
    points = inner(name)

    def f(x: Any, *given: Any) -> Any:
        return log_density(x, **fixed, **dict(zip(names, given, strict=True)))

    parameters = [start[key] for key in names]
    if of_counts(name):
        check_grads(lambda *given: f(points, *given), *parameters, order=2)
    else:
        check_grads(f, points, *parameters, order=2)


@pytest.mark.parametrize("name", [name for name in SHAPES if np.isfinite(getattr(stats, name).LAW.low)])
def test_outside_of_the_support_nothing_flows(name: str) -> None:
    outside = {"pareto": 0.5, "geom": 0.0}.get(name, -0.5)
    given = {key: Tensor(values[0], requires_grad=True) for key, values in SHAPES[name].items()}
    x = outside if of_counts(name) else Tensor(outside, requires_grad=True)
    pdf, log_density, *_ = functions(name)
    density = log_density(x, **given)
    assert density.data == -np.inf if isinstance(density, Tensor) else density == -np.inf
    wanted = [*given.values(), *([] if of_counts(name) else [x])]
    for fun in (pdf, log_density):
        assert all(g == 0 for g in gradients(fun(x, **given), wanted))


@each_law
def test_a_count_that_is_a_node_is_refused(name: str) -> None:
    if of_counts(name):
        with pytest.raises(TypeError, match=rf"{name}.logpmf has no derivative by k, a count"):
            functions(name)[1](
                Tensor(1.0, requires_grad=True), **{key: values[0] for key, values in SHAPES[name].items()}
            )


@each_law
def test_values_programs_and_batches_give_the_same(name: str) -> None:
    log_density, names, points = functions(name)[1], differentiable(name), inner(name)
    given = [SHAPES[name][key][1] if key in SHAPES[name] else {"loc": 0.01, "scale": 1.2}[key] for key in names]
    if name == "pareto":
        given[1] = -0.1
    fixed = {"n": 7} if name == "binom" else {}

    def total(*parameters: Any) -> Any:
        return log_density(points, **fixed, **dict(zip(names, parameters, strict=True))).sum()

    both = value_and_grad(total, argnums=tuple(range(len(given))))
    if given:
        y, slopes = both(*given)
        theirs, found = compile(both)(*given)
        same(theirs, y)
        same(np.array(found), np.array(slopes))
        values = [Value(float(x)) for x in given]
        first = log_density(float(points[0]), **fixed, **dict(zip(names, values, strict=True)))
        same(first.data, log_density(points[0], **fixed, **dict(zip(names, given, strict=True))))
    if not of_counts(name):
        at = value_and_grad(lambda x: log_density(x, **dict(zip(names, given, strict=True))))
        y, slopes = vmap(at)(points)
        same(y, log_density(points, **dict(zip(names, given, strict=True))))
        same(slopes, grad(lambda x: log_density(x, **dict(zip(names, given, strict=True))).sum())(points))


@pytest.mark.parametrize(
    ("name", "which"),
    [("norm", ("loc", "scale")), ("t", ("loc", "scale")), ("gamma", ("loc", "scale")), ("chi2", ("scale",)),
     ("lognorm", ("s", "scale")), ("pareto", ("b",)), ("weibull_min", ("c", "scale")), ("laplace", ("loc",)),
     ("poisson", ("mu",)), ("binom", ("p",)), ("nbinom", ("p",)), ("bernoulli", ("p",)), ("geom", ("p",))],
)  # fmt: skip
def test_gradients_of_probabilities_are_their_differences(name: str, which: tuple[str, ...]) -> None:
    fixed = {key: np.array(values[:3]) for key, values in SHAPES[name].items() if key not in which}
    fixed |= {"n": 7.0} if name == "binom" else {}
    start = [np.array(SHAPES[name][key][:3]) if key in SHAPES[name] else np.array(1.1) for key in which]
    points = np.array([0.0]) if name == "bernoulli" else inner(name)
    if "loc" in which:
        points = points + 1.1
    for fun in functions(name)[2:]:
        check_grads(lambda *given, fun=fun: fun(points, **fixed, **dict(zip(which, given, strict=True))), *start)


def test_single_precision_stays() -> None:
    x = Tensor(np.array([0.3, 0.8], np.float32), requires_grad=True)
    for name, shapes in SHAPES.items():
        if not of_counts(name):
            y = functions(name)[1](x, **{key: values[0] for key, values in shapes.items()})
            assert (y.dtype, gradients(y.sum(), [x])[0].dtype) == (np.float32, np.float32), name


def test_arguments_are_named() -> None:
    with pytest.raises(TypeError, match=r"gamma.logpdf needs a: it takes x, a, loc, scale"):
        stats.gamma.logpdf(1.0)
    with pytest.raises(TypeError, match=r"norm.pdf takes x, loc, scale, not sigma="):
        stats.norm.pdf(1.0, sigma=2.0)
    with pytest.raises(TypeError, match=r"poisson.pmf takes k, mu, loc"):
        stats.poisson.pmf(1, 2.0, 0.0, 1.0)


def test_lists_are_arrays() -> None:
    same(stats.norm.logpdf([0.0, 1.0], [1.0, 2.0]), scipy.stats.norm.logpdf([0.0, 1.0], [1.0, 2.0]))


# --- Several numbers ----------------------------------------------------------------------------------------------

A = np.array([[2.0, 0.4, -0.3], [0.4, 1.5, 0.2], [-0.3, 0.2, 0.9]])
X = np.random.default_rng(0).normal(size=(4, 3))
M = np.array([0.3, -0.2, 0.5])


@pytest.mark.parametrize(("mean", "cov"), [(M, A), (None, A), (M, np.array([1.0, 2.0, 0.5])), (M, 1.7), (M, None)])
def test_multivariate_normal_and_t(mean: Any, cov: Any) -> None:
    given = {} if cov is None else {"cov": cov}
    for x in (X, X[0], X.reshape(2, 2, 3)):
        same(
            stats.multivariate_normal.logpdf(x, mean, **given), scipy.stats.multivariate_normal.logpdf(x, mean, **given)
        )
        same(stats.multivariate_normal.pdf(x, mean, **given), scipy.stats.multivariate_normal.pdf(x, mean, **given))
        if np.ndim(cov) == 2:
            for df in (2.5, np.inf):
                same(stats.multivariate_t.logpdf(x, mean, cov, df), scipy.stats.multivariate_t.logpdf(x, mean, cov, df))
    if cov is not None:
        same(stats.multivariate_normal.entropy(mean, cov), scipy.stats.multivariate_normal.entropy(mean, cov))


def test_gradients_of_multivariate_normal_and_t() -> None:
    def spread(a: Any) -> Any:
        return a @ a.T + np.eye(3)

    check_grads(lambda x, m, a: stats.multivariate_normal.logpdf(x, m, spread(a)), X, M, A, order=2)
    check_grads(lambda x, m, a, df: stats.multivariate_t.logpdf(x, m, spread(a), df), X, M, A, np.array(3.5), order=2)
    check_grads(lambda v: stats.multivariate_normal.entropy(M, v), np.array([1.0, 2.0, 0.5]))


def test_one_dimension_may_be_left_out() -> None:
    same(
        stats.multivariate_normal.logpdf([0.2, 0.7], 0.1, 2.0),
        scipy.stats.multivariate_normal.logpdf([0.2, 0.7], 0.1, 2.0),
    )
    same(stats.multivariate_normal.logpdf(0.2), scipy.stats.multivariate_normal.logpdf(0.2))


def test_a_matrix_without_an_inverse() -> None:
    """Its densities are those of its range, and have no derivative by it."""
    flat = np.array([[2.0, 1.0, 0.0], [1.0, 0.5, 0.0], [0.0, 0.0, 1.0]])
    on, off = M + np.array([[2.0, 1.0, 0.7], [-1.0, -0.5, 0.1]]), X
    for x in (on, off, np.concatenate([on, off])):
        same(
            stats.multivariate_normal.logpdf(x, M, flat, True), scipy.stats.multivariate_normal.logpdf(x, M, flat, True)
        )
    along = on[0] - M
    check_grads(lambda a: stats.multivariate_normal.logpdf(M + a * along, M + a * along / 3, flat, True), np.array(1.0))
    x = Tensor(off[0], requires_grad=True)
    assert gradients(stats.multivariate_normal.pdf(x, M, flat, True), [x])[0].tolist() == [0, 0, 0]
    with pytest.raises(TypeError, match="no derivative by the matrix, whose rank may change"):
        stats.multivariate_normal.logpdf(X, M, Tensor(flat, requires_grad=True), allow_singular=True)
    for singular in (False, True):
        with pytest.raises(np.linalg.LinAlgError):
            stats.multivariate_normal.logpdf(X, M, -A, allow_singular=singular)


def test_dirichlet() -> None:
    alpha = np.array([0.8, 2.0, 3.5])
    x = np.random.default_rng(0).dirichlet(alpha, 4).T
    same(stats.dirichlet.logpdf(x, alpha), scipy.stats.dirichlet.logpdf(x, alpha))
    same(stats.dirichlet.pdf(x[:2, 0], alpha), scipy.stats.dirichlet.pdf(x[:2, 0], alpha))
    check_grads(lambda x, alpha: stats.dirichlet.logpdf(x, alpha), x[:2], alpha, order=2)
    for wrong in ([0.5, 0.6, 0.1], [-0.1, 0.6, 0.5], [0.5, 0.5, 0.0, 0.0]):
        with pytest.raises(ValueError, match="dirichlet"):
            stats.dirichlet.logpdf(wrong, alpha)
    with pytest.raises(ValueError, match="where the density is infinite"):
        stats.dirichlet.logpdf([0.0, 0.5, 0.5], alpha)


def test_multinomial() -> None:
    p, n = np.array([0.2, 0.5, 0.3]), 6
    x = np.array([[1, 2, 3], [6, 0, 0], [1, 1, 1], [7, -1, 0]])
    same(stats.multinomial.logpmf(x, n, p), scipy.stats.multinomial.logpmf(x, n, p))
    same(stats.multinomial.pmf(x, n, p), scipy.stats.multinomial.pmf(x, n, p))
    assert np.isnan(stats.multinomial.logpmf(x[0], n, p / 2))
    y = Tensor(p, requires_grad=True)
    np.testing.assert_allclose(gradients(stats.multinomial.logpmf(x[:1], n, y).sum(), [y])[0], x[0] / p)
    assert gradients(stats.multinomial.logpmf(x[3:], n, y).sum(), [y])[0].tolist() == [0, 0, 0]
    with pytest.raises(TypeError, match="no derivative by counts"):
        stats.multinomial.logpmf(Tensor(x, requires_grad=True), n, p)


def test_several_numbers_compiled_and_in_batches() -> None:
    alpha, x = np.array([0.8, 2.0, 3.5]), np.array([0.2, 0.3, 0.5])
    calls: list[tuple[Any, tuple[Any, ...]]] = [
        (lambda m, a: stats.multivariate_normal.logpdf(X, m, a @ a.T + np.eye(3)).sum(), (M, A)),
        (lambda a, df: stats.multivariate_t.logpdf(X, M, a @ a.T + np.eye(3), df).sum(), (A, np.array(3.5))),
        (lambda alpha: stats.dirichlet.logpdf(x, alpha), (alpha,)),
        (lambda z: stats.multinomial.logpmf(np.array([1, 2, 3]), 6, special.softmax(z)), (np.array([0.2, 0.1, -0.4]),)),
    ]
    for f, args in calls:
        both = value_and_grad(f, argnums=tuple(range(len(args))))
        y, slopes = both(*args)
        found, theirs = compile(both)(*args)
        same(found, y)
        for one, other in zip(theirs, slopes, strict=True):
            same(one, other)
        stacked, _ = vmap(both)(*[np.stack([arg, arg]) for arg in args])
        same(stacked, np.array([y, y]))


def test_degrees_of_freedom_that_are_none() -> None:
    assert np.isnan(stats.multivariate_t.logpdf(X[0], M, A, -1.0))


def test_what_is_no_number_gives_none() -> None:
    x = Tensor([0.5, np.nan], requires_grad=True)
    y = stats.norm.logpdf(x)
    assert np.isnan(y.data).tolist() == np.isnan(gradients(y.sum(), [x])[0]).tolist() == [False, True]


def test_whole_numbers_do_not_wrap_around() -> None:
    k = np.array([1, 5], np.uint8)
    same(stats.poisson.logpmf(k, 2.0, 3), scipy.stats.poisson.logpmf(k.astype(int), 2.0, 3))
    same(stats.binom.logpmf(k, np.uint8(4), 0.3), scipy.stats.binom.logpmf(k.astype(int), 4, 0.3))
