"""Linear algebra: what iterating over the table cannot see. Torch, singular and degenerate matrices, and messages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import Tensor, check_grads, gradients, hessian

rng = np.random.default_rng(0)
EQUAL_PAIRS = [[1.0, 2.0], [2.0, 4.0]]  # singular


def gradient(f: Any, *arrays: Any) -> list[Any]:
    """The gradients of the sum of the elements of f(*arrays)."""
    inputs = [Tensor(x, requires_grad=True) for x in arrays]
    y = f(*inputs)
    return gradients(y, inputs, np.ones(y.shape))


def symmetric(a: Any) -> Any:
    """The symmetric part of `a`."""
    return (a + a.mT) / 2


def agrees_with_torch(f: Any, of_torch: Any, *arrays: Any) -> None:
    """Values and gradients, under weights that tell the elements apart, are torch's."""
    torch = pytest.importorskip("torch", reason="torch is the oracle here")
    inputs = [Tensor(x, requires_grad=True) for x in arrays]
    theirs = [torch.tensor(x, requires_grad=True) for x in arrays]
    y, z = f(*inputs), of_torch(torch, *theirs)
    np.testing.assert_allclose(y.data, z.detach().numpy(), rtol=1e-10, atol=1e-12)
    weights = np.cos(np.arange(y.size)).reshape(y.shape)
    z.backward(torch.tensor(weights))
    for g, x in zip(gradients(y, inputs, weights), theirs, strict=True):
        np.testing.assert_allclose(g, x.grad.numpy(), rtol=1e-9, atol=1e-11)


A = rng.standard_normal((2, 3, 3)) + 2 * np.eye(3)
B = rng.standard_normal((2, 3, 2))
TALL = rng.standard_normal((2, 4, 3))


@pytest.mark.parametrize(
    ("f", "of_torch", "arrays"),
    [
        (np.linalg.inv, lambda torch, a: torch.linalg.inv(a), [A]),
        (np.linalg.solve, lambda torch, a, b: torch.linalg.solve(a, b), [A, B]),
        (np.linalg.solve, lambda torch, a, b: torch.linalg.solve(a, b), [A[0], B[0, :, 0]]),
        (np.linalg.det, lambda torch, a: torch.linalg.det(a), [A]),
        (lambda a: np.linalg.slogdet(a)[1], lambda torch, a: torch.linalg.slogdet(a)[1], [A]),
        (lambda a: np.linalg.cholesky(a @ a.mT), lambda torch, a: torch.linalg.cholesky(a @ a.mT), [A]),
        (np.linalg.pinv, lambda torch, a: torch.linalg.pinv(a), [TALL]),
        (np.linalg.pinv, lambda torch, a: torch.linalg.pinv(a), [B.mT]),
        (lambda a: np.linalg.eigvalsh(a @ a.mT), lambda torch, a: torch.linalg.eigvalsh(a @ a.mT), [A]),
        (lambda a: np.linalg.eigh(a @ a.mT)[1] ** 2, lambda torch, a: torch.linalg.eigh(a @ a.mT)[1] ** 2, [A]),
        (np.linalg.svdvals, lambda torch, a: torch.linalg.svdvals(a), [TALL]),
        (
            lambda a: np.linalg.svd(a, full_matrices=False).U ** 2,
            lambda torch, a: torch.linalg.svd(a, full_matrices=False).U ** 2,
            [TALL],
        ),
        (
            lambda a: np.linalg.svd(a, full_matrices=False).Vh ** 2,
            lambda torch, a: torch.linalg.svd(a, full_matrices=False).Vh ** 2,
            [B.mT],
        ),
        (lambda a: np.linalg.qr(a).Q ** 2, lambda torch, a: torch.linalg.qr(a).Q ** 2, [TALL]),
        (lambda a: np.linalg.qr(a).R ** 2, lambda torch, a: torch.linalg.qr(a).R ** 2, [B.mT]),
        (lambda a: np.linalg.norm(a, "nuc", (1, 2)), lambda torch, a: torch.linalg.norm(a, "nuc", (1, 2)), [TALL]),
        (lambda a: np.linalg.norm(a, 2, (2, 0)), lambda torch, a: torch.linalg.norm(a, 2, (2, 0)), [TALL]),
        (lambda a: np.linalg.norm(a, 3, 1), lambda torch, a: torch.linalg.norm(a, 3, 1), [TALL]),
        (np.linalg.cond, lambda torch, a: torch.linalg.cond(a), [A]),
        (lambda a: np.linalg.matrix_power(a, -3), lambda torch, a: torch.linalg.matrix_power(a, -3), [A]),
        (lambda a: np.linalg.matrix_power(a, 5), lambda torch, a: torch.linalg.matrix_power(a, 5), [A]),
        (
            lambda *xs: np.linalg.multi_dot(xs),
            lambda torch, *xs: torch.linalg.multi_dot(xs),
            [A[0], A[1], B[0], B[1, 0]],
        ),
    ],
)
def test_values_and_gradients_are_torchs(f: Any, of_torch: Any, arrays: Any) -> None:
    agrees_with_torch(f, of_torch, *arrays)


