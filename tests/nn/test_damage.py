"""Files that changed on the disk, that two write at once, that a killed run left, that hold a part of a model."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

import nn
from nn import exclusive, saving
from nn.exclusive import Held
from nn.saving import SavedModelError

locks = pytest.mark.skipif(not exclusive.HAS_LOCKS, reason="no locks on this system")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.safetensors"


# --- bits that flip -----------------------------------------------------------------------------------------------


def test_no_flipped_bit_of_a_model_is_loaded(path: Path) -> None:
    model = nn.Dense(2, 1, rng=0)
    nn.save(model, path)
    data = path.read_bytes()
    other = nn.Dense(2, 1, rng=1)
    before = other.state_dict()
    for bit in range(8 * len(data)):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        with pytest.raises(SavedModelError):
            nn.load(other, path)
    assert all(np.array_equal(array, before[name]) for name, array in other.state_dict().items())
    path.write_bytes(data)
    nn.load(other, path)


def test_no_flipped_bit_of_a_checkpoint_is_loaded(path: Path) -> None:
    X = np.ones((4, 2))
    nn.fit(nn.Dense(2, 1, rng=0), X, X[:, :1], loss="mse", epochs=1, checkpoint=path, rng=0, progress=False)
    data = path.read_bytes()
    for bit in np.random.default_rng(0).choice(8 * len(data), 700, replace=False):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << int(bit % 8)
        path.write_bytes(changed)
        with pytest.raises(SavedModelError):
            nn.Checkpoint(path).load()
    path.write_bytes(data)
    nn.Checkpoint(path).load()


@pytest.mark.parametrize("metadata", [None, {"library": "chainrule", "version": "0.0.9", "architecture": "Dense"}])
def test_files_without_a_checksum_load(path: Path, metadata: Any) -> None:
    model = nn.Dense(2, 1, rng=0)
    save_file(model.state_dict(), path, metadata=metadata)
    other = nn.load(nn.Dense(2, 1, rng=1), path)
    np.testing.assert_array_equal(other.W.numpy(), model.W.numpy())


def test_texts_that_look_like_a_checksum_do_no_harm(path: Path) -> None:
    saving.write(path, {'"sha256":"': np.ones(1)}, {"architecture": f'"sha256":"{saving.ZEROS}"'})
    with saving.opened(path) as file:
        assert file.metadata()["architecture"] == f'"sha256":"{saving.ZEROS}"'


# --- alone --------------------------------------------------------------------------------------------------------


@locks
def test_a_file_is_held_by_one_at_a_time_and_is_gone_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with exclusive.exclusive(path):
        with pytest.raises(Held), exclusive.exclusive(path):
            pass
        assert path.exists()
    assert not path.exists()
    with exclusive.exclusive(path):
        pass


@locks
def test_many_threads_take_turns(tmp_path: Path) -> None:
    path, inside, worst, done = tmp_path / "lock", 0, 0, 0
    count = threading.Lock()

    def work() -> None:
        nonlocal inside, worst, done
        mine = 0
        while mine < 50:
            try:
                with exclusive.exclusive(path):
                    with count:
                        inside, done = inside + 1, done + 1
                        worst = max(worst, inside)
                    with count:
                        inside -= 1
                    mine += 1
            except Held:
                pass

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (worst, done) == (1, 200)
    assert not path.exists()


def test_without_locks_everything_else_works(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows."""
    monkeypatch.setattr(exclusive, "HAS_LOCKS", False)
    monkeypatch.setattr(saving, "HAS_LOCKS", False)
    X = np.ones((4, 2))
    model = nn.Dense(2, 1, rng=0)
    nn.fit(model, X, X[:, :1], loss="mse", epochs=2, checkpoint=path, progress=False)
    nn.save(model, path)
    nn.load(nn.Dense(2, 1), path)
    assert os.listdir(path.parent) == [path.name]


KILLED = """
import os, sys, time
import numpy as np
import nn

def hang(*args):
    print("writing", flush=True)
    time.sleep(60)

os.fsync = hang
nn.fit(nn.Dense(2, 1), np.ones((4, 2)), np.ones((4, 1)), loss="mse", epochs=1, checkpoint=sys.argv[1], progress=False)
"""


