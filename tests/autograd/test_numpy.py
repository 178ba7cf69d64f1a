"""autograd.numpy is NumPy, but for the lists that hold nodes; HIPS autograd's names are beside ours, and not ours."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

import numpy
import pytest

import autograd
import autograd.numpy as np
from autograd import Tensor, grad
from autograd.extend import defvjp
from autograd.numpy.numpy_boxes import ArrayBox

T = Tensor([1.0, 2.0, 4.0], requires_grad=True)


def test_every_name_is_numpys_own_or_wraps_it() -> None:
    ours = {"array", "asarray", "c_", "fft", "full", "linalg", "r_", "random", "where"}
    for name in set(numpy.__all__) - ours:
        found, expected = getattr(np, name), getattr(numpy, name)
        assert found is expected or found.of_numpy is expected, name
        if isinstance(expected, (numpy.ufunc, type)):
            assert found is expected
    for name in ("linalg", "random", "fft"):
        module = importlib.import_module(f"autograd.numpy.{name}")
        assert module is getattr(np, name)
        assert module.__getattr__("__name__") == f"numpy.{name}"
    with pytest.raises(AttributeError, match="has no attribute 'no_such_name'"):
        np.no_such_name  # noqa: B018 - asking is the test
    names: dict[str, Any] = {}
    exec("from autograd.numpy import *", names)
    assert names["sum"] is np.sum
    assert names["array"] is np.array


def test_without_nodes_all_is_as_in_numpy() -> None:
    numpy.testing.assert_array_equal(np.array([[1, 2]], ndmin=3), [[[1, 2]]])
    assert np.array([1, 2], dtype="f4").dtype == numpy.float32
    data = numpy.ones(2)
    assert np.asarray(data) is data
    assert np.full(2, 7).dtype == numpy.int64
    numpy.testing.assert_array_equal(np.r_[1:3, 5], [1, 2, 5])
    numpy.testing.assert_array_equal(np.c_[[1, 2], [3, 4]], [[1, 3], [2, 4]])
    numpy.testing.assert_array_equal(np.sum([[1, 2], [3, 4]], axis=(0, 1)), 10)


def test_constructors_of_nodes_answer_as_numpys() -> None:
    for made, expected in (
        (np.array([T, 2 * T]), [T.data, 2 * T.data]),
        (np.array((T[0], 3, [T[1]][0])), [1.0, 3.0, 2.0]),
        (np.full(3, T[0]), [1.0, 1.0, 1.0]),
        (np.full((2, 3), T), [T.data, T.data]),
        (np.full((2, 2), [T[0], 5]), [[1.0, 5.0], [1.0, 5.0]]),
        (np.r_[T, 1.0, [T[0], 2.0]], [1.0, 2.0, 4.0, 1.0, 1.0, 2.0]),
        (np.r_["0,2", T, T], numpy.stack([T.data, T.data])),
        (np.r_[0:2, T, -1:1:3j], [0.0, 1.0, 1.0, 2.0, 4.0, -1.0, 0.0, 1.0]),
        (np.c_[T, T], numpy.stack([T.data, T.data], axis=1)),
        (np.concatenate([[T[0]], T]), [1.0, 1.0, 2.0, 4.0]),
        (np.block([[T[:1], numpy.ones(1)], [numpy.ones(2)]]), [[1.0, 1.0], [1.0, 1.0]]),
    ):
        assert made.requires_grad
        numpy.testing.assert_array_equal(made.data, expected)
    assert np.array([T[0], 1.0], dtype=numpy.float32).dtype == numpy.float32
    assert np.asarray([T[0]], "f2").dtype == numpy.float16
    assert np.full(2, T[0], "f4").dtype == numpy.float32
    assert isinstance(T, ArrayBox)


def test_where_of_a_value_is_a_value() -> None:
    v = autograd.Value(2.0)
    assert np.where(True, v * 3, 1.0).data == 6.0
    assert np.where(v > 3, v, 1) == 1


def test_the_gradient_of_eigh_lies_in_the_triangle_that_is_read() -> None:
    A = numpy.array([[2.0, 7.0, -3.0], [0.5, 1.0, 9.0], [0.3, -0.2, -1.0]])
    for UPLO, of in (("L", numpy.tril), ("U", numpy.triu)):
        g = grad(lambda A, UPLO=UPLO: np.linalg.eigh(A, UPLO)[0][-1])(A)
        w, v = numpy.linalg.eigh(A, UPLO)
        top = numpy.outer(v[:, -1], v[:, -1])
        numpy.testing.assert_allclose(g, of(2 * top - numpy.diag(numpy.diag(top))), rtol=1e-12)
        numpy.testing.assert_array_equal(np.linalg.eigh(A, UPLO)[0], w)
        mapped = autograd.vmap(grad(lambda A, UPLO=UPLO: np.linalg.eigh(A, UPLO)[0][-1]))
        numpy.testing.assert_allclose(mapped(numpy.stack([A, A.T]))[0], g, rtol=1e-12)
    hermitian = numpy.array([[1.0, 2j], [-2j, 3.0]])
    numpy.testing.assert_array_equal(np.linalg.eigh(hermitian)[0], numpy.linalg.eigh(hermitian)[0])
    numpy.testing.assert_allclose(np.linalg.eigh([[T[0], 0.0], [0.0, T[1]]])[0].data, [1.0, 2.0])
    with pytest.raises(ValueError, match="UPLO"):
        np.linalg.eigh(Tensor(A), "X")


def test_what_is_not_done_for_nodes_is_refused() -> None:
    with pytest.raises(TypeError, match=r"np\.array of nodes takes dtype= alone, not ndmin="):
        np.array([T[0], 1.0], ndmin=2)
    with pytest.raises(TypeError, match=r"np\.full of nodes takes dtype= alone, not order="):
        np.full(2, T[0], order="F")
    with pytest.raises(TypeError, match="neither or both of x and y"):
        np.where(T > 0, T)
    with pytest.raises(TypeError, match="int64 does not fit"):
        np.array([T[0], 1.0], dtype=int)
    with pytest.raises(ValueError, match=r"shape \(3,\) and shape \(2,\)"):
        np.array([T, T[:2]])
    with pytest.raises(TypeError, match="complex numbers"):
        autograd.holomorphic_grad(np.sin)
    with pytest.raises(ValueError, match="has the arguments a, b, and none called c"):
        autograd.grad_named(lambda a, b: a * b, "c")
    with pytest.raises(TypeError, match="fft"):
        np.fft.fft(T)


def test_a_derivative_that_is_stated_for_a_wrapped_function_is_that_of_numpys(own_rules: Any) -> None:
    defvjp(np.sum, lambda ans, x: lambda g: np.full(x.shape, 7.0 * g))
    numpy.testing.assert_array_equal(grad(lambda x: np.sum(x))(numpy.ones(2)), [7.0, 7.0])


def test_the_names_of_hips_autograd_are_found_and_are_not_ours() -> None:
    operators = importlib.import_module("autograd.differential_operators")
    beside = set(operators.__all__) - {"make_jvp_reversemode"} | {"dict", "isinstance", "list", "tuple", "type"}
    for name in beside:
        assert hasattr(autograd, name), name
    mine = {"checkpoint", "elementwise_grad", "grad", "hessian", "jacobian", "value_and_grad"}
    assert beside & set(autograd.__all__) == mine
    assert all(getattr(autograd, name) is getattr(operators, name) for name in mine)
    misc = ("misc", "misc.fixed_points", "misc.flatten", "misc.optimizers", "misc.tracers")
    for name in ("builtins", "core", "extend", "test_util", "tracer", "util", "wrap_util", *misc):
        module = importlib.import_module(f"autograd.{name}")
        assert all(inspect.getmodule(module) is module and hasattr(module, one) for one in module.__all__)