@pytest.mark.parametrize(
    ("f", "a"),
    [(np.linalg.slogdet, A), (lambda a: np.linalg.eigh(a), A @ A.mT), (np.linalg.svd, A), (np.linalg.qr, A)],
)
def test_results_have_numpys_types(f: Any, a: Any) -> None:
    expected = f(a)
    found = f(Tensor(a, requires_grad=True))
    assert type(found) is type(expected)
    for part, numbers in zip(found, expected, strict=True):
        np.testing.assert_allclose(part.data if isinstance(part, Tensor) else part, numbers, rtol=1e-13)


class TestDeterminant:
    @pytest.mark.parametrize(
        "a",
        [
            EQUAL_PAIRS,
            np.arange(1.0, 10.0).reshape(3, 3),
            np.zeros((1, 1)),
            np.zeros((2, 2)),
            np.zeros((3, 3)),
            np.diag([1.0, 0.0, 0.0]),
            np.diag([2.0, 2.0, 0.0]),
            np.eye(3),
            np.stack([np.eye(3), np.zeros((3, 3)), np.ones((3, 3))]),
        ],
    )
    def test_it_is_exact_for_singular_matrices_to_the_third_order(self, a: Any) -> None:
        check_grads(np.linalg.det, np.array(a), order=3)

    def test_the_gradient_is_the_matrix_of_cofactors(self) -> None:
        (g,) = gradient(np.linalg.det, np.arange(1.0, 10.0).reshape(3, 3))
        np.testing.assert_allclose(g, [[-3, 6, -3], [6, -12, 6], [-3, 6, -3]], rtol=1e-13)

    def test_the_second_derivative_of_ad_minus_bc(self) -> None:
        second = np.zeros((2, 2, 2, 2))
        second[0, 0, 1, 1] = second[1, 1, 0, 0] = 1
        second[0, 1, 1, 0] = second[1, 0, 0, 1] = -1
        for a in (np.zeros((2, 2)), np.array(EQUAL_PAIRS), np.eye(2)):
            np.testing.assert_allclose(hessian(np.linalg.det)(a), second, atol=1e-14)

    def test_slogdet_reaches_where_det_overflows(self) -> None:
        a = 1e20 * np.eye(20)
        (g,) = gradient(lambda a: np.linalg.slogdet(a).logabsdet, a)
        np.testing.assert_allclose(g, 1e-20 * np.eye(20), rtol=1e-14)

    def test_the_sign_of_slogdet_is_plain_and_without_slope(self) -> None:
        a = np.array([[0.0, 1.0], [2.0, 1.0]])
        sign, _ = np.linalg.slogdet(Tensor(a, requires_grad=True))
        assert not isinstance(sign, Tensor)
        assert sign == -1.0

        def det(a: Any) -> Any:
            sign, logabsdet = np.linalg.slogdet(a)
            return sign * np.exp(logabsdet)

        np.testing.assert_allclose(gradient(det, a)[0], [[1.0, -2.0], [-1.0, 0.0]], atol=1e-15)

    def test_slogdet_factors_the_matrix_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        slogdet, seen = np.linalg.slogdet, []
        monkeypatch.setattr(np.linalg, "slogdet", lambda a: (seen.append(a), slogdet(a))[1])
        slogdet(Tensor(np.eye(2), requires_grad=True))
        assert len(seen) == 1


