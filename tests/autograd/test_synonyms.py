"""PyTorch's names of methods are answered, each with something that works."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import autograd
from autograd import Tensor
from autograd.synonyms import KEYWORDS, METHODS, NO_DEVICES


@pytest.mark.parametrize("name", METHODS)
def test_what_is_missing_is_answered_by_what_works(name: str) -> None:
    t = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    with pytest.raises(AttributeError) as found:
        getattr(t, name)
    assert str(found.value).endswith(
        "leave it out, there is one device" if name in NO_DEVICES else f"write {METHODS[name]}"
    )
    given = {"t": t, "indices": np.array([[0, 1]]), "mask": t.data > 2, "Tensor": Tensor, "np": np}
    eval(METHODS[name], given | {"autograd": autograd})  # it raises if there is no such thing


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
