"""Checkpoints: a run that was stopped goes on bit for bit, and what is not its own is refused."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from nn import saving
from nn.learning.checkpoints import Checkpoint, packed, unpacked
from nn.learning.history import History
from nn.learning.loop import Epoch, fit
from nn.learning.stopping import EarlyStopping
from nn.optim.schedules import CosineAnnealingLR, LinearLR, OneCycleLR, ReduceLROnPlateau, SequentialLR
from nn.saving import SavedModelError, save

RNG = np.random.default_rng(8)
X = RNG.standard_normal((40, 3))
Y = np.sin(X[:, :1]) + 0.1 * RNG.standard_normal((40, 1))


class Noise(nn.Module):
    """A layer that draws from a generator of its own."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def forward(self, x: Any) -> Any:
        return x + 0.1 * self.rng.standard_normal(x.shape).astype(np.float32) if self.training else x


def a_model(rng: np.random.Generator | None = None) -> nn.Sequential:
    first = nn.Dense(3, 8, activation="tanh", rng=0)
    first.W.assign(np.asfortranarray(first.W.numpy()))  # a layout that safetensors does not keep by itself
    drawn = [nn.BatchNorm1d(8), nn.Dropout(0.2, rng=3)]  # running means and draws must go on, too
    return nn.Sequential(first, Noise(rng or np.random.default_rng(1)), *drawn, nn.Dense(8, 1, rng=2))


Make = Callable[[], dict[str, Any]]
RUNS: dict[str, Make] = {
    "adam": lambda: {"rng": 0},
    "momentum": lambda: {"rng": 0, "optimizer": lambda p: nn.SGD(p, lr=0.05, momentum=0.9, nesterov=True)},
    "groups": lambda: {
        "rng": 0,
        "schedule": CosineAnnealingLR(10),
        "optimizer": lambda p: nn.Adam([{"params": p[:2], "lr": 0.1}, {"params": p[2:], "betas": (0.8, 0.9)}], lr=0.01),
    },
    "validation": lambda: {"rng": 0, "validation": 0.25, "metrics": ["r2"]},
    "early stopping": lambda: {
        "rng": 0, "validation": (X, -Y), "early_stopping": 4, "optimizer": lambda p: nn.Adam(p, lr=0.1)
    },
    "cosine": lambda: {"rng": 0, "schedule": CosineAnnealingLR(10)},
    "one cycle": lambda: {"rng": 0, "schedule": OneCycleLR(0.1, 50)},
    "warm-up": lambda: {"rng": 0, "schedule": SequentialLR([LinearLR(), CosineAnnealingLR(5)], milestones=[5])},
    "plateau": lambda: {"rng": 0, "schedule": ReduceLROnPlateau(patience=0, threshold=0.05, factor=0.7)},
    "another generator": lambda: {"rng": np.random.Generator(np.random.MT19937(3))},
    "clipped": lambda: {"rng": 0, "clip_norm": 0.5},
}  # fmt: skip
quiet = partial(fit, loss="mse", batch_size=9, progress=False)


def identical(a: dict[str, Any], b: dict[str, Any]) -> bool:
    """Whether two trees are equal to the last bit."""
    first: dict[str, Any] = {}
    second: dict[str, Any] = {}
    trees = packed(a, "", first), packed(b, "", second)
    return repr(trees[0]) == repr(trees[1]) and all(
        first[name].dtype == second[name].dtype and first[name].tobytes() == second[name].tobytes() for name in first
    )


# --- going on -----------------------------------------------------------------------------------------------------


def test_a_parameter_of_the_loss_goes_on_too(tmp_path: Path) -> None:
    def trained(epochs: int, **options: Any) -> float:
        scale, model = nn.Parameter(np.float32(1)), nn.Dense(3, 1, rng=0)
        optimizer = nn.Adam([*model.parameters(), scale], lr=0.1)
        loss = partial(scaled, scale)
        fit(model, X, Y, loss=loss, optimizer=optimizer, epochs=epochs, rng=0, progress=False, **options)
        return scale.item()

    path = tmp_path / "run"
    half = trained(2, checkpoint=path)
    assert trained(2, checkpoint=path, resume=True) == half
    assert trained(4, checkpoint=path, resume=True) == trained(4) != half


def scaled(scale: Any, prediction: Any, target: Any) -> Any:
    return nn.mse(prediction * scale, target)


@pytest.mark.parametrize("kind", RUNS)
@pytest.mark.parametrize("stop", [1, 4])
def test_going_on_is_as_if_it_had_never_stopped(tmp_path: Path, kind: str, stop: int) -> None:
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    uninterrupted = a_model()
    expected = quiet(uninterrupted, X, Y, epochs=10, checkpoint=whole, **RUNS[kind]())

    quiet(a_model(), X, Y, epochs=stop, checkpoint=stopped, **RUNS[kind]())
    model = a_model(np.random.default_rng(99))  # what it would draw comes from the checkpoint
    model[0].W.data[...] = 7
    history = quiet(model, X, Y, epochs=10, checkpoint=stopped, resume=True, **RUNS[kind]())

    assert history.to_dict() == expected.to_dict()
    assert (history.best, history.stopped) == (expected.best, expected.stopped)
    assert identical(model.state_dict(), uninterrupted.state_dict())
    assert identical(Checkpoint(stopped).load(), Checkpoint(whole).load())


