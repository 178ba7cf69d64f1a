"""PyTorch's names of methods are answered, each with something that works."""

from __future__ import annotations

import copy
import pickle
import re

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value
from autograd.synonyms import KEYWORDS, METHODS, NAMES, NO_DEVICES, VALUES


@pytest.mark.parametrize("name", METHODS)
def test_what_is_missing_is_answered_by_what_works(name: str) -> None:
    t = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    with pytest.raises(AttributeError) as found:
        getattr(t, name)
    assert str(found.value).endswith(
        "leave it out, there is one device" if name in NO_DEVICES else f"write {METHODS[name]}"
    )
    given = {"t": t, "indices": np.array([[0, 1]]), "mask": t.data > 2, "Tensor": Tensor, "np": np}
    exec(METHODS[name], given | {"autograd": autograd})  # it raises if there is no such thing


REDUCTIONS = ("sum", "mean", "var", "std", "prod", "max", "min", "argmax", "argmin", "any", "all")
ALONG = (*REDUCTIONS, "cumsum", "cumprod", "argsort", "sort", "squeeze")


@pytest.mark.parametrize(("method", "name"), [(m, "dim") for m in ALONG] + [(m, "keepdim") for m in REDUCTIONS])
def test_keywords_are_answered_with_numpys(method: str, name: str) -> None:
    t = Tensor([[1.0], [2.0]], requires_grad=True)
    with pytest.raises(TypeError, match=rf"{method}\(\): as in NumPy, write {KEYWORDS[name]}= for {name}="):
        getattr(t, method)(**{name: 1})
    with pytest.raises(TypeError, match=r"got an unexpected keyword argument '?nothing"):
        getattr(t, method)(nothing=1)


def test_probes_find_nothing_and_leaves_are_copied() -> None:
    t = Tensor([1.0, 2.0], requires_grad=True)
    for name in ("__array_interface__", "_repr_html_", "_ipython_display_", "iloc", "nothing"):
        assert not hasattr(t, name)
    with pytest.raises(AttributeError, match=r"'Tensor' object has no attribute 'nothing'$"):
        t.nothing  # noqa: B018 - the access is what is tested
    for again in (copy.copy(t), copy.deepcopy(t), pickle.loads(pickle.dumps(t))):
        assert again.tolist() == t.tolist()


@pytest.mark.parametrize("name", VALUES)
def test_names_of_other_scalar_engines_are_answered(name: str) -> None:
    with pytest.raises(AttributeError, match=re.escape(f"has no attribute {name!r}: write {VALUES[name]}")):
        getattr(Value(2.0), name)
    v = Value(2.0)
    exec(VALUES[name], {"v": v * 3})  # it raises if there is no such thing


@pytest.mark.parametrize("name", NAMES)
def test_names_of_other_packages_are_answered(name: str) -> None:
    with pytest.raises(AttributeError, match=re.escape(f"'autograd' has no attribute {name!r}: write {NAMES[name]}")):
        getattr(autograd, name)
    named = re.findall(r"^(?:\w+, )*\w+", NAMES[name])[0].split(", ")
    assert all(hasattr(autograd, one) or one in ("loss", "t", "np", "import") for one in named)


def test_a_name_that_nobody_has_is_pythons_error() -> None:
    with pytest.raises(AttributeError, match=r"^module .autograd. has no attribute .nonsense.$"):
        autograd.nonsense  # noqa: B018  it is asked for
    with pytest.raises(AttributeError, match="'Value' object has no attribute 'nonsense'"):
        Value(1.0).nonsense  # type: ignore[attr-defined]  # noqa: B018  it is asked for


def test_the_tape_loop_says_what_to_write() -> None:
    w = Tensor([1.0, 2.0], requires_grad=True)
    for _ in range(2):
        np.sum(w * w).backward()
        if w.is_leaf:
            w = w - 0.1 * w.grad
        else:
            with pytest.warns(UserWarning, match=r"write w\.data -= lr \* w\.grad"):
                assert w.grad is None
    start = Tensor([1.0, 2.0], requires_grad=True)
    loss = np.sum(start * start)
    with pytest.warns(UserWarning, match=r"and backward\(\), which has not run yet, leaves gradients where"):
        assert loss.grad is None
    loss.backward()
    with pytest.warns(UserWarning, match=r"and backward\(\) leaves gradients where"):
        assert loss.grad is None
    kept = w * 2
    kept.retain_grad()
    assert kept.grad is None  # asked for, so nothing is said


@pytest.mark.parametrize("node", [Tensor(1.0), Value(1.0)], ids=["Tensor", "Value"])
def test_what_is_missing_is_not_offered_and_costs_nothing(node: Tensor | Value) -> None:
    known = METHODS if isinstance(node, Tensor) else VALUES
    assert not set(dir(node)) & set(known)
    assert not any(hasattr(kind, "__getattr__") for kind in type(node).__mro__)  # it slows every attribute down


def test_what_another_base_has_is_not_missing() -> None:
    class Placed:
        def to(self, device: str) -> str:
            return device

    class Mine(Tensor, Placed):  # type: ignore[misc]
        pass

    x = Mine([1.0])
    assert x.to("cpu") == Mine.to(x, "cpu") == "cpu"
    assert "to" in dir(x)
    assert "unsqueeze" not in dir(x)
    with pytest.raises(AttributeError, match="'Mine' object has no attribute 'unsqueeze'"):
        x.unsqueeze  # noqa: B018
