"""The programs of the course are found, listed, run, and leave their pictures; what is typed wrong is answered."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest

from demos import course
from demos.__main__ import main
from demos.course import COURSE, FOLDER, PROGRAMS, heading, run

pytest.importorskip("matplotlib", reason="the programs draw with matplotlib, of the extra demos")


def test_the_plan_has_every_program_and_every_program_is_in_the_plan() -> None:
    there = {path for chapter in COURSE for path in (FOLDER / chapter).glob("*.py")}
    assert there == set(PROGRAMS.values())
    assert len(PROGRAMS) == sum(map(len, COURSE.values()))  # no name stands for two programs


@pytest.mark.parametrize("name", [*PROGRAMS, *COURSE])
def test_a_program_and_a_chapter_begin_with_a_title_and_a_line(name: str) -> None:
    path = PROGRAMS.get(name, FOLDER / name / "GALLERY_HEADER.rst")
    _, under, blank, summary, after, *_ = path.read_text(encoding="utf-8").lstrip('r"').lstrip().split("\n")
    title, said = heading(path)
    assert under == "=" * len(title)
    assert blank == "" == after.strip('"')
    assert said == summary
    assert 20 <= len(said) <= 120


# lines of a program; these have more to show, the last by its length
LENGTHS = {
    "stochastic": 86,
    "deep_belief": 87,
    "deconvolutional": 91,
    "references": 91,
    "restricted_boltzmann": 91,
    "inverse_graphics": 105,
    "neural_turing_machine": 101,
    "software": 204,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_fits_on_a_page_and_hides_nothing(name: str) -> None:
    source = PROGRAMS[name].read_text(encoding="utf-8")
    assert source.count("\n") <= LENGTHS.get(name, 85)
    body = source.split('"""', 2)[2].split("\n")
    lines = sum(line.strip() != "" and not line.lstrip().startswith("#") for line in body)  # of code
    assert lines <= 68 or name == "software"
    modules = set(re.findall(r"^(?:import|from) (\w+)", source, re.MULTILINE))
    assert modules <= {
        *sys.stdlib_module_names,
        "autograd",
        "matplotlib",
        "mlxtend",
        "mpi4py",
        "nn",
        "numpy",
        "scipy",
        "sklearn",
    }


@pytest.mark.parametrize("chapter", COURSE)
def test_the_source_names_each_file_that_is_saved_and_no_two_of_a_chapter_are_alike(chapter: str) -> None:
    """The book runs the programs of a chapter side by side in one folder, and tells their files by these names."""
    sources = "".join(PROGRAMS[name].read_text(encoding="utf-8") for name in COURSE[chapter])
    files = re.findall(r'\.save\("([\w-]+\.\w+)"', sources)
    assert len(files) == len(set(files)) == sources.count(".save(")


def test_without_a_name_they_are_listed_by_chapter(capsys: pytest.CaptureFixture[str]) -> None:
    main([])
    listed = capsys.readouterr().out
    for chapter, names in COURSE.items():
        title, _ = heading(FOLDER / chapter / "GALLERY_HEADER.rst")
        _, _, after = listed.partition(f"\n{title} ({chapter})\n")
        for line, name in zip(after.split("\n"), names):
            assert line.split() == [name, *heading(PROGRAMS[name])[1].split()]


def test_an_unknown_name_is_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["tpae", "xor"])
    assert caught.value.code == 2
    assert "there is no program 'tpae': near it are: tape" in capsys.readouterr().err


def replaced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **sources: str) -> None:
    """Programs of our own under names of the course."""
    programs = {}
    for name, source in sources.items():
        programs[name] = tmp_path / f"{name}.py"
        programs[name].write_text(f'"""\nTitle\n=====\n\nOne line.\n"""\n{source}')
    monkeypatch.setattr(course, "PROGRAMS", programs)
    monkeypatch.setattr("demos.__main__.PROGRAMS", programs)


def test_figures_are_saved_by_name_and_files_stand_beside_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draws = "import matplotlib.pyplot as plt\nplt.subplots(num='named')\nplt.show()\nopen('x.svg', 'w').close()\n"
    replaced(monkeypatch, tmp_path, one=draws)
    main(["one", "--out", str(tmp_path / "out")])
    assert sorted(path.name for path in (tmp_path / "out" / "one").iterdir()) == ["named.png", "x.svg"]
    assert capsys.readouterr().out.count(str(tmp_path / "out" / "one")) == 2
    plt: Any = sys.modules["matplotlib.pyplot"]
    assert plt.get_fignums() == []


def test_a_missing_library_is_named_and_the_other_programs_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    replaced(monkeypatch, tmp_path, one="import sklearn.datasets", two="print('ran')")
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(SystemExit) as caught:
        main(["one", "two", "--out", str(tmp_path / "out")])
    assert caught.value.code == 1
    printed = capsys.readouterr()
    assert "ran" in printed.out
    assert printed.err == 'one: it needs sklearn, which is not installed: pip install -e ".[demos]"\n'


def test_another_missing_module_is_no_excuse(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    replaced(monkeypatch, tmp_path, one="import nothing_of_this_name")
    with pytest.raises(ModuleNotFoundError, match="nothing_of_this_name"):
        main(["one", "--out", str(tmp_path / "out")])


def test_the_same_on_every_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = []
    for turn in ("first", "second"):
        run("tape", tmp_path / turn)
        files = sorted((tmp_path / turn / "tape").iterdir())
        runs.append((capsys.readouterr().out, [(path.name, path.read_bytes()) for path in files]))
    assert runs[0] == runs[1]
