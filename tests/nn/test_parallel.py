"""Data parallel: the same bits for any number of ranks, equal to the chunks in one process; and how it ends."""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import re
import signal
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from launching import launch

import nn
from nn.learning.lockstep import Strand
from nn.parallel import Team, spans_in, tree

HERE = Path(__file__).parent
spec = importlib.util.spec_from_file_location("ranks", HERE / "ranks.py")
assert spec
assert spec.loader
ranks = importlib.util.module_from_spec(spec)
spec.loader.exec_module(ranks)


@pytest.fixture(scope="module")
def alone() -> dict[str, Any]:
    """The same trainings in this process."""
    with np.errstate(all="ignore"):
        return {name: json.loads(json.dumps(function(None))) for name, function in ranks.CHECKS.items()}


@pytest.mark.parametrize("n", [2, 3, pytest.param(4, marks=pytest.mark.slow), pytest.param(8, marks=pytest.mark.slow)])
def test_ranks_have_the_bits_of_one_process(n: int, alone: dict[str, Any], tmp_path: Path) -> None:
    out = tmp_path / "found.json"
    done = launch(n, HERE / "ranks.py", out, timeout=60 * n)
    assert done.returncode == 0, done.stderr
    found = json.loads(out.read_text())
    assert found.keys() == alone.keys()
    assert [name for name in found if found[name] != alone[name]] == []


@pytest.mark.parametrize(("how", "said"), [
    ("before", "OSError: the disk of rank 1 is gone"),
    ("forward", "OSError: the disk of rank 1 is gone"),
    ("floating", "ArithmeticError: rank 1 divided by zero"),
    ("callback", "OSError: the disk of rank 1 is gone"),
    ("interrupt", "KeyboardInterrupt"),
    ("arguments", "there must be one target for each"),
    ("after", "OSError: the disk of rank 1 is gone"),
])  # fmt: skip
def test_an_exception_in_one_rank_ends_all(how: str, said: str, tmp_path: Path) -> None:
    done = launch(3, HERE / "ranks.py", tmp_path, how)
    assert done.returncode != 0
    assert time.time() - (tmp_path / "failed").stat().st_mtime < 10
    assert "rank 1 of 3 ends all ranks" in done.stderr
    assert said in done.stderr


def test_all_ranks_raise_the_error_of_the_one_that_has_nan(tmp_path: Path) -> None:
    done = launch(3, HERE / "ranks.py", tmp_path, "nan")
    assert done.returncode == 3
    (said,) = {(tmp_path / f"said by {rank}").read_text() for rank in range(3)}
    assert "NaN or inf in 1 of its" in said


def test_a_killed_rank_ends_the_job_which_goes_on_with_another_number_of_ranks(tmp_path: Path) -> None:
    assert launch(2, HERE / "ranks.py", tmp_path, "kill").returncode != 0
    assert time.time() - (tmp_path / "failed").stat().st_mtime < 10
    X, y = ranks.data(64)
    common: Any = {
        "loss": "cross_entropy",
        "epochs": 4,
        "batch_size": 16,
        "shuffle": False,
        "progress": False,
        "rng": 0,
        "chunks": 8,
    }
    whole, rest = ranks.network(nn.Sequential()), ranks.network(nn.Sequential())
    expected = nn.fit(whole, X, y, **common)
    path = tmp_path / "run.safetensors"
    saved = nn.Checkpoint(path).load()
    assert len(saved["history"]["loss"]) in (1, 2)  # the killed rank had told the others of one epoch
    saved["architecture"] = repr(rest)
    nn.Checkpoint(path).save(saved)
    found = nn.fit(rest, X, y, checkpoint=path, resume=True, **common)
    assert found.to_dict() == expected.to_dict()
    for a, b in zip(whole.parameters(), rest.parameters()):
        assert a.numpy().tobytes() == b.numpy().tobytes()


# --- in one process -----------------------------------------------------------------------------------------------


