"""Models on disk: exact round trips, torch both ways, atomic writing, and files that are refused."""

from __future__ import annotations

import json
import os
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import nn
from nn import saving
from nn.saving import SavedModelError, load, save


class Odd(nn.Module):
    """Parameters of shapes and dtypes, and in layouts, that are easy to get wrong."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.scalar = nn.Parameter(rng.standard_normal())
        self.empty = nn.Parameter(np.zeros((0, 3)))
        self.blocks = [nn.Dense(2, 3, rng=rng), {"last": nn.Dense(3, 1, rng=rng, dtype=np.float64)}]
        self.turned = nn.Parameter(np.zeros((2, 3, 4)))
        self.turned.assign(rng.standard_normal((4, 2, 3)).astype(np.float32).transpose(1, 2, 0))
        self.turned.data[0, 0, 0] = np.nextafter(np.float32(1), np.float32(2))


def equal(a: nn.Module, b: nn.Module) -> bool:
    one, other = a.state_dict(), b.state_dict()
    return one.keys() == other.keys() and all(
        one[name].dtype == other[name].dtype and np.array_equal(one[name], other[name], equal_nan=True) for name in one
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.safetensors"


# --- round trips --------------------------------------------------------------------------------------------------


def test_a_model_comes_back_bit_for_bit(path: Path) -> None:
    model, other = Odd(0), Odd(1)
    model.blocks[0].b.data[...] = [np.nan, -0.0, np.inf]  # type: ignore[attr-defined]
    assert not equal(model, other)
    save(model, path)
    assert load(other, path) is other
    assert equal(model, other)
    assert np.signbit(other.state_dict()["blocks.0.b"][1])


def test_the_file_has_dotted_names_and_says_what_it_is(path: Path) -> None:
    model = nn.MLP(2, 3, 1, rng=0)
    save(model, path)
    assert set(load_file(path)) == {"0.W", "0.b", "1.W", "1.b"}
    header = json.loads(path.read_bytes()[8 : 8 + struct.unpack("<Q", path.read_bytes()[:8])[0]])
    assert header["__metadata__"]["library"] == "chainrule"
    assert header["__metadata__"]["version"]
    assert header["__metadata__"]["architecture"] == repr(model)


def test_loading_shares_no_memory_with_the_file_and_leaves_graphs_alone(path: Path) -> None:
    model = nn.Dense(2, 1, rng=0)
    save(nn.Dense(2, 1, rng=1), path)
    loss = (model(np.ones((1, 2))) ** 2).sum()
    expected = 2 * model.W.numpy().sum() * np.ones((2, 1))
    load(model, path)
    model.W.data[...] = 7
    path.write_bytes(b"")
    loss.backward()
    np.testing.assert_allclose(model.W.grad, expected, rtol=1e-6)


def test_torch_reads_what_is_saved_here_and_the_other_way_round(path: Path) -> None:
    torch = pytest.importorskip("torch", reason="torch is the other side here")
    from safetensors.torch import load_file as torch_load, save_file as torch_save

    model = Odd(0)
    save(model, path)
    theirs = torch_load(path)
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(theirs[name].numpy(), array)
        assert theirs[name].numpy().dtype == array.dtype

    linear = torch.nn.Linear(3, 2)
    torch_save({"W": linear.weight.T.contiguous(), "b": linear.bias}, path)
    x = np.random.default_rng(0).standard_normal((5, 3)).astype(np.float32)
    ours = load(nn.Dense(3, 2), path)(x).numpy()
    np.testing.assert_allclose(ours, linear(torch.tensor(x)).detach().numpy(), rtol=1e-5)


# --- files that are refused ---------------------------------------------------------------------------------------


def with_header(header: Any, body: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def entry(shape: list[int], start: int, end: int, dtype: str = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


DAMAGED: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "three bytes": lambda data: data[:3],
    "cut in the header": lambda data: data[:40],
    "cut in the arrays": lambda data: data[:-1],
    "longer than announced": lambda data: data + b"\0",
    "header of an exabyte": lambda data: struct.pack("<Q", 2**60) + data[8:],
    "header longer than the file": lambda data: struct.pack("<Q", len(data)) + data[8:],
    "no JSON": lambda data: with_header(b"{'W': 3}        "),
    "no UTF-8": lambda data: with_header(b"\xff\xfe\xfd\xfc    "),
    "array of terabytes": lambda data: with_header({"W": entry([2**40], 0, 2**42)}, b"\0" * 64),
    "shape that overflows": lambda data: with_header({"W": entry([2**33, 2**33], 0, 8)}, b"\0" * 8),
    "negative shape": lambda data: with_header({"W": entry([-2, 1], 0, 8)}, b"\0" * 8),
    "overlapping arrays": lambda data: with_header({"W": entry([1], 0, 4), "b": entry([1], 0, 4)}, b"\0" * 4),
    "hole between arrays": lambda data: with_header({"W": entry([1], 4, 8)}, b"\0" * 8),
    "unknown dtype": lambda data: with_header({"W": entry([1], 0, 4, "F37")}, b"\0" * 4),
    "zip": lambda data: b"PK\x03\x04" + b"\0" * 60,
    "pickle": lambda data: b"\x80\x04\x95" + b"." * 60,
    "text": lambda data: b"[metadata]\nname = something\n",
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_damaged_and_foreign_files_are_refused_and_the_model_stays(path: Path, kind: str) -> None:
    model = nn.Dense(2, 1, rng=0)
    before = model.state_dict()
    save(nn.Dense(2, 1, rng=1), path)
    path.write_bytes(DAMAGED[kind](path.read_bytes()))
    with pytest.raises(SavedModelError, match=r"model\.safetensors is no safetensors file, or a damaged one"):
        load(model, path)
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


GOOD = {"W": np.ones((2, 1), np.float32), "b": np.ones(1, np.float32)}
OTHERS: dict[str, tuple[dict[str, Any], str]] = {
    "missing": ({"W": GOOD["W"]}, "missing: b"),
    "unexpected": (GOOD | {"c": np.ones(1)}, "unexpected: c"),
    "renamed": ({"weight": GOOD["W"], "bias": GOOD["b"]}, "missing: W, b; unexpected: bias, weight"),
    "transposed": (GOOD | {"W": np.ones((1, 2), np.float32)}, r"W is F32 \(1, 2\) and should be F32 \(2, 1\)"),
    "one number for all": (GOOD | {"W": np.ones((1, 1), np.float32)}, r"W is F32 \(1, 1\) and should be"),
    "0-d": (GOOD | {"b": np.array(1, np.float32)}, r"b is F32 \(\) and should be F32 \(1,\)"),
    "another precision": (GOOD | {"b": np.ones(1)}, r"b is F64 \(1,\) and should be F32 \(1,\)"),
    "integers": (GOOD | {"b": np.ones(1, np.int32)}, r"b is I32 \(1,\)"),
    "no arrays": ({}, "missing: W, b"),
    "very many": ({f"layer.{i}": np.ones(1) for i in range(1000)}, "and 995 more"),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_files_of_other_models_are_refused_and_the_model_stays(path: Path, kind: str) -> None:
    arrays, words = OTHERS[kind]
    model = nn.Dense(2, 1, rng=0)
    before = model.state_dict()
    save_file(arrays, path)
    with pytest.raises(SavedModelError, match=f"does not fit this Dense, which stays as it is; .*{words}"):
        load(model, path)
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_the_error_says_what_was_saved(path: Path) -> None:
    save(nn.MLP(2, 5, 1, rng=0), path)
    with pytest.raises(SavedModelError, match=r"saved from MLP.*\n  0: Dense\(2 -> 5, tanh\)"):
        load(nn.Dense(2, 1), path)


def test_an_oversized_file_is_refused_before_its_arrays_are_read(path: Path) -> None:
    size = 2**31  # a sparse file: it takes no room on the disk
    with path.open("wb") as file:
        file.write(with_header({"W": entry([size // 4], 0, size)}))
        file.truncate(file.tell() + size)
    tracemalloc.start()
    try:
        with pytest.raises(SavedModelError, match=r"W is F32 \(536870912,\) and should be F32 \(2, 1\)"):
            load(nn.Dense(2, 1, bias=False), path)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_names_that_are_endless_do_not_end_up_in_the_message(path: Path) -> None:
    save_file({"x" * 100_000: np.ones(1)}, path, metadata={"architecture": "y" * 100_000})
    with pytest.raises(SavedModelError) as caught:
        load(nn.Dense(2, 1), path)
    assert len(str(caught.value)) < 2000


def test_a_file_that_is_not_there_and_a_directory(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        load(nn.Dense(2, 1), tmp_path / "nowhere")
    with pytest.raises(IsADirectoryError, match="is a directory"):
        load(nn.Dense(2, 1), tmp_path)
    with pytest.raises(FileNotFoundError):
        save(nn.Dense(2, 1), tmp_path / "no" / "such" / "directory")


def test_paths_may_be_texts(path: Path) -> None:
    save(nn.Dense(2, 1), str(path))
    load(nn.Dense(2, 1), str(path))


# --- writing ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", ["fsync", "replace"])
@pytest.mark.parametrize("failure", [OSError("disk full"), KeyboardInterrupt()])
def test_a_failure_in_the_middle_leaves_the_old_file_and_nothing_else(
    path: Path, monkeypatch: pytest.MonkeyPatch, moment: str, failure: BaseException
) -> None:
    save(nn.Dense(2, 1, rng=0), path)
    before = path.read_bytes()

    def fail(*args: Any) -> None:
        raise failure

    monkeypatch.setattr(os, moment, fail)
    with pytest.raises(type(failure)):
        save(nn.Dense(2, 1, rng=1), path)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_the_file_is_on_the_disk_before_it_takes_its_name(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    def noted(name: str) -> Callable[..., None]:
        real = getattr(os, name)

        def call(*args: Any) -> None:
            order.append(name)
            real(*args)

        return call

    monkeypatch.setattr(os, "fsync", noted("fsync"))
    monkeypatch.setattr(os, "replace", noted("replace"))
    save(nn.Dense(2, 1), path)
    assert order == ["fsync", "replace"]


@pytest.mark.skipif(os.name != "posix", reason="permissions and links are POSIX's here")
def test_the_file_has_the_usual_permissions_and_a_link_stays_a_link(path: Path) -> None:
    save(nn.Dense(2, 1), path)
    plain = path.with_name("plain")
    plain.touch()
    assert path.stat().st_mode == plain.stat().st_mode
    link = path.with_name("link")
    link.symlink_to(path)
    save(nn.Dense(3, 1), link)
    assert link.is_symlink()
    load(nn.Dense(3, 1), path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes with a name")
def test_a_device_or_a_pipe_is_written_to_and_not_replaced(path: Path) -> None:
    model = nn.MLP(2, 3, 1, rng=0)
    pipe = path.with_name("pipe")
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        nn.save(model, pipe)
        path.write_bytes(os.read(reader, 2**16))
    finally:
        os.close(reader)
    assert pipe.is_fifo()
    np.testing.assert_array_equal(nn.load(nn.MLP(2, 3, 1, rng=1), path)[0].W.data, model[0].W.data)


def test_arrays_that_the_format_cannot_hold_are_refused(path: Path) -> None:
    with pytest.raises(ValueError, match="cannot hold these arrays"):
        saving.write(path, {"a": np.ones(2, np.complex128)}, {})
    assert not path.exists()
