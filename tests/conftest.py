"""What every test runs under: the same examples on every run, a table that no test leaves changed, and a browser."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from autograd.inspecting import name_of
from autograd.table import COMPOSITES, PLAIN, RULES

TESTS = Path(__file__).parent

for profile, examples in (("some", 4), ("more", 15)):  # the second by --hypothesis-profile=more
    hypothesis.settings.register_profile(
        profile,
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )
hypothesis.settings.load_profile("some")
os.environ["CHAINRULE_CACHE"] = ""  # no machine code of an earlier run, but where a test says so


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--programs", type=int, default=340, help="how many random programs to try (tests/programs)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need the browser, whichever fixture they have it from."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Refuse rules that a test module states when it is imported: the tests that iterate over the table meet them."""
    left = sorted({file for file, _ in (rule.site for rule in RULES.values()) if Path(file).is_relative_to(TESTS)})
    if left:
        raise pytest.UsageError(f"rules are stated outside of tests, which have `own_rules` for it, in {left}")


@pytest.fixture
def own_rules() -> Iterator[None]:
    """For a test that states derivatives of its own: they leave the table with it; a chapter that it opened stays."""
    rules, composites, plain = dict(RULES), dict(COMPOSITES), set(PLAIN)
    yield
    rules |= {fun: rule for fun, rule in RULES.items() if name_of(fun).startswith(("scipy.", "autograd.scipy."))}
    for table in (RULES, COMPOSITES, PLAIN):
        table.clear()
    RULES.update(rules)
    COMPOSITES.update(composites)
    PLAIN.update(plain)


BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (  # a container's root has no sandbox; the others keep the browser from calling home
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> Iterator[None]:
    """Ctrl-C raises KeyboardInterrupt, also where tests run in the background and Python is told to ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A real Chromium, one for all tests of a process.

    The tests are skipped where there is none, unless CHROMIUM is the path to one: that one must work.
    """
    named = os.environ.get("CHROMIUM")
    path = named or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip("no Chromium here to look at pages with (on Debian: apt-get install chromium)")
    if not named:
        pytest.importorskip("playwright", reason="Playwright drives the browser: pip install playwright")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """An empty page. A test fails if the page asks for anything but files of this machine, or reports an error."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    wrong: list[str] = []
    page.on("request", lambda request: request.url.startswith(("file:", "data:")) or wrong.append(request.url))
    page.on("console", lambda message: message.type in ("error", "warning") and wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    context.close()
    assert wrong == []
