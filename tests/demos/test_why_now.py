"""Why now: memory stays constant, arrays beat single numbers, the toolbox computes what the lines by hand compute."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from demos.course import FOLDER, run

pytest.importorskip("matplotlib", reason="the programs draw with matplotlib, of the extra demos")


def written(out: Path) -> set[str]:
    return {path.name for path in out.iterdir()}


def test_the_memory_of_a_pass_over_a_mapped_file_does_not_grow_with_the_file(tmp_path: Path) -> None:
    found = run("big_data", tmp_path)
    size, whole, mapped = found["megabytes"], found["peaks"][found["whole"]], found["peaks"][found["mapped"]]
    assert size[-1] == pytest.approx(200_000 * 100 * 4 / 1e6, rel=1e-3)
    assert whole[-1] > size[-1]
    assert mapped[-1] < size[-1] / 50
    assert max(mapped) < 1.5 * min(mapped)
    assert np.abs(found["w"] - found["truth"]).max() < 0.02
    assert written(tmp_path / "big_data") == {"memory.png"}  # the file is gone


def test_arrays_gain_with_the_width(tmp_path: Path) -> None:
    found = run("hardware", tmp_path)
    arrays, numbers, rate = found["arrays"], found["numbers"], found["rate"]
    assert numbers[-1] > 10 * arrays[4]
    assert numbers[-1] > 3 * numbers[0]  # 256 times the products
    assert arrays[4] < 5 * arrays[0]  # which cost arrays nearly nothing
    assert max(rate) > 10 * rate[4]
    assert written(tmp_path / "hardware") == {"width.png"}


def test_the_toolbox_and_the_lines_by_hand_give_equal_numbers(tmp_path: Path) -> None:
    found = run("software", tmp_path)
    np.testing.assert_allclose(found["ours"], found["theirs"], atol=1e-9)
    np.testing.assert_allclose(found["loss"], found["loss_by_hand"], rtol=1e-9)
    np.testing.assert_allclose(found["fresh"], found["fresh_by_hand"], rtol=1e-9)
    assert len(found["fresh"]) == 2 + np.argmin(found["fresh"]) + 1 < 30  # it stopped by itself
    assert np.mean(found["theirs"].argmax(axis=1) == found["y_fresh"]) > 0.93
    assert found["few"] == 10
    assert 90 <= found["many"] <= 110
    assert written(tmp_path / "software") == {"losses.png"}


def test_the_timeline_is_in_order_and_leads_to_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = run("timeline", tmp_path)
    years = [year for year, *_ in found["events"]]
    assert years == sorted(years)
    certain = {1950: "Turing", 1956: "Dartmouth", 1958: "Rosenblatt", 1969: "Minsky", 1986: "Rumelhart", 1992: "Vapnik",
               1997: "Hochreiter", 2009: "ImageNet", 2012: "AlexNet", 2016: "AlphaGo", 2017: "transformer"}  # fmt: skip
    lines = capsys.readouterr().out.splitlines()
    for year, word in certain.items():
        assert any(line.startswith(str(year)) and word in line for line in lines), word
    plan = (FOLDER / "course.py").read_text(encoding="utf-8")
    assert all(f'"{program}"' in plan for *_, program in found["events"] if program)
    assert written(tmp_path / "timeline") == {"timeline.png"}
