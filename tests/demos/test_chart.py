"""The chart: its table has the chart's networks and cells, and its programs say what the page reads from them."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from demos.course import COURSE, PROGRAMS

DOCS = Path(__file__).parents[2] / "docs"
ZOO = list(COURSE.get("zoo", ()))


@pytest.fixture
def chart(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(DOCS))
    return importlib.import_module("chart")


def test_the_table_has_the_networks_and_the_kinds_of_cells_of_the_chart(chart: Any) -> None:
    assert [len(row) for row in chart.CHART] == [4, 3, 4, 5, 3, 4, 4]
    networks = [network for row in chart.CHART for network in row]
    assert len({network.program for network in networks}) == len({network.short for network in networks}) == 27
    used = {kind for network in networks for column in network.columns for kind in column}
    assert used == chart.KINDS.keys()
    assert len(chart.KINDS) == len({mark for _, mark in chart.KINDS.values()}) == 13  # told apart without colours


def test_the_table_and_the_course_name_the_same_networks_in_the_same_order(chart: Any) -> None:
    titles = {network.program: f"{network.name} ({network.short})" for row in chart.CHART for network in row}
    assert [(name, COURSE["zoo"][name][0]) for name in ZOO] == [(name, titles[name]) for name in titles if name in ZOO]


def test_the_poster_has_every_cell_and_leads_to_every_program(chart: Any) -> None:
    poster = ElementTree.fromstring(chart.poster())
    cells = [node for node in poster.iter("circle") if node.get("class") == "cell"]
    drawn = sum(len(column) for row in chart.CHART for network in row for column in network.columns)
    assert len(cells) == drawn + len(chart.KINDS)
    assert [link.get("href") for link in poster.iter("a")] == [f"course/zoo/{name}.html" for name in ZOO]
    assert len([node for node in poster.iter("title") if node.text]) == 28
    _, _, width, height = map(float, poster.attrib["viewBox"].split())
    for node in poster.iter("text"):
        assert 0 < float(node.attrib["x"]) < width
        assert 0 < float(node.attrib["y"]) < height


def test_the_table_shows_the_cells_and_the_result_of_every_network(chart: Any, tmp_path: Path) -> None:
    thumbs = tmp_path / "course" / "zoo" / "images" / "thumb"
    thumbs.mkdir(parents=True)
    for name in ZOO:
        (thumbs / f"sphx_glr_{name}_thumb.png").touch()
        (thumbs.parent / f"sphx_glr_{name}_001.png").touch()
        (thumbs.parent / f"sphx_glr_{name}_002.svg").touch()
        (thumbs.parents[1] / f"{name}.rst").write_text(f"    result: {name} learned\n", encoding="utf-8")
    rows = chart.results(tmp_path).splitlines()[2:]
    assert len(rows) == 27
    for row, name in zip(rows, ZOO):
        assert f"](/course/zoo/images/sphx_glr_{name}_002.svg)](/course/zoo/{name}.rst)" in row
        assert f"{name.replace('_', chr(92) + '_')} learned |" in row
    (thumbs.parent / "sphx_glr_hopfield_002.svg").unlink()
    with pytest.raises(LookupError, match="the page of hopfield has 0 pictures of its cells"):
        chart.results(tmp_path)


@pytest.mark.parametrize("name", ZOO)
def test_a_program_of_the_chart_draws_its_cells_once(name: str) -> None:
    source = PROGRAMS[name].read_text(encoding="utf-8")
    assert source.count(f'.save("{name}-cells.svg")') == source.count(".save(") == 1


@pytest.mark.parametrize("name", ZOO)
def test_a_program_of_the_chart_says_what_it_is_and_has_one_result(name: str, chart: Any) -> None:
    source = PROGRAMS[name].read_text(encoding="utf-8")
    fields = chart.fields(PROGRAMS[name])
    assert list(fields) == ["Cells", "Paper", "Learned", "Criterion"]
    assert re.search(r"\d{4}", fields["Paper"])
    (network,) = (network for row in chart.CHART for network in row if network.program == name)
    words = {kind.split()[0] for column in network.columns for kind in column}
    assert {word for word in words if word not in fields["Cells"].lower()} == set()
    printed = [
        ast.unparse(node.args[0])
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "print" and node.args
    ]
    assert len([text for text in printed if re.match(r"f?['\"]+result: ", text)]) == 1
    assert source.count("result:") == 1
