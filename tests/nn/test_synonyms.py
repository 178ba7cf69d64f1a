"""Names of other libraries are answered, each with something that works."""

from __future__ import annotations

import contextlib
import inspect
import io
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from nn.init import INITIALIZERS
from nn.layers.activations import ACTIVATIONS
from nn.learning.arguments import LOSSES, OPTIMIZERS
from nn.metrics import METRICS
from nn.names import lookup
from nn.synonyms import ARGUMENTS, CHOICES, DATA, KEYWORDS, METHODS, NAMES, OF_OPTIMIZERS

X, Y = np.ones((4, 2)), np.zeros((4, 1))
TABLES: dict[str, Any] = {
    "loss": LOSSES, "metric": METRICS, "activation": ACTIVATIONS, "initializer": INITIALIZERS, "optimizer": OPTIMIZERS,
}  # fmt: skip


def works(code: str, path: Path) -> None:
    """Run an answer: it raises if something in it does not exist."""
    model = nn.Sequential(nn.Dense(2, 1))
    nn.save(model, path)
    y = Y if "fit" in code or "evaluate" in code else Y[:, 0].astype(int)
    loss = nn.mse(model(X), Y) if "backward" in code else nn.mse
    with contextlib.redirect_stderr(io.StringIO()):
        exec(code, {
            "nn": nn, "np": np, "autograd": autograd, "model": model,
            "sklearn": sys.modules.get("sklearn"), "X": X, "y": y,
            "path": path, "layer": nn.Dense(1, 1), "labels": Y, "partial": partial, "weights": [1.0, 2.0], "loss": loss,
        })  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_of_the_module(name: str, tmp_path: Path) -> None:
    assert not hasattr(nn, name)
    with pytest.raises(AttributeError) as found:
        getattr(nn, name)
    assert str(found.value) == f"nn has no attribute {name!r}: write {NAMES[name]}"
    works(NAMES[name], tmp_path / "model")


@pytest.mark.parametrize("name", DATA)
def test_names_of_data(name: str, tmp_path: Path) -> None:
    with pytest.raises(AttributeError) as found:
        getattr(nn.data, name)
    assert str(found.value) == f"nn.data has no attribute {name!r}: write {DATA[name]}"
    if "sklearn" in DATA[name]:
        pytest.importorskip("sklearn.datasets")
    works(DATA[name], tmp_path / "model")


PARTS = (nn.Module, nn.Optimizer)
KINDS = [k for k in vars(nn).values() if isinstance(k, type) and issubclass(k, PARTS) and k is not nn.Activation]


@pytest.mark.parametrize("name", ARGUMENTS)
def test_arguments_of_layers_and_optimizers(name: str) -> None:
    """Every constructor that lacks the name refuses it, some of them with what to write; none refuses its own."""
    answer, answered = ARGUMENTS[name], 0
    for kind in KINDS:
        known = inspect.signature(kind.function if issubclass(kind, nn.Activation) else kind.__init__).parameters
        if name in known or any(one.kind is one.VAR_KEYWORD for one in known.values()):
            continue
        with pytest.raises(TypeError) as found:
            kind(**{name: 1})
        said = [answer] if isinstance(answer, str) else [f"write {one}=" for one in answer if one in known][:1]
        answered += bool(said and str(found.value).endswith(f"argument {name!r}: {said[0]}"))
    assert answered


@pytest.mark.parametrize("name", METHODS)
def test_methods_of_models(name: str, tmp_path: Path) -> None:
    with pytest.raises(AttributeError) as found:
        getattr(nn.Dense(2, 1), name)
    assert str(found.value) == f"Dense has no attribute {name!r}: write {METHODS[name]}"
    works(METHODS[name] + (": pass" if METHODS[name].endswith(":") else ""), tmp_path / "model")


@pytest.mark.parametrize("name", OF_OPTIMIZERS)
def test_attributes_of_optimizers(name: str) -> None:
    model = nn.Dense(2, 1)
    optimizer = nn.SGD(model.parameters(), lr=0.1)
    with pytest.raises(AttributeError) as found:
        getattr(optimizer, name)
    assert str(found.value) == f"SGD has no attribute {name!r}: write {OF_OPTIMIZERS[name]}"
    nn.mse(model(X), Y).backward()
    eval(OF_OPTIMIZERS[name], {"optimizer": optimizer})