def test_the_tree_is_the_same_however_it_is_shared_out() -> None:
    vectors = np.random.default_rng(0).standard_normal((11, 7)).astype(np.float32) * 10.0 ** np.arange(7)
    for chunks in range(1, 12):
        parts: dict[Any, Any] = {(c, c + 1): vectors[c] for c in range(chunks)}
        expected = tree(parts, 0, chunks)
        for size in range(1, chunks + 1):
            team = Team(chunks=chunks)
            team.size = size
            assert [c for r in range(size) for c in team.of(r)] == list(range(chunks))
            spans = [s for r in range(size) for s in spans_in(team.of(r), 0, chunks)]
            assert tree({s: tree(parts, *s) for s in spans}, 0, chunks).tobytes() == expected.tobytes()


def test_eight_chunks_are_added_in_pairs() -> None:
    parts: dict[Any, Any] = {(c, c + 1): f"{c}" for c in range(8)}

    class Text(str):
        def __add__(self, other: str) -> Text:
            return Text(f"({self}+{other})")

    assert tree({span: Text(c) for span, c in parts.items()}, 0, 8) == "(((0+1)+(2+3))+((4+5)+(6+7)))"
    assert tree({(3, 4): Text("3"), (7, 8): Text("7")}, 0, 8) == "(3+7)"  # empty chunks are left out
    assert tree({}, 0, 8) is None


