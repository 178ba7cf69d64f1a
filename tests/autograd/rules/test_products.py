"""Products: what iterating over the table cannot see. Torch, other notations for the same sum, and messages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import Tensor, check_grads, gradients, vjp
from autograd.node import Node
from autograd.rules.products import contract
from autograd.shapes import sum_to
from autograd.sweep import toposort

rng = np.random.default_rng(0)
oracle = "torch is the oracle here"


def tensors(*shapes: tuple[int, ...]) -> list[Tensor]:
    """Tensors of these shapes that require gradients."""
    return [Tensor(rng.standard_normal(shape), requires_grad=True) for shape in shapes]


def pulled(y: Any, inputs: list[Tensor]) -> list[Any]:
    """The gradients of a sum of the elements of `y` with different weights."""
    return gradients(y, inputs, np.cos(np.arange(y.size)).reshape(y.shape))


def agree(f: Any, g: Any, *shapes: tuple[int, ...]) -> None:
    """Two ways to write one product give the same values and gradients."""
    inputs = tensors(*shapes)
    y, z = f(*inputs), g(*inputs)
    assert y.shape == z.shape
    np.testing.assert_allclose(y.data, z.data, rtol=1e-12, atol=1e-14)
    for first, second in zip(pulled(y, inputs), pulled(z, inputs), strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-12, atol=1e-14)


def agrees_with_torch(f: Any, of_torch: Any, *shapes: tuple[int, ...]) -> None:
    """Values and gradients are torch's."""
    torch = pytest.importorskip("torch", reason=oracle)
    inputs = tensors(*shapes)
    theirs = [torch.tensor(x.data, requires_grad=True) for x in inputs]
    y, z = f(*inputs), of_torch(torch, *theirs)
    np.testing.assert_allclose(y.data, z.detach().numpy(), rtol=1e-12, atol=1e-14)
    z.backward(torch.tensor(np.cos(np.arange(y.size)).reshape(y.shape)))
    for g, x in zip(pulled(y, inputs), theirs, strict=True):
        np.testing.assert_allclose(g, x.grad.numpy(), rtol=1e-12, atol=1e-14)


MATMULS = [
    ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((2, 3), (3, 4)), ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)),
    ((5, 1, 2, 3), (6, 3, 4)), ((5, 2, 3), (3,)), ((3,), (5, 3, 4)), ((1, 2, 3), (5, 3, 1)),
]  # fmt: skip


class TestMatmul:
    @pytest.mark.parametrize(("a", "b"), MATMULS)
    def test_every_combination_of_vectors_matrices_and_stacks_is_torchs(self, a: Any, b: Any) -> None:
        agrees_with_torch(np.matmul, lambda torch, x, y: torch.matmul(x, y), a, b)

    @pytest.mark.parametrize(
        ("a", "b"), [((2, 0), (0, 3)), ((0, 2), (2, 3)), ((2, 3), (3, 0)), ((0,), (0,)), ((0, 2, 3), (3, 4))]
    )
    def test_empty_operands_have_empty_or_zero_gradients(self, a: Any, b: Any) -> None:
        inputs = tensors(a, b)
        y = inputs[0] @ inputs[1]
        for g, x in zip(pulled(y, inputs), inputs, strict=True):
            np.testing.assert_array_equal(g, np.zeros(x.shape))

    def test_one_tensor_on_both_sides(self) -> None:
        (a,) = tensors((3, 3))
        (g,) = gradients((a @ a).sum(), [a])
        np.testing.assert_allclose(g, np.ones((3, 3)) @ a.data.T + a.data.T @ np.ones((3, 3)), rtol=1e-14)

    def test_the_third_order_of_a_cube(self) -> None:
        check_grads(lambda a: a @ a @ a, rng.standard_normal((2, 2)), order=3)

    def test_a_mismatch_prints_both_shapes(self) -> None:
        a, b = tensors((2, 3), (2, 3))
        with pytest.raises(ValueError, match=r"np\.matmul of shape \(2, 3\) and shape \(2, 3\)"):
            a @ b


