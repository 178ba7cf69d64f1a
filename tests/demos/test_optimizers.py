"""The races of the optimizers: the landscapes are the published ones, and each racer goes where its page says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from demos.course import PROGRAMS, run

pytest.importorskip("matplotlib", reason="the programs draw with matplotlib, of the extra demos")
FIVE = {"SGD", "Adam", "Adadelta", "Adagrad", "RMSProp"}


def test_the_rules_in_a_few_lines_are_those_of_nn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = run("references", tmp_path)
    assert found["paths"].keys() == FIVE
    for name, path in found["paths"].items():
        if name != "SGD":  # a hundred times steeper looks the same
            assert path[-1][0] == pytest.approx(path[-1][1], rel=1e-3)
    differences = [float(line.split()[-1]) for line in capsys.readouterr().out.splitlines() if "nn" in line]
    assert len(differences) == 5
    assert max(differences) < 1e-12
    along, across = found["paths"]["SGD"][-1]
    assert along == pytest.approx(0.99**50)
    assert across == pytest.approx(0)
    first = {name: 1 - path[1][0] for name, path in found["paths"].items()}  # of a gradient of 0.1
    assert first["Adam"] == pytest.approx(0.1)
    assert first["Adagrad"] == pytest.approx(0.1)
    assert first["RMSProp"] == pytest.approx(10 * 0.02, rel=1e-5)
    assert first["Adadelta"] == pytest.approx(1e-3 / np.sqrt(0.1 + 1e-4), rel=1e-3)


def test_references_are_full() -> None:
    text = PROGRAMS["references"].read_text(encoding="utf-8")
    for name in (
        "Kiefer",
        "Wolfowitz",
        "1952",
        "Kingma",
        "2014",
        "Zeiler",
        "Duchi",
        "2011",
        "Tieleman",
        "Hinton",
        "6e",
    ):
        assert name in text


@pytest.mark.parametrize(
    ("name", "start", "minimum", "best", "limit"),
    [("rosenbrock", [-1.2, 1.0], [1, 1], "Adam", 0.1), ("beale", [1.0, 1.5], [3, 0.5], "Adam", 1e-3)],
)
def test_a_race(name: str, start: list[float], minimum: list[float], best: str, limit: float, tmp_path: Path) -> None:
    found = run(f"race_{name}", tmp_path)
    function, paths = found[name], found["paths"]
    assert function(*minimum) == 0
    assert all(function(*(np.array(minimum) + d)) > 0 for d in np.eye(2) * 0.1)
    assert paths.keys() == FIVE
    heights = {racer: function(*path[-1]) for racer, path in paths.items()}
    assert min(heights, key=lambda racer: heights[racer]) == best
    assert heights[best] < limit
    for path in paths.values():
        np.testing.assert_array_equal(path[0], start)
        assert function(*path[-1]) < function(*path[0])
    check_film(tmp_path / f"race_{name}", f"race_{name}")


def test_away_from_the_saddle(tmp_path: Path) -> None:
    found = run("race_saddle", tmp_path)
    left = {name: int(np.argmax(found["saddle"](*path.T) < -0.5)) for name, path in found["paths"].items()}
    assert all(left.values())
    assert left["RMSProp"] < left["Adam"] < left["SGD"] < left["Adagrad"]
    x, y = np.array([-1.5, 0.001])
    for moved in found["paths"]["SGD"][:20]:  # the slide's step, with the derivatives by hand
        np.testing.assert_allclose(moved, [x, y], rtol=1e-9)
        x, y = x - 0.05 * 2 * x, y - 0.05 * (-2 * y + y**3)
    check_film(tmp_path / "race_saddle", "race_saddle")


def check_film(folder: Path, name: str) -> None:
    images = pytest.importorskip("PIL.Image", reason="films are read here with Pillow")
    assert {path.name for path in folder.iterdir()} == {f"{name}.png", f"{name}.gif"}
    assert (folder / f"{name}.gif").stat().st_size < 1_000_000
    with images.open(folder / f"{name}.gif") as film:
        assert film.n_frames > 12