@locks
def test_a_run_that_is_killed_while_it_writes(path: Path) -> None:
    """Its path is its own as long as it lives; then it is free, and what it left goes."""
    X = np.ones((4, 2))
    options: dict[str, Any] = {"loss": "mse", "epochs": 1, "checkpoint": path, "progress": False}
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", KILLED, path], stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout
        assert process.stdout.readline() == b"writing\n"
        assert len(os.listdir(path.parent)) == 2  # the lock, and the file that is not complete
        with pytest.raises(
            RuntimeError, match=r"another run writes its checkpoints to .*model.safetensors: give this one"
        ):
            nn.fit(nn.Dense(2, 1), X, X[:, :1], **options)
        nn.save(nn.Dense(2, 1), path)  # what is being written is nobody's leftover
        assert len(os.listdir(path.parent)) == 3
        process.send_signal(signal.SIGKILL)
    assert len(os.listdir(path.parent)) == 3
    path.unlink()
    nn.fit(nn.Dense(2, 1), X, X[:, :1], resume=True, **options)
    assert os.listdir(path.parent) == [path.name]


def test_files_of_others_are_no_leftovers(path: Path) -> None:
    for name in (".other.0123456789abcdef.tmp", f".{path.name}.tmp", f"{path.name}.tmp", f".{path.name}.x.tmp"):
        path.with_name(name).touch()
    before = sorted(os.listdir(path.parent))
    nn.save(nn.Dense(2, 1), path)
    assert sorted(os.listdir(path.parent)) == sorted([*before, path.name])


# --- a part of a model --------------------------------------------------------------------------------------------


def test_what_fits_is_loaded_and_the_rest_is_reported(path: Path) -> None:
    saved, model = nn.MLP(2, 5, 3, 1, rng=0), nn.MLP(2, 5, 4, rng=1)
    nn.save(saved, path)
    before = model.state_dict()
    found = nn.load(model, path, strict=False)
    assert found == (
        model, ["0.W", "0.b"], [], ["2.W", "2.b"],
        ["1.W is F32 (5, 3) and should be F32 (5, 4)", "1.b is F32 (3,) and should be F32 (4,)"],
    )  # fmt: skip
    np.testing.assert_array_equal(model[0].W.numpy(), saved[0].W.numpy())
    np.testing.assert_array_equal(model[1].W.numpy(), before["1.W"])
    other = nn.Sequential(nn.Dense(2, 5, dtype=np.float64), nn.Dense(5, 3), nn.ReLU(), nn.Dense(3, 2))
    found = nn.load(other, path, strict=False)
    assert (found.fitted, found.missing) == (["1.W", "1.b"], ["3.W", "3.b"])
    assert found.different[0] == "0.W is F32 (2, 5) and should be F64 (2, 5)"


def test_a_file_of_which_nothing_fits_is_refused(path: Path) -> None:
    nn.save(nn.MLP(2, 5, 1), path)
    with pytest.raises(SavedModelError, match="does not fit this MLP, which stays as it is; different"):
        nn.load(nn.MLP(3, 6, 2), path, strict=False)


# --- arguments that are forgotten or swapped ----------------------------------------------------------------------


def test_forgotten_and_swapped_arguments_are_answered(path: Path) -> None:
    model: Any = nn.MLP(2, 3, 1, rng=0)
    with pytest.raises(TypeError, match=r"nn.save\(model, path\): the model comes first"):
        nn.save(path, model)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"nn.save\(model, path\): the path is missing, or no path: 3"):
        nn.save(model, 3)  # type: ignore[arg-type]
    nn.save(model, path)
    with pytest.raises(TypeError, match=r"nn.load\(model, path\): the model comes first"):
        nn.load(path, model)  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="the path is missing"):
        nn.load(model)  # type: ignore[call-overload]
    with pytest.raises(
        TypeError, match=r"build the model as it was .*nn.load\(nn.MLP\(...\), .*\nit was saved from MLP"
    ):
        nn.load(path)  # type: ignore[call-overload]
    with pytest.raises(TypeError, match=r"nn.load\(nn.MLP\(...\), 'nowhere'\)$"):
        nn.load("nowhere")  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="takes a model and a path, not 3"):
        nn.load(3)  # type: ignore[call-overload]


def test_a_checkpoint_is_no_model(path: Path) -> None:
    X, model = np.ones((4, 2)), nn.Dense(2, 1, rng=0)
    nn.fit(model, X, X[:, :1], loss="mse", epochs=1, checkpoint=path, progress=False)
    other = nn.Dense(2, 1, rng=1)
    with pytest.raises(SavedModelError, match=r"is a checkpoint of fit, .*nn.Checkpoint\(path\).load\(\)\[\"model\"\]"):
        nn.load(other, path)
    other.load_state_dict(nn.Checkpoint(path).load()["model"])  # as it says
    np.testing.assert_array_equal(other.W.numpy(), model.W.numpy())
