"""The notebook of the docs is run from top to bottom, and each of its cells shows what it should, and no wider."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

NOTEBOOK = Path(__file__).parent.parent / "docs" / "notebook.ipynb"
SHOWN = [None, "svg", "iframe", "svg", "svg", "png", "png"]  # by each cell with code


# nbclient leaves sockets open, and drives an event loop, as the browser does: it has a process of its own
RUN = """
import sys, nbclient, nbformat
notebook = nbformat.read(sys.argv[1], as_version=4)
nbformat.validate(notebook)
nbformat.write(nbclient.NotebookClient(notebook, timeout=120).execute(), sys.argv[2])
"""


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What each cell with code shows, by kinds of files."""
    for name, what in {"nbclient": "runs notebooks", "ipykernel": "they run in it", "matplotlib": "they plot"}.items():
        pytest.importorskip(name, reason=what)
    run = tmp_path_factory.mktemp("notebook") / "run.ipynb"
    here = {**os.environ, "PYTHONPATH": str(NOTEBOOK.parent.parent)}
    command = [sys.executable, "-c", RUN, NOTEBOOK, run]
    done = subprocess.run(command, env=here, cwd=run.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    code = [cell for cell in json.loads(run.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    return [
        {kind: "".join(data) for out in cell["outputs"] for kind, data in out.get("data", {}).items()} for cell in code
    ]


def test_every_cell_shows_what_it_should(outputs: list[dict[str, Any]]) -> None:
    assert len(outputs) == len(SHOWN)
    for shown, data in zip(SHOWN, outputs):
        if shown is None:
            assert data == {}
        elif shown == "png":
            assert "image/png" in data
        else:
            assert f"<{shown}" in data["text/html"]
            if shown == "svg":
                assert ElementTree.fromstring(data["text/html"]).tag == "div"
                assert data["image/svg+xml"] in data["text/html"]


def test_the_notebook_has_no_outputs_in_the_repository() -> None:
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)


def test_nothing_is_wider_than_its_cell(page: Any, outputs: list[dict[str, Any]]) -> None:
    shown = "".join(f'<div class="cell">{data.get("text/html", "")}</div>' for data in outputs)
    page.set_content(f"<body style='margin: 0'>{shown}</body>")
    player = page.frame_locator("iframe")
    player.locator("#next").click()
    assert player.locator("#count").inner_text().startswith("1 of ")
    for width in (320, 900):
        page.set_viewport_size({"width": width, "height": 800})
        wide = page.evaluate(
            "[...document.querySelectorAll('svg, iframe')].map((e) => e.getBoundingClientRect().width)"
        )
        assert len(wide) == 4
        assert 100 < max(wide) <= width
        assert page.evaluate("document.documentElement.scrollWidth") <= width
