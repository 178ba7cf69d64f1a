"""Time of an update of the live page, in Chromium: `python benchmarks/live.py`.

A number is changed again and again, and the page follows: the time of its thread, with layout and paint, whatever else
runs. 60 times a second are 16.7 ms each.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd as ag
import nn

if TYPE_CHECKING:
    from playwright.sync_api import Page

UPDATES = """async (n) => {
    const i = data.live.inputs.find((i) => live.learning.has(i)), x = live.inputs[i][0];
    for (let k = 0; k < n; k++) {
        change(i, 0, x + 0.01 * (k + 1));
        await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    }
}"""
TIMES = 10


def xor() -> ag.Tensor:
    """Two layers on the four points of XOR."""
    X, y = nn.data.xor()
    return nn.bce_with_logits(nn.MLP(2, 3, 1, activation="tanh", rng=0)(ag.Tensor(X, name="X"))[:, 0], y)


def long() -> ag.Tensor:
    """2,000 numbers, all of them shown."""
    y = x = ag.Tensor(np.random.default_rng(0).normal(size=(4, 5)), True, name="x")
    for _ in range(33):
        y = (y * x + 0.1).tanh()
    return y.sum()


def milliseconds(page: Page) -> float:
    """Those of an update, of the fastest of some."""
    protocol = page.context.new_cdp_session(page)
    protocol.send("Performance.enable", {"timeDomain": "threadTicks"})
    found = []
    for _ in range(6):  # the first one warms up
        before = busy(protocol.send("Performance.getMetrics"))
        page.evaluate(UPDATES, TIMES)
        found.append((busy(protocol.send("Performance.getMetrics")) - before) / TIMES)
    return 1e3 * min(found[1:])


def busy(found: dict[str, Any]) -> float:
    """Seconds that the page's thread has worked."""
    return next(float(metric["value"]) for metric in found["metrics"] if metric["name"] == "TaskDuration")


def main() -> None:
    """Each page, and its time."""
    from playwright.sync_api import sync_playwright

    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        for graph in (xor, long):
            page.goto(ag.draw(graph()).save(Path(folder) / f"{graph.__name__}.html").as_uri() + "#step=999")
            print(f"{graph.__name__:6}{milliseconds(page):6.1f} ms an update")


if __name__ == "__main__":
    main()