@pytest.mark.parametrize("loss", ["cross_entropy", "mse", "rss", "penalized", "weighted", "ignoring", "mixed"])
@pytest.mark.parametrize("chunks", [1, 3, 8])
def test_chunks_train_as_the_whole_batch_to_rounding(loss: str, chunks: int) -> None:
    rng = np.random.default_rng(0)
    X, Y, labels = rng.standard_normal((37, 5)), rng.standard_normal((37, 3)), rng.integers(0, 3, 37)

    def penalized(prediction: Any, target: Any) -> Any:
        return nn.mse(prediction, target) + 0.1 * nn.mae(prediction, target) + 0.01 * (prediction**2).mean()

    def ignoring(prediction: Any, target: Any) -> Any:
        return nn.cross_entropy(prediction, target, ignore_index=1) + 0.1 * (prediction**2).mean()

    def mixed(prediction: Any, target: Any) -> Any:
        return nn.mse(prediction, target) + 0.01 * nn.rss(prediction, target)

    given: dict[str, Any] = {"penalized": penalized, "ignoring": ignoring, "mixed": mixed, "weighted": "mse"}
    y = labels if loss in ("cross_entropy", "ignoring") else Y
    more: Any = {"sample_weight": rng.integers(0, 3, 37)} if loss == "weighted" else {}

    def result(**kwargs: Any) -> list[Any]:
        model = ranks.network(dtype=np.float64)
        common = {
            "loss": given.get(loss, loss),
            "epochs": 3,
            "batch_size": 12,
            "rng": 1,
            "progress": False,
            "metrics": "mae" if y is Y else "accuracy",
        }
        history = nn.fit(model, X, y, optimizer=lambda ps: nn.SGD(ps, lr=0.01), **common, **more, **kwargs)
        return [*(p.numpy() for p in model.parameters()), *history.to_dict().values()]

    for a, b in zip(result(), result(chunks=chunks), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("chunks", [1, 3, 8])
def test_batch_normalization_is_over_the_whole_batch(chunks: int) -> None:
    rng = np.random.default_rng(0)
    X, y, weight = rng.standard_normal((45, 5)), rng.integers(0, 3, 45), rng.integers(0, 3, 45)

    def result(**kwargs: Any) -> list[Any]:
        twice = nn.BatchNorm1d(12, momentum=None, dtype=np.float64)
        middle = [nn.BatchNorm1d(12, dtype=np.float64), nn.Tanh(), twice, nn.ReLU(), twice]
        model = ranks.network(*middle, dtype=np.float64)
        nn.fit(model, X, y, loss="cross_entropy", epochs=3, batch_size=12, rng=1, progress=False, sample_weight=weight,
               optimizer=lambda ps: nn.SGD(ps, lr=0.1), **kwargs)  # fmt: skip
        return [t.numpy() for _, t in model.named_tensors()]

    for a, b in zip(result(), result(chunks=chunks), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


class Ways(nn.Module):
    """Some chunks go through another normalization than others, or through none."""

    def __init__(self, second: bool) -> None:
        self.a, self.b = nn.BatchNorm1d(12), nn.BatchNorm1d(12) if second else nn.Tanh()

    def forward(self, x: Any) -> Any:
        return self.a(x) if float(x.numpy().sum()) > 0 else self.b(x)


class Broken(nn.Module):
    """A layer whose forward or backward pass fails in the third chunk of a step."""

    def __init__(self, error: BaseException, backward: bool) -> None:
        self.error, self.backward, self.calls = error, backward, 0

    def forward(self, x: Any) -> Any:
        self.calls += 1
        if self.calls == 3 and not self.backward:
            if isinstance(self.error, KeyboardInterrupt):
                os.kill(os.getpid(), signal.SIGINT)  # it comes to the main thread
            else:
                raise self.error
        if self.calls == 3:
            x.register_hook(self.fail)
        return x

    def fail(self, g: Any) -> None:
        raise self.error


@pytest.mark.parametrize("error", [OSError("the disk"), KeyboardInterrupt("enough")])
@pytest.mark.parametrize("backward", [False, True])
def test_an_error_between_normalizations_ends_all_chunks(error: BaseException, backward: bool) -> None:
    X, y = ranks.data()
    model = ranks.network(nn.BatchNorm1d(12), Broken(error, backward), nn.BatchNorm1d(12))
    before = model.state_dict()
    if isinstance(error, KeyboardInterrupt):
        history = nn.fit(model, X, y, loss="cross_entropy", epochs=1, chunks=4, progress=False)
        assert history.stopped == "interrupt"
    else:
        with pytest.raises(OSError, match="the disk"):
            nn.fit(model, X, y, loss="cross_entropy", epochs=1, chunks=4, progress=False)
    assert "chunk of fit" not in {thread.name for thread in threading.enumerate()}
    for name, numbers in model.state_dict().items():
        np.testing.assert_array_equal(numbers, before[name])


@pytest.mark.parametrize(("second", "said"), [(True, "at 1.a and some at 1.b"), (False, "at 1.a and some at the end")])
def test_chunks_that_go_different_ways_are_refused(second: bool, said: str) -> None:
    X, y = ranks.data()
    with pytest.raises(ValueError, match=f"the chunks of a batch go different ways.*{re.escape(said)}"):
        nn.fit(ranks.network(Ways(second)), X, y, loss="cross_entropy", epochs=1, chunks=8, progress=False)


@pytest.mark.parametrize("beside", [[], [nn.BatchNorm1d(12)]])
@pytest.mark.parametrize("compile", [False, True])
def test_a_normalization_that_is_not_found_in_the_model_is_refused(beside: Any, compile: bool) -> None:
    hidden = nn.BatchNorm1d(12)

    class Closure(nn.Module):
        def forward(self, x: Any) -> Any:
            return hidden(x)

    X, y = ranks.data()
    options: Any = {"loss": "cross_entropy", "epochs": 1, "progress": False, "compile": compile}
    with pytest.raises(ValueError, match="not among the model's modules"):
        nn.fit(ranks.network(Closure(), *beside), X, y, chunks=4, **options)
    assert np.all(hidden.running_mean.numpy() == 0)
    nn.fit(ranks.network(Closure(), *beside), X, y, **options)  # without chunks it sees the whole batch


def test_a_model_that_is_a_normalization() -> None:
    X, _ = ranks.data()
    model = nn.BatchNorm1d(5)
    nn.fit(model, X, X, loss="mse", epochs=1, batch_size=41, chunks=4, progress=False)
    np.testing.assert_allclose(model.running_mean.numpy(), 0.1 * X.mean(axis=0), rtol=1e-5)


def test_nothing_of_a_step_waits_for_the_garbage_collector() -> None:
    X, y = ranks.data()
    gc.collect()
    before = sum(type(x) is Strand for x in gc.get_objects())  # errors of other tests hold some
    gc.disable()
    try:
        model = ranks.network(nn.BatchNorm1d(12), nn.BatchNorm1d(12))
        nn.fit(model, X, y, loss="cross_entropy", epochs=2, chunks=4, progress=False)
        assert sum(type(x) is Strand for x in gc.get_objects()) == before
    finally:
        gc.enable()


def test_a_graph_of_a_step_does_not_go_backward_after_it() -> None:
    class Keeping(nn.Module):
        def forward(self, x: Any) -> Any:
            self.kept = x
            return x

    X, y = ranks.data()
    model = ranks.network(nn.BatchNorm1d(12), Keeping())
    nn.fit(model, X, y, loss="cross_entropy", epochs=1, chunks=4, progress=False)
    with pytest.raises(RuntimeError, match="1 took its mean over a whole batch in a step of fit that has ended"):
        model[2].kept.sum().backward()


class Counting(nn.Module):
    """It counts the samples that it has seen: each rank others."""

    def __init__(self) -> None:
        self.seen = nn.Buffer(np.zeros(1))

    def forward(self, x: Any) -> Any:
        self.seen = self.seen.numpy() + len(x)
        return x


@pytest.mark.parametrize("compile", [False, True])
def test_what_forward_passes_count_is_refused(compile: bool) -> None:
    X, y = ranks.data()
    with pytest.raises(ValueError, match=r"1\.seen is changed in each forward pass"):
        nn.fit(
            ranks.network(Counting()), X, y, loss="cross_entropy", progress=False, chunks=4, epochs=1, compile=compile
        )


def test_a_run_does_not_go_on_with_another_number_of_chunks(tmp_path: Path) -> None:
    X, y = ranks.data()
    common: Any = {
        "loss": "cross_entropy",
        "epochs": 1,
        "checkpoint": tmp_path / "a",
        "resume": True,
    }
    nn.fit(ranks.network(), X, y, chunks=4, progress=False, **common)
    with pytest.raises(nn.SavedModelError, match="chunks was 4 and is 8"):
        nn.fit(ranks.network(), X, y, chunks=8, **common)


def test_what_is_no_communicator_or_number_is_refused() -> None:
    X, y = ranks.data()
    with pytest.raises(TypeError, match=r"comm is a communicator of mpi4py, such as MPI\.COMM_WORLD, not a int"):
        nn.fit(ranks.network(), X, y, loss="cross_entropy", epochs=1, comm=4)
    with pytest.raises(TypeError, match="comm is a communicator"):
        nn.average_gradients(nn.SGD(ranks.network().parameters(), lr=0.1), 3)
    with pytest.raises(ValueError, match="chunks=0"):
        nn.fit(ranks.network(), X, y, loss="cross_entropy", epochs=1, chunks=0)
    with pytest.raises(ValueError, match="samples must be finite and not negative, got -1"):
        nn.average_gradients(nn.SGD(ranks.network().parameters(), lr=0.1), None, samples=-1)


def test_a_rank_reads_no_rows_but_its_own() -> None:
    class Rows:
        shape = (24, 5)

        def __init__(self) -> None:
            self.read: set[int] = set()

        def __len__(self) -> int:
            return 24

        def __getitem__(self, which: Any) -> Any:
            self.read |= set(np.atleast_1d(which).tolist())
            return np.ones((len(which), 5), np.float32)

    from nn.data import Batches
    from nn.learning.chunked import ChunkedTrainer

    seen = []
    for rank in range(3):
        data, team = Rows(), Team(chunks=8)
        team.rank, team.size = rank, 3
        trainer = ChunkedTrainer.__new__(ChunkedTrainer)
        trainer.team = team
        list(trainer.shares(Batches((data, np.arange(24)), 24, 8, False, 0, False)))
        seen.append(data.read)
    assert [sorted(one)[:4] for one in seen] == [[0, 1, 8, 9], [2, 3, 4, 10], [5, 6, 7, 13]]
    assert sum(map(len, seen)) == 24