class TestDegenerate:
    def test_gradients_of_equal_eigenvalues_are_finite_and_their_sum_is_exact(self) -> None:
        (g,) = gradient(np.linalg.eigvalsh, np.eye(3))
        np.testing.assert_allclose(g, np.eye(3), atol=1e-14)
        assert np.isfinite(gradient(lambda a: np.linalg.eigh(a).eigenvectors, np.eye(3))[0]).all()

    def test_eigenvalues_that_differ_by_rounding_alone_count_as_equal(self) -> None:
        q = np.linalg.qr(rng.standard_normal((4, 4))).Q
        a = q * [1.0, 1.0, 1.0, 2.0] @ q.T
        assert len(set(np.linalg.eigvalsh(a))) > 2
        w, v = (x.copy() for x in np.linalg.eigh(a))
        (g,) = gradient(lambda a: np.linalg.eigh(a).eigenvectors[:, -1] ** 2 @ np.arange(4.0), a)
        top, rest = v[:, 3], v[:, :3]
        moved = rest @ (rest.T @ (np.arange(4.0) * top)) * 2 / (w[3] - w[0])
        np.testing.assert_allclose(g, symmetric(np.outer(moved, top)), atol=1e-13)

    @pytest.mark.parametrize("a", [np.eye(3), np.ones((3, 3)), np.zeros((2, 3))])
    def test_gradients_of_singular_vectors_are_finite(self, a: Any) -> None:
        def f(a: Any) -> Any:
            u, s, vh = np.linalg.svd(a, full_matrices=False)
            return u.sum() + s.sum() + vh.sum()

        assert np.isfinite(gradient(f, a)[0]).all()

    def test_the_sum_of_equal_singular_values(self) -> None:
        q = np.linalg.qr(rng.standard_normal((3, 3))).Q
        (g,) = gradient(np.linalg.svdvals, q)
        np.testing.assert_allclose(g, q, atol=1e-14)

    def test_eigh_reads_one_triangle_and_gives_a_symmetric_gradient(self) -> None:
        full = A[0] @ A[0].T
        weights = np.arange(3.0)
        for uplo, triangle in (("L", np.tril), ("U", np.triu)):
            (g,) = gradient(lambda a, uplo=uplo: np.linalg.eigvalsh(a, uplo) * weights, triangle(full))
            np.testing.assert_allclose(g, gradient(lambda a: np.linalg.eigvalsh(a) * weights, full)[0], rtol=1e-12)
            np.testing.assert_array_equal(g, g.T)