class TestDotAndItsKin:
    @pytest.mark.parametrize(("a", "b"), [((2, 3), (4, 3, 2)), ((3,), (2, 3, 4)), ((2, 2, 3), (2, 3, 1))])
    def test_dot_sums_over_the_last_but_one_axis(self, a: Any, b: Any) -> None:
        agree(np.dot, lambda x, y: np.tensordot(x, y, axes=([-1], [-2])), a, b)

    def test_dot_with_a_number(self) -> None:
        agree(lambda x: np.dot(2.0, x), lambda x: 2.0 * x, (2, 3))

    def test_inner_outer_and_vdot(self) -> None:
        agree(np.inner, lambda x, y: x @ y.T, (2, 3), (4, 3))
        agree(np.outer, lambda x, y: x.reshape(-1, 1) @ y.reshape(1, -1), (2, 3), (2,))
        agree(np.vdot, lambda x, y: (x.ravel() * y.ravel()).sum(), (2, 3), (3, 2))

    def test_kron_is_torchs(self) -> None:
        agrees_with_torch(np.kron, lambda torch, x, y: torch.kron(x, y), (2, 3), (4, 1, 2))

    def test_cross_is_torchs(self) -> None:
        agrees_with_torch(np.cross, lambda torch, x, y: torch.linalg.cross(x, y), (4, 3), (1, 3))

    def test_cross_takes_three_elements(self) -> None:
        a, b = tensors((2,), (3,))
        with pytest.raises(
            ValueError, match=r"np\.cross of shape \(2,\) and shape \(3,\): it takes vectors of 3 elements"
        ):
            np.cross(a, b)

    def test_the_outer_product_of_the_array_api_takes_vectors(self) -> None:
        a, b = tensors((2, 2), (3,))
        with pytest.raises(ValueError, match=r"np\.linalg\.outer of shape \(2, 2\)"):
            np.linalg.outer(a, b)


class TestTensordot:
    @pytest.mark.parametrize("axes", [0, 1, 2, ([0, 1], [0, 1]), ([1, 0], [1, 0]), ([-1], [-3]), ([], [])])
    def test_it_is_torchs(self, axes: Any) -> None:
        shapes = {1: ((4, 2), (2, 3, 5)), 2: ((4, 2, 3), (2, 3, 5))}.get(axes if isinstance(axes, int) else -1)
        a, b = shapes or ((2, 2), (2, 2, 3))
        agrees_with_torch(
            lambda x, y: np.tensordot(x, y, axes=axes), lambda torch, x, y: torch.tensordot(x, y, dims=axes), a, b
        )

    def test_a_mismatch_prints_both_shapes(self) -> None:
        a, b = tensors((2, 3), (4, 5))
        with pytest.raises(ValueError, match=r"np\.tensordot of shape \(2, 3\) and shape \(4, 5\)"):
            np.tensordot(a, b, axes=1)


class TestEinsum:
    @pytest.mark.parametrize(
        ("subscripts", "shapes"),
        [
            ("ij,jk->ik", [(2, 3), (3, 4)]),
            ("ij,jk", [(2, 3), (3, 4)]),
            ("bhqd,bhkd->bhqk", [(2, 2, 3, 4), (2, 2, 5, 4)]),
            ("...ij,...jk->...ik", [(2, 1, 2, 3), (4, 3, 2)]),
            ("...i,...", [(2, 3, 4), (3,)]),
            ("ii->i", [(3, 3)]),
            ("ii", [(3, 3)]),
            ("iji->j", [(2, 3, 2)]),
            ("ii,ij->j", [(3, 3), (3, 2)]),
            ("ij,k->i", [(2, 3), (4,)]),
            ("i,i,ij->j", [(2,), (2,), (2, 3)]),
            ("ij,jk,kl,lm->im", [(2, 3), (3, 4), (4, 2), (2, 5)]),
            ("ij,ij->ij", [(1, 3), (2, 3)]),
            ("ij,ij->i", [(2, 1), (2, 3)]),
            ("ij,ij->j", [(1, 3), (2, 1)]),
            ("ij,jk->ik", [(2, 0), (0, 3)]),
            (",i->i", [(), (3,)]),
        ],
    )
    def test_it_is_torchs(self, subscripts: str, shapes: Any) -> None:
        agrees_with_torch(
            lambda *xs: np.einsum(subscripts, *xs), lambda torch, *xs: torch.einsum(subscripts, *xs), *shapes
        )

    def test_the_implicit_output_is_in_the_order_of_the_characters(self) -> None:
        agree(lambda x: np.einsum("ba", x), lambda x: x.T, (2, 3))
        agree(lambda x: np.einsum("aB", x), lambda x: x.T, (2, 3))
        agree(lambda x: np.einsum("...ba", x), lambda x: x.mT, (2, 2, 3))

    def test_labels_as_lists_of_integers(self) -> None:
        agree(lambda x, y: np.einsum(x, [0, 1], y, [1, 2], [2, 0]), lambda x, y: (x @ y).T, (2, 3), (3, 4))
        agree(lambda x: np.einsum(x, [30, 2]), lambda x: x.T, (2, 3))
        agree(lambda x, y: np.einsum(x, [..., 0], y, [0, ...]), lambda x, y: x @ y, (4, 3), (3,))

    @pytest.mark.parametrize("optimize", [False, True, "optimal", ("greedy", 100), ["einsum_path", (0, 1, 2)]])
    def test_the_order_of_contraction_changes_nothing(self, optimize: Any) -> None:
        agree(
            lambda x, y, z: np.einsum("ij,jk,kl->il", x, y, z, optimize=optimize),
            lambda x, y, z: x @ y @ z, (2, 3), (3, 4), (4, 2),
        )  # fmt: skip

    def test_each_recorded_call_has_at_most_two_operands(self) -> None:
        inputs = tensors((2, 2), (2, 2), (2, 2), (2, 2))
        calls = toposort([np.einsum("ij,jk,kl,lm->im", *inputs)])
        assert [node.fun for node in calls] == [contract] * 3

    def test_constants_are_contracted_without_a_record(self) -> None:
        (x,) = tensors((2, 2))
        y = np.einsum("ij,ii,jk->k", np.eye(2), np.eye(2), x)
        assert sum(isinstance(arg, Node) for node in toposort([y]) for arg in node.args) == len(toposort([y]))

    def test_lists_of_numbers_are_operands(self) -> None:
        agree(lambda x: np.einsum("ij,j->i", x, [1.0, 2.0]), lambda x: x @ np.array([1.0, 2.0]), (3, 2))

    @pytest.mark.parametrize(
        ("subscripts", "shapes", "message"),
        [
            ("ij,jk", [(2, 3), (2, 3)], r"np\.einsum\('ij,jk'\) of shapes \(2, 3\), \(2, 3\): Size of label 'j'"),
            ("ii", [(1, 3)], r"of shapes \(1, 3\): a label repeated"),
            ("...i->i", [(2, 3)], r"of shapes \(2, 3\): the axes of '\.\.\.'"),
            ("ij->ik", [(2, 3)], r"of shapes \(2, 3\): Output character k"),
            ("ij", [(2, 3, 4)], r"of shapes \(2, 3, 4\)"),
            ("i,i", [(2,)], r"of shapes \(2,\)"),
        ],
    )
    def test_what_does_not_fit_is_refused_with_the_shapes(self, subscripts: str, shapes: Any, message: str) -> None:
        inputs = tensors(*shapes)
        with pytest.raises(ValueError, match=message):
            np.einsum(subscripts, *inputs)