def test_what_is_answered_is_not_listed_and_a_class_of_ones_own_may_have_it() -> None:
    class Scored:
        def score(self) -> float:
            return 0.5

        @property
        def fit(self) -> Any:
            return self.nothing  # type: ignore[attr-defined]

    class Mine(nn.Module, Scored):
        def __init__(self) -> None:
            self.weight = nn.Parameter(2.0)

    mine = Mine()
    assert mine.score() == 0.5
    assert Mine.score is Scored.score
    assert mine.weight.data == 2
    with pytest.raises(AttributeError, match="'Mine' object has no attribute 'nothing'"):
        mine.fit  # noqa: B018 - the access is what is tested
    assert {"score", "weight", "fit"}.isdisjoint(dir(nn.Dense(2, 1)))
    assert {"score", "weight", "forward"}.issubset(dir(mine))
    for kind in (nn.Module, nn.Optimizer):  # with it every attribute would be read by a slower way
        assert not any("__getattr__" in vars(base) for base in kind.__mro__)


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in CHOICES for name in CHOICES[kind]])
def test_choices(kind: str, name: str) -> None:
    with pytest.raises(ValueError, match=f"there is no {kind} {name!r}: write {CHOICES[kind][name]!r}"):
        lookup(kind, name, TABLES[kind])
    assert CHOICES[kind][name] in TABLES[kind]


@pytest.mark.parametrize("kind", TABLES)
def test_capitals_do_not_matter(kind: str) -> None:
    for name, meant in TABLES[kind].items():
        assert lookup(kind, name.upper(), TABLES[kind]) is meant
        assert lookup(kind, name.replace("_", "-"), TABLES[kind]) is meant


@pytest.mark.parametrize("name", KEYWORDS)
def test_keywords_of_fit(name: str, tmp_path: Path) -> None:
    model = nn.Dense(2, 1)
    with pytest.raises(TypeError, match=f"unexpected keyword argument '{name}': "):
        nn.fit(model, X, Y, loss="mse", epochs=1, **{name: 1})
    given = KEYWORDS[name].partition("=")[0]
    assert not given or given in nn.fit.__code__.co_varnames
    works(f"f = lambda **keywords: None; f({KEYWORDS[name] + '0' * KEYWORDS[name].endswith('=')})", tmp_path / "model")


def test_linear_with_sizes_is_a_dense_layer() -> None:
    with pytest.raises(TypeError, match=r"write nn.Dense\(inputs, units\) for nn.Linear\(2, 3, bias=False\)"):
        nn.Linear(2, 3, bias=False)
    assert nn.Linear()(X) is X


@pytest.mark.parametrize("kind", [nn.StepLR, nn.ExponentialLR, nn.CosineAnnealingLR, nn.ReduceLROnPlateau])
def test_schedules_take_the_optimizer_later(kind: Any) -> None:
    optimizer = nn.SGD(nn.Dense(2, 1).parameters(), lr=0.1)
    with pytest.raises(TypeError, match=rf"{kind.__name__}\(...\).attach\(optimizer\)"):
        kind(optimizer, 30)


@pytest.mark.parametrize("given", ["cosine", nn.CosineAnnealingLR, 0.5])
def test_what_is_no_schedule(given: Any) -> None:
    with pytest.raises(TypeError, match=r"nn.CosineAnnealingLR\(T_max=1\)|a Schedule, or a function"):
        nn.fit(nn.Dense(2, 1), X, Y, loss="mse", epochs=1, schedule=given)


@pytest.mark.parametrize(("given", "words"), [(nn.Dense, r"make one, Dense\(...\)"), (X, "not a ndarray")])
def test_what_is_no_model(given: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        nn.fit(given, X, Y, loss="mse", epochs=1)


def test_an_error_in_a_property_is_told_as_it_is() -> None:
    class Broken(nn.Module):
        @property
        def fit(self) -> Any:  # also under a name of the table
            raise ValueError("mine")

        @property
        def depth(self) -> Any:
            return self.nothing

    with pytest.raises(AttributeError, match="'Broken' object has no attribute 'nothing'"):
        Broken().depth  # noqa: B018 - the access is what is tested
    with pytest.raises(ValueError, match="mine"):
        Broken().fit  # noqa: B018
    assert not hasattr(nn.Dense(2, 1), "_repr_html_")