class TestNorm:
    @pytest.mark.parametrize("ord", [None, 0, 1, 1.5, 2, 3, np.inf, -np.inf])
    def test_the_gradient_of_a_vanishing_vector_norm_is_0(self, ord: Any) -> None:
        np.testing.assert_array_equal(gradient(lambda x: np.linalg.norm(x, ord), np.zeros(3))[0], np.zeros(3))
        np.testing.assert_array_equal(hessian(lambda x: np.linalg.norm(x, ord))(np.zeros(3)), np.zeros((3, 3)))

    @pytest.mark.parametrize("ord", ["fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf])
    def test_the_gradient_of_a_vanishing_matrix_norm_is_0(self, ord: Any) -> None:
        np.testing.assert_array_equal(gradient(lambda x: np.linalg.norm(x, ord), np.zeros((2, 3)))[0], np.zeros((2, 3)))

    def test_a_row_of_zeros_among_others(self) -> None:
        (g,) = gradient(lambda x: np.linalg.norm(x, axis=1), np.array([[3.0, 4.0], [0.0, 0.0]]))
        np.testing.assert_allclose(g, [[0.6, 0.8], [0.0, 0.0]], rtol=1e-15)

    def test_the_second_derivative_at_a_zero_component(self) -> None:
        second = hessian(np.linalg.norm)(np.array([0.0, 2.0]))
        np.testing.assert_allclose(second, [[0.5, 0.0], [0.0, 0.0]], atol=1e-15)

    def test_equal_singular_values_share_the_gradient_of_the_spectral_norm(self) -> None:
        (g,) = gradient(lambda a: np.linalg.norm(a, 2), np.eye(2))
        np.testing.assert_allclose(g, np.eye(2) / 2)

    @pytest.mark.parametrize(
        ("kwargs", "error", "message"),
        [
            ({"ord": 5}, ValueError, "ord=5 is no norm of matrices"),
            ({"ord": "fro", "axis": 0}, ValueError, "ord='fro' is no norm of vectors"),
            ({"axis": 2}, np.exceptions.AxisError, "axis 2 is out of bounds"),
            ({"axis": (1, 1)}, ValueError, "repeated axis"),
        ],
    )
    def test_what_is_no_norm_is_refused(self, kwargs: Any, error: Any, message: str) -> None:
        with pytest.raises(error, match=message):
            np.linalg.norm(Tensor(np.ones((2, 3)), requires_grad=True), **kwargs)

    def test_a_norm_of_three_axes_prints_the_shape(self) -> None:
        with pytest.raises(ValueError, match=r"np\.linalg\.norm of shape \(2, 3, 4\): ord=2"):
            np.linalg.norm(Tensor(np.ones((2, 3, 4))), 2)


class TestPowersAndProducts:
    @pytest.mark.parametrize("n", range(-4, 8))
    def test_matrix_power(self, n: int) -> None:
        y: Any = np.linalg.matrix_power(Tensor(A, requires_grad=True), n)
        np.testing.assert_allclose(y.data, np.linalg.matrix_power(A, n), rtol=1e-10)

    def test_the_power_0_is_a_tensor_without_slope(self) -> None:
        a = Tensor([[np.inf, 1.0], [2.0, 3.0]], requires_grad=True)
        y = np.linalg.matrix_power(a, 0)
        np.testing.assert_array_equal(y.data, np.eye(2))
        np.testing.assert_array_equal(gradients(y.sum(), [a])[0], np.zeros((2, 2)))

    def test_multi_dot_of_one_array_is_refused(self) -> None:
        with pytest.raises(ValueError, match="two arrays or more, not 1"):
            np.linalg.multi_dot([Tensor(np.eye(2))])


class TestRefusals:
    @pytest.mark.parametrize(
        ("f", "message"),
        [
            (np.linalg.inv, r"np\.linalg\.inv of shape \(2, 2\): Singular matrix"),
            (
                lambda a: np.linalg.solve(a, np.ones(2)),
                r"np\.linalg\.solve of shape \(2, 2\) and shape \(2,\): Singular",
            ),
            (np.linalg.cholesky, r"np\.linalg\.cholesky of shape \(2, 2\): Matrix is not positive definite"),
            (lambda a: np.linalg.matrix_power(a, -1), r"np\.linalg\.matrix_power of shape \(2, 2\) and int: Singular"),
            (lambda a: np.linalg.matrix_power(a[:1], 2), r"np\.linalg\.matrix_power of shape \(1, 2\)"),
            (lambda a: np.linalg.det(a[:1]), r"np\.linalg\.det of shape \(1, 2\)"),
        ],
    )
    def test_linalgerror_stays_what_it_is_and_prints_the_shapes(self, f: Any, message: str) -> None:
        with pytest.raises(np.linalg.LinAlgError, match=message):
            f(Tensor(EQUAL_PAIRS, requires_grad=True))

    def test_the_gradient_of_the_logarithm_of_0_is_refused(self) -> None:
        a = Tensor(EQUAL_PAIRS, requires_grad=True)
        with pytest.raises(np.linalg.LinAlgError, match="Singular matrix"):
            np.linalg.slogdet(a)[1].backward()
        assert a.grad is None

    def test_bases_of_null_spaces_have_no_derivative(self) -> None:
        a = Tensor(np.ones((2, 3)), requires_grad=True)
        with pytest.raises(ValueError, match=r"np\.linalg\.svd of shape \(2, 3\): only full_matrices=False"):
            np.linalg.svd(a)
        with pytest.raises(ValueError, match=r"np\.linalg\.qr of shape \(3, 2\) with mode='complete'"):
            np.linalg.qr(a.T, "complete")
        values: Any = np.linalg.svd(a, compute_uv=False)
        np.testing.assert_allclose(values.data, [np.sqrt(6.0), 0.0], atol=1e-15)

    def test_matrix_rank_is_plain(self) -> None:
        assert np.linalg.matrix_rank(Tensor(EQUAL_PAIRS, requires_grad=True)) == 1


@pytest.mark.parametrize(
    "kinds", [(np.float32, np.float64), (np.float64, np.float32), (np.float32, np.float32), (int, np.float32)]
)
def test_all_parts_of_least_squares_have_numpys_dtypes(kinds: tuple[Any, Any]) -> None:
    a, b = (np.arange(6).reshape(3, 2) ** 2).astype(kinds[0]), np.arange(3).astype(kinds[1])
    found, expected = np.linalg.lstsq(a, Tensor(b, dtype=kinds[1]), rcond=None), np.linalg.lstsq(a, b, rcond=None)
    assert [found[i].dtype for i in (0, 1, 3)] == [expected[i].dtype for i in (0, 1, 3)]
    for i in (0, 1, 3):
        np.testing.assert_allclose(found[i].data if isinstance(found[i], Tensor) else found[i], expected[i], rtol=1e-4)