def test_an_interrupted_epoch_is_done_again(tmp_path: Path) -> None:
    path, calls = tmp_path / "run", 0

    def loss(prediction: Any, target: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 5 * 3 + 2:
            raise KeyboardInterrupt
        return nn.mse(prediction, target)

    uninterrupted, model = a_model(), a_model()
    expected = quiet(uninterrupted, X, Y, epochs=6, rng=0)
    assert quiet(model, X, Y, loss=loss, epochs=6, rng=0, checkpoint=path).epochs == 3
    history = quiet(model, X, Y, loss=loss, epochs=6, rng=0, checkpoint=path, resume=True)
    assert history.to_dict() == expected.to_dict()
    assert identical(model.state_dict(), uninterrupted.state_dict())


def test_a_generator_that_layers_and_batches_share(tmp_path: Path) -> None:
    def train(epochs: int, resume: bool, seed: int) -> tuple[nn.Module, History]:
        rng = np.random.default_rng(seed)
        model = a_model(rng)
        return model, quiet(model, X, Y, epochs=epochs, rng=rng, checkpoint=tmp_path / f"{epochs}", resume=resume)

    expected, _ = train(6, False, seed=0)
    train(3, False, seed=0)
    os.replace(tmp_path / "3", tmp_path / "6")
    model, history = train(6, True, seed=5)
    assert history.epochs == 6
    assert identical(model.state_dict(), expected.state_dict())


def test_a_run_that_early_stopping_ended_stays_ended(tmp_path: Path) -> None:
    options: dict[str, Any] = {"validation": (X, -Y), "early_stopping": 2, "optimizer": lambda p: nn.Adam(p, lr=0.1)}
    model, again = a_model(), a_model()
    first = quiet(model, X, Y, epochs=90, rng=0, checkpoint=tmp_path / "run", **options)
    second = quiet(again, X, Y, epochs=99, rng=0, checkpoint=tmp_path / "run", resume=True, **options)
    assert first.to_dict() == second.to_dict()
    assert first.stopped == second.stopped == "early stopping"
    assert identical(model.state_dict(), again.state_dict())


def test_the_last_epoch_is_always_written_and_the_others_as_often_as_asked(tmp_path: Path) -> None:
    path, found = tmp_path / "run", []

    def look(epoch: Epoch) -> None:
        found.append(len(Checkpoint(path).load()["history"]["loss"]) if path.exists() else 0)

    quiet(a_model(), X, Y, epochs=7, checkpoint=Checkpoint(path, every=3), callbacks=look)
    assert found == [0, 0, 0, 3, 3, 3, 6]
    assert len(Checkpoint(path).load()["history"]["loss"]) == 7


# --- refusals -----------------------------------------------------------------------------------------------------


def state(*parts: Any) -> dict[str, Any]:
    """A copy of all that resuming could change."""
    return {f"{i}": part.bit_generator.state if isinstance(part, np.random.Generator) else part.state_dict()
            for i, part in enumerate(parts)}  # fmt: skip


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"batch_size": 8}, "batch_size was 9 and is 8"),
        ({"X": X[:-1], "y": Y[:-1]}, "samples was 40 and is 39"),
        ({"loss": nn.mse, "optimizer": lambda p: nn.SGD(p, lr=0.1)}, "optimizer was 'Adam' and is 'SGD'"),
        ({"schedule": CosineAnnealingLR(3)}, "schedule was 'NoneType' and is 'CosineAnnealingLR'"),
        ({"metrics": "r2"}, r"metrics was \[\] and is \['r2'\]"),
        ({"validation": 0.5}, "validation was None and is 0.5"),
        ({"early_stopping": 3}, "early_stopping was None and is 'loss'"),
        ({"rng": np.random.Generator(np.random.SFC64(0))}, "rng was 'PCG64' and is 'SFC64'"),
        ({"optimizer": lambda p: nn.Adam(p, lr=0.3)}, "optimizer's lr was 0.001 and is 0.3"),
        ({"optimizer": lambda p: nn.Adam(p, betas=(0.5, 0.9))}, r"betas was \[0.9, 0.999\] and is \[0.5, 0.9\]"),
        ({"shuffle": False}, "shuffle was True and is False"),
        ({"clip_norm": 1.0}, "clip_norm was None and is 1.0"),
        ({"loss": "mae"}, "loss was 'mse' and is 'mae'"),
        ({"model": nn.Dense(3, 1)}, "does not fit this run: .*generators"),
        ({"model": nn.Sequential(nn.Dense(3, 9), Noise(np.random.default_rng(0)), nn.Dense(9, 1))}, "instead of"),
    ],
)  # fmt: skip
def test_a_checkpoint_of_another_run_is_refused_and_nothing_changes(
    tmp_path: Path, options: dict[str, Any], words: str
) -> None:
    path = tmp_path / "run"
    quiet(a_model(), X, Y, epochs=2, rng=0, checkpoint=path)
    content = path.read_bytes()
    given: dict[str, Any] = {"model": a_model(), "X": X, "y": Y, "rng": np.random.default_rng(5)} | options
    model, rng = given["model"], given["rng"]
    if "optimizer" not in options:
        given["optimizer"] = nn.Adam(model.parameters())
    parts = [model, rng] + ([given["optimizer"]] if "optimizer" not in options else [])
    before = state(*parts)
    with pytest.raises(SavedModelError, match=words):
        quiet(**given, epochs=4, checkpoint=path, resume=True)
    assert identical(state(*parts), before)
    assert path.read_bytes() == content


