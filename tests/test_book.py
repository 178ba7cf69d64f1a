"""The built book, `make docs`: whole without a network, every picture described, every link leads somewhere."""

from __future__ import annotations

import html
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from demos.course import COURSE, PROGRAMS, heading

BUILT = Path(__file__).parent.parent / "docs" / "_build"
PAGES = sorted(BUILT.rglob("*.html")) if (BUILT / "index.html").exists() else []
PAGES = [path for path in PAGES if "_static" not in path.parts]
WIDTHS = (1400, 390)

pytestmark = pytest.mark.skipif(not PAGES, reason="`make docs` builds the book")


class Reader(HTMLParser):
    """What a page names: its links, what it loads, its pictures, and the places that a link may lead to."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.undescribed: list[str] = []
        self.places: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.places |= {found[name] for name in ("id", "name") if name in found}
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if "src" in found or (tag == "link" and found.get("rel") in ("stylesheet", "preload", "icon")):
            self.loaded.append(found.get("src") or found["href"])
        if (tag == "img" and not found.get("alt")) or (tag == "iframe" and not found.get("title")):
            self.undescribed.append(found.get("src", tag))


@cache
def read(path: Path) -> Reader:
    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader


def name_of(path: Path) -> str:
    return str(path.relative_to(BUILT))


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_a_page_loads_nothing_from_elsewhere_and_describes_its_pictures(path: Path) -> None:
    page = read(path)
    assert [url for url in page.loaded if re.match(r"\w+:|//", url) and not url.startswith("data:")] == []
    assert page.undescribed == []


@pytest.mark.parametrize("path", sorted(BUILT.rglob("*.css")), ids=name_of)
def test_a_stylesheet_loads_nothing_from_elsewhere(path: Path) -> None:
    style = path.read_text(encoding="utf-8")
    assert re.findall(r"""url\(["']?(?:https?:|//)[^)]*|@import[^;]*//[^;]*""", style) == []


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_link_leads_somewhere(path: Path) -> None:
    lost = []
    for link in read(path).links:
        if re.match(r"\w+:", link):
            continue
        file, _, place = unquote(link).partition("#")
        target = (path.parent / file).resolve() if file else path
        if not target.exists() or (place and target.suffix == ".html" and place not in read(target).places):
            lost.append(link)
    assert lost == []


def test_every_topic_of_the_course_has_a_program_a_page_and_a_picture() -> None:
    index = (BUILT / "course" / "index.html").read_text(encoding="utf-8")
    (table,) = re.findall(r"<table.*?</table>", index.partition('id="topic-by-topic"')[2], re.DOTALL)
    rows = [re.findall(r"<td.*?</td>", row, re.DOTALL) for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL)[1:]]
    topics = [(topic, name) for programs in COURSE.values() for name in programs for topic in programs[name]]
    assert len(rows) == len(topics) >= 64
    for (_, program, page, picture), (_, name) in zip(rows, topics):
        assert f">{name}<" in program
        (link,) = re.findall(r'href="([^"]+)"', page)
        assert (BUILT / "course" / link).exists()
        (image,) = re.findall(r'src="([^"]+)"', picture)
        assert (BUILT / "course" / image).resolve().exists()


def test_every_program_has_a_page_with_its_time_and_its_downloads() -> None:
    for chapter, names in COURSE.items():
        for name in names:
            page = (BUILT / "course" / chapter / f"{name}.html").read_text(encoding="utf-8")
            assert re.search(r"Total running time of the script:</strong> \(\d+ minutes [\d.]+ seconds\)", page), name
            assert {f"{name}.py", f"{name}.ipynb"} <= {Path(link).name for link in re.findall(r'href="([^"]+)"', page)}


def test_a_page_shows_the_files_of_its_own_program() -> None:
    """Also when programs of a chapter ran side by side, in one folder."""
    for name, program in PROGRAMS.items():
        page = (BUILT / "course" / program.parent.name / f"{name}.html").read_text(encoding="utf-8")
        title, alts = heading(program)[0], re.findall(r'(?:<img [^>]*\balt|class="player" title)="([^"]*)"', page)
        shown = [html.unescape(alt) for alt in alts if html.unescape(alt).startswith(f"{title}: ")]
        stems = re.findall(r'\.save\("([\w-]+)\.', program.read_text(encoding="utf-8"))
        assert sorted(shown) == sorted(f"{title}: {stem.replace('-', ' ')}" for stem in stems), name


def test_the_chart_has_the_result_of_every_network() -> None:
    page = (BUILT / "chart.html").read_text(encoding="utf-8").partition('<svg class="chart"')[2]
    poster, _, table = page.partition("</svg>")
    rows = re.findall(r"<tr.*?</tr>", table, re.DOTALL)[1:]
    assert len(rows) == len(COURSE["zoo"])
    for row, name in zip(rows, COURSE["zoo"]):
        assert f'href="course/zoo/{name}.html"' in poster
        assert f'href="course/zoo/{name}.html"' in row
        assert all(re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td.*?</td>", row, re.DOTALL))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_a_page_is_whole_without_a_network(path: Path, theme: Any, browser: Any) -> None:
    """In Chromium, with everything refused that is no file: no request fails, no error, no sideways scrolling."""
    context = browser.new_context(viewport={"width": WIDTHS[0], "height": 900}, color_scheme=theme)
    wrong: list[str] = []
    context.route(
        re.compile(r"^(?!file:|data:|about:|blob:)"), lambda route: (wrong.append(route.request.url), route.abort())
    )
    page = context.new_page()
    page.on("requestfailed", lambda request: wrong.append(f"failed: {request.url}"))
    page.on("console", lambda message: message.type == "error" and wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(path.as_uri())
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wrong.append(f"it is wider than {width} pixels")
    broken = "[...document.images].filter(image => image.complete && !image.naturalWidth).map(image => image.src)"
    wrong += page.evaluate(broken)
    context.close()
    assert wrong == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pictures_are_dark_in_the_dark_theme_and_graphs_can_be_read_on_a_telephone(theme: Any, browser: Any) -> None:
    context = browser.new_context(viewport={"width": WIDTHS[1], "height": 900}, color_scheme=theme)
    page = context.new_page()
    page.goto((BUILT / "course" / "perceptron" / "multi_output.html").as_uri())
    plot, graph = page.locator("article img[src$='.png']").first, page.locator("article .window img")
    for button in ("auto", "light", "dark"):
        page.evaluate(f"document.body.dataset.theme = '{button}'")
        chosen = theme if button == "auto" else button
        looks = [element.evaluate("image => getComputedStyle(image).filter") for element in (plot, graph)]
        assert [look != "none" for look in looks] == [chosen == "dark", False]
    shown, natural = graph.evaluate("image => [image.width, image.naturalWidth]")
    assert shown >= 0.64 * natural > WIDTHS[1]
    context.close()


def test_every_graph_has_a_window_to_scroll_in() -> None:
    for path in PAGES:
        page = path.read_text(encoding="utf-8")
        graphs = re.findall(r'<img [^>]*src="[^"]*_images/(?!sphx_glr_\w+_thumb)[^"]+\.svg"', page)
        assert page.count('<span class="window"') == len(graphs), path