class TestConvolution:
    @pytest.mark.parametrize("mode", ["full", "same", "valid"])
    @pytest.mark.parametrize(("n", "m"), [(5, 3), (3, 5), (4, 4), (6, 2), (1, 4), (2, 5)])
    def test_it_is_a_product_with_the_matrix_of_shifts(self, n: int, m: int, mode: Any) -> None:
        basis = [np.convolve(row, np.eye(m)[j], mode) for row in np.eye(n) for j in range(m)]
        shifts = np.reshape(basis, (n, m, -1))
        agree(lambda a, v: np.convolve(a, v, mode), lambda a, v: np.einsum("i,j,ijk->k", a, v, shifts), (n,), (m,))
        basis = [np.correlate(row, np.eye(m)[j], mode) for row in np.eye(n) for j in range(m)]
        shifts = np.reshape(basis, (n, m, -1))
        agree(lambda a, v: np.correlate(a, v, mode), lambda a, v: np.einsum("i,j,ijk->k", a, v, shifts), (n,), (m,))

    def test_a_convolution_with_a_number(self) -> None:
        two: Any = 2.0
        agree(lambda a: np.convolve(a, two), lambda a: 2.0 * a, (3,))

    def test_empty_and_nested_operands_are_refused_with_the_shapes(self) -> None:
        (a, b, v) = tensors((0,), (2, 2), (2,))
        with pytest.raises(ValueError, match=r"np\.convolve of shape \(0,\) and shape \(2,\)"):
            np.convolve(a, v)
        with pytest.raises(ValueError, match=r"np\.convolve of shape \(2, 2\) and shape \(2,\)"):
            np.convolve(b, v)


@pytest.mark.parametrize(("m", "n", "k"), [(3, 5, 70_000), (5, 3, 70_001), (30, 40, 50), (2, 9, 60)])
def test_the_gradient_of_a_product_with_long_rows_is_added_in_parts(m: int, n: int, k: int) -> None:
    rng = np.random.default_rng(0)
    a, b, g = (rng.standard_normal(shape) for shape in ((2, m, n), (n, k), (2, m, k)))
    b = np.stack([b, -b])
    for x, y, seed in ((a, b, g), (a[:1], b, g), (a[None], b, g[None])):
        found = vjp(np.matmul, x, y)[1](seed)[0]
        np.testing.assert_allclose(found, sum_to(seed @ y.mT, x.shape), rtol=1e-10, atol=1e-9)