def test_what_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    model, path = a_model(), tmp_path / "file"
    save(model, path)
    with pytest.raises(SavedModelError, match=r"file is no checkpoint of fit \(models go through nn\.load\)"):
        quiet(model, X, Y, epochs=1, checkpoint=path, resume=True)
    path.write_bytes(b"nonsense")
    with pytest.raises(SavedModelError, match="no safetensors file"):
        quiet(model, X, Y, epochs=1, checkpoint=path, resume=True)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1]", "3", "null", '{"$array": "x", "axes": []}', '{"model": {"$array": "gone", "axes": []}}',
     '{"settings": 3}', "{}", "[" * 100_000, '{"settings": {}}'],
)  # fmt: skip
def test_damaged_checkpoints_are_refused_and_nothing_changes(tmp_path: Path, text: str) -> None:
    path, model = tmp_path / "run", a_model()
    saving.write(path, {"x": np.ones(2)}, {"checkpoint": text})
    before = state(model)
    with pytest.raises(SavedModelError, match=r"damaged|another run"):
        quiet(model, X, Y, epochs=1, checkpoint=path, resume=True)
    assert identical(state(model), before)


def test_a_checkpoint_without_one_of_its_parts_is_refused(tmp_path: Path) -> None:
    path, model = tmp_path / "run", a_model()
    quiet(a_model(), X, Y, epochs=2, rng=0, checkpoint=path)
    good, before = Checkpoint(path).load(), state(model, model[1].rng)
    for part in ("model", "optimizer", "history", "rng", "generators"):
        Checkpoint(path).save({key: value for key, value in good.items() if key != part})
        with pytest.raises(SavedModelError, match="does not fit this run"):
            quiet(model, X, Y, epochs=4, rng=0, checkpoint=path, resume=True)
        assert identical(state(model, model[1].rng), before)


def test_every_is_at_least_one_epoch(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="every must be at least 1 epoch, got 0"):
        Checkpoint(tmp_path / "run", every=0)


# --- the tree -----------------------------------------------------------------------------------------------------


def test_a_tree_comes_back_with_its_numbers_and_its_layouts(tmp_path: Path) -> None:
    cube = np.arange(24.0).reshape(2, 3, 4)
    tree = {
        "arrays": [cube, cube.transpose(2, 0, 1), np.asfortranarray(cube), np.float32(1.5), np.zeros((0, 2))],
        "numbers": {"huge": 2**127 + 1, "tenth": 0.1, "inf": float("inf"), "none": None, "yes": True},
        "$": "text with \"quotes\" and \u2260",
    }  # fmt: skip
    Checkpoint(tmp_path / "tree").save(tree)
    back = Checkpoint(tmp_path / "tree").load()
    assert back["numbers"] == tree["numbers"]
    assert back["$"] == tree["$"]
    for given, found in zip(tree["arrays"], back["arrays"], strict=True):
        np.testing.assert_array_equal(found, given)
        assert found.dtype == np.asarray(given).dtype
    assert back["arrays"][1].transpose(1, 2, 0).flags.c_contiguous
    assert back["arrays"][2].flags.f_contiguous


def test_packing_leaves_plain_data_alone() -> None:
    arrays: dict[str, Any] = {}
    assert packed({"a": (1, "b", None)}, "", arrays) == {"a": [1, "b", None]}
    assert unpacked({"a": [1, {"array": "x"}]}, arrays) == {"a": [1, {"array": "x"}]}


def test_a_monitor_is_part_of_the_run(tmp_path: Path) -> None:
    options: dict[str, Any] = {"metrics": "r2", "rng": 0, "checkpoint": tmp_path / "run"}
    quiet(a_model(), X, Y, epochs=2, early_stopping=EarlyStopping(3), **options)
    with pytest.raises(SavedModelError, match="early_stopping was 'loss' and is 'r2'"):
        quiet(a_model(), X, Y, epochs=4, early_stopping=EarlyStopping(3, "r2"), resume=True, **options)
