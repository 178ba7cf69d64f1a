"""The demos run, say what they learned, learn it, and write their pictures."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from demos.__main__ import DEMOS, main

WRITES = {
    "xor": ["xor-graph.svg", "xor-loss.png", "xor-regions.png"],
    "spiral": ["spiral-loss.png", "spiral-regions.png"],
}


def test_without_a_name_they_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    main([])
    listed = capsys.readouterr().out
    for name, demo in DEMOS.items():
        assert f"{name:8s} {(demo.__doc__ or '').splitlines()[0]}" in listed


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["xro"])
    assert "there is no demo 'xro': did you mean 'xor'?" in capsys.readouterr().err


def test_all_of_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib", reason="the demos draw with matplotlib")
    main(["all", "--out", str(tmp_path / "new" / "out")])
    out = tmp_path / "new" / "out"
    assert sorted(path.name for path in out.iterdir()) == sorted(name for names in WRITES.values() for name in names)
    for path in out.glob("*.png"):
        assert path.read_bytes().startswith(b"\x89PNG")
    assert ElementTree.parse(out / "xor-graph.svg").getroot().tag.endswith("svg")

    printed = capsys.readouterr()
    xor, spiral = re.findall(r"^  accuracy  (.*)$", printed.out, re.MULTILINE)
    assert xor == "100%"
    fresh = re.search(r"on 3,000 fresh points ([\d.]+)%", spiral)
    assert fresh is not None
    assert float(fresh[1]) >= 99
    assert len(re.findall(r"^  loss .*█.*▁", printed.out, re.MULTILINE)) == 2


def test_every_demo_says_what_it_writes() -> None:
    assert WRITES.keys() == DEMOS.keys()
