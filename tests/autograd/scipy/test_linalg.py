"""`autograd.scipy.linalg` where it is hard: equal eigenvalues, singular matrices, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

from autograd import Tensor, check_grads, compile, gradients, hessian, jvp, vjp

scipy_linalg = pytest.importorskip("scipy.linalg")

UP = np.array([[0.3, -1.2, 0.4], [0.8, 0.1, -0.5], [-0.7, 0.2, 1.1]])
MATRICES = {
    "positive": UP @ UP.T + np.eye(3),
    "one": np.eye(3),
    "twice the same": np.diag([2.0, 2.0, 3.0]),
    "one chain": np.array([[2.0, 1, 0], [0, 2, 1], [0, 0, 2]]),
    "nearly the same": np.array([[2.0, 1, 0], [0, 2 + 1e-9, 1], [0, 0, 2]]),
    "almost the same": np.diag([2.0, 2 + 1e-14, 3.0]),
    "a turn": np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]]),
    "small": 1e-8 * (UP @ UP.T + np.eye(3)),
    "far from normal": np.array([[1.0, 1e3, 0], [0, 1, 1e3], [0, 0, 1]]),
}
QUICK = {"positive", "one chain"}  # for mpmath's logarithm
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "expm": lambda a: mpmath.expm(a, method="taylor"), "logm": mpmath.logm, "sqrtm": mpmath.sqrtm,
}  # fmt: skip


def of(name: str) -> Any:
    """A function of the module, which is imported when the first test needs it."""
    from autograd.scipy import linalg

    return getattr(linalg, name)


def upper_right(name: str, blocks: Any) -> Any:
    """The upper right block of a function of [[a, e], [0, a]], to 30 digits: the derivative at a along e."""
    with mpmath.workdps(30):
        n = len(blocks) // 2
        result = FUNCTIONS[name](mpmath.matrix(blocks.tolist()))
        return np.array([[float(mpmath.re(result[i, n + j])) for j in range(n)] for i in range(n)])


@pytest.mark.filterwarnings("ignore:logm result may be inaccurate")
@pytest.mark.parametrize(
    ("matrix", "name"),
    [(matrix, name) for matrix in MATRICES for name in FUNCTIONS if name != "logm" or matrix in QUICK],
)
def test_matrix_functions_at_equal_eigenvalues(matrix: str, name: str) -> None:
    a, g = MATRICES[matrix], np.cos(np.arange(9.0).reshape(3, 3))
    expected = upper_right(name, np.block([[a.T, g], [np.zeros((3, 3)), a.T]]))
    found = vjp(of(name), a)[1](g)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-11 * np.max(np.abs(expected)))
    for size in [1e10, 1e-10]:  # it is linear in the upstream gradient
        np.testing.assert_allclose(vjp(of(name), a)[1](size * g) / size, found, rtol=0, atol=1e-11 * np.max(abs(found)))


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("matrix", ["one", "one chain"])
def test_second_derivatives_at_equal_eigenvalues(matrix: str, name: str) -> None:
    check_grads(of(name), MATRICES[matrix][:2, :2], order=2)


def test_the_logarithm_of_a_small_matrix_is_that_of_a_large_one_but_for_a_multiple_of_the_identity() -> None:
    g = np.cos(np.arange(9.0).reshape(3, 3))
    small, large = (vjp(of("logm"), MATRICES[name])[1](g) for name in ["small", "positive"])
    np.testing.assert_allclose(small, 1e8 * large, rtol=1e-12)


def test_the_exponential_of_zero_has_the_derivative_of_the_identity() -> None:
    zero, e = np.zeros((2, 2)), np.array([[1.0, 2], [3, 4]])
    np.testing.assert_allclose(jvp(of("expm"), zero, e)[1], e, rtol=1e-14)
    second = hessian(lambda a: of("expm")(a)[0, 0])(zero)  # of (a @ a)[0, 0] / 2
    expected = np.zeros((2, 2, 2, 2))
    expected[0, 0, 0, 0], expected[0, 1, 1, 0], expected[1, 0, 0, 1] = 1, 0.5, 0.5
    np.testing.assert_allclose(second, expected, atol=1e-14)


def test_the_logarithm_undoes_the_exponential_and_its_derivatives() -> None:
    np.testing.assert_allclose(
        jvp(lambda a: of("logm")(of("expm")(a)), UP, np.eye(3)[::-1].copy())[1], np.eye(3)[::-1], atol=1e-13
    )


def test_the_logarithm_leaves_the_global_generator_as_it_was() -> None:
    np.random.seed(3)  # noqa: NPY002 - SciPy's logm draws from it
    expected = np.random.rand(3)  # noqa: NPY002
    np.random.seed(3)  # noqa: NPY002
    of("logm")(MATRICES["positive"])
    np.testing.assert_array_equal(np.random.rand(3), expected)  # noqa: NPY002


def test_nearly_singular_systems_are_as_exact_as_their_solution() -> None:
    a, b = np.array([[1e-8, 0.0], [1.0, 1.0]]), np.array([1.0, 2.0])
    x = np.array([1e8, 2 - 1e8])  # x[0] = b[0] / a[0, 0], x[1] = (b[1] - a[1, 0] x[0]) / a[1, 1]
    found = vjp(lambda a: of("solve_triangular")(a, b, lower=True), a)[1](np.array([1.0, 0.0]))
    np.testing.assert_allclose(found, [[-1e8 * x[0], 0], [0, 0]], rtol=1e-14)


def test_what_is_not_read_has_no_gradient_and_may_be_anything() -> None:
    a = Tensor([[2.0, np.nan], [1.0, 4.0]], requires_grad=True)
    y = of("solve_triangular")(a, np.ones(2), lower=True)
    np.testing.assert_array_equal(gradients(y, a, np.ones(2))[0, 1], 0)
    ab = Tensor([[np.nan, 1.0, 1.0], [4.0, 4.0, 4.0], [1.0, 1.0, np.nan]], requires_grad=True)
    slopes = gradients(of("solve_banded")((1, 1), ab, np.ones(3)), ab, np.ones(3))
    assert np.isfinite(slopes).all()
    assert slopes[0, 0] == slopes[2, 2] == 0


def test_factors_are_scipys() -> None:
    a = MATRICES["positive"][[2, 0, 1]]
    lu, piv = of("lu_factor")(a)
    theirs = scipy_linalg.lu_factor(a)
    np.testing.assert_allclose(lu, theirs[0], rtol=1e-13)
    np.testing.assert_array_equal(piv, theirs[1])
    assert of("lu_factor")(Tensor(a, requires_grad=True))[1].dtype.kind == "i"
    for lower in [False, True]:
        c, flag = of("cho_factor")(MATRICES["positive"], lower)
        assert flag is lower
        np.testing.assert_allclose(c.T @ c if not lower else c @ c.T, MATRICES["positive"], rtol=1e-13)


def test_rows_that_are_exchanged_follow_the_numbers_of_each_call() -> None:
    solve = compile(lambda a, b: of("lu_solve")(of("lu_factor")(a), b))
    for a in [np.array([[1.0, 2], [3, 4]]), np.array([[5.0, 2], [3, 4]])]:
        np.testing.assert_allclose(solve(a, np.ones(2)), np.linalg.solve(a, np.ones(2)))


def test_numpys_functions_are_numpys_and_the_rest_is_scipys() -> None:
    assert of("inv") is np.linalg.inv
    assert of("hilbert") is scipy_linalg.hilbert
    with pytest.raises(TypeError, match="requires a gradient"):
        of("cosm")(Tensor(np.eye(2), requires_grad=True))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_matrices_without_elements(name: str) -> None:
    y, pullback = vjp(of(name), np.zeros((0, 0)))
    assert y.shape == pullback(y).shape == (0, 0)


def test_blocks_without_elements_count() -> None:
    assert of("block_diag")([], np.ones((2, 1))).shape == scipy_linalg.block_diag([], np.ones((2, 1))).shape
    assert of("block_diag")().shape == scipy_linalg.block_diag().shape


SINGULAR = np.diag([1.0, 0.0])
REFUSED: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "sqrtm, negative": (lambda: of("sqrtm")(-np.eye(2)), np.linalg.LinAlgError, "complex"),
    "logm, negative": (lambda: of("logm")(np.diag([1.0, -1.0])), np.linalg.LinAlgError, "complex"),
    "logm, singular": (lambda: of("logm")(SINGULAR), np.linalg.LinAlgError, "infinite"),
    "sqrtm, singular": (
        lambda: vjp(of("sqrtm"), 0 * SINGULAR)[1](np.eye(2)), np.linalg.LinAlgError, "no single solution"),
    "solve_sylvester": (
        lambda: of("solve_sylvester")(np.eye(2), -np.eye(2), np.eye(2)), np.linalg.LinAlgError, "common"),
    "solve_sylvester, shapes": (lambda: of("solve_sylvester")(np.eye(2), np.eye(3), np.eye(2)), ValueError, "shapes"),
    "solve_triangular": (lambda: of("solve_triangular")(SINGULAR, np.ones(2)), np.linalg.LinAlgError, "singular"),
    "solve_triangular, trans": (lambda: of("solve_triangular")(np.eye(2), np.ones(2), trans=3), ValueError, "trans=3"),
    "solve_triangular, unknown": (
        lambda: of("solve_triangular")(np.eye(2), np.ones(2), upper=True), TypeError, "upper"),
    "solve_banded": (lambda: of("solve_banded")((1, 1), np.eye(2), np.ones(2)), ValueError, "3 diagonals"),
    "lu_factor": (lambda: of("lu_factor")(np.ones((2, 3))), ValueError, r"\(2, 3\)"),
    "block_diag": (lambda: of("block_diag")(np.ones((1, 2, 3))), ValueError, r"\(1, 2, 3\)"),
    "toeplitz": (lambda: of("toeplitz")(np.eye(2)), ValueError, r"\(2, 2\)"),
    "complex": (lambda: of("sqrtm")(1j * np.eye(2)), TypeError, "complex128"),
    "expm": (lambda: of("expm")(np.ones((2, 3))), np.linalg.LinAlgError, "square"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Matrix is singular")
@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused(name: str) -> None:
    call, error, words = REFUSED[name]
    with pytest.raises(error, match=words):
        call()
