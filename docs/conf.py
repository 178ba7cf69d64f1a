"""Sphinx configuration, and the directives that write tables, the chart and the reference from the code."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx_gallery.directives import imgsgnode

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]

from chart import poster, results  # noqa: E402  found on the path above
from coverage_table import scipy_tables, synonyms, tables  # noqa: E402
from gallery import SETTINGS, topics  # noqa: E402
from names import chosen, entry, used  # noqa: E402
from pictures import neuron, slide  # noqa: E402

from autograd import draw  # noqa: E402
from demos.course import PROGRAMS, heading  # noqa: E402

project = "chainrule"
author = "The chainrule authors"
copyright = "2026, The chainrule authors"
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "mathml",
]
html_math_renderer = "mathml"
html_static_path = ["_static"]
html_css_files = ["book.css"]
sphinx_gallery_conf = SETTINGS
exclude_patterns = ["_build", "_used", "**/sg_execution_times.rst", "sg_execution_times.rst"]
html_theme = "furo"
html_title = "chainrule"
default_role = "literal"
pygments_style = "default"
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
autosummary_generate = False
toc_object_entries_show_parents = "hide"
autodoc_typehints = "none"  # the docstrings say what arguments are
suppress_warnings = [
    "myst.xref_missing"
]  # links to source files and tests lead into the repository, not into these pages


class Table(SphinxDirective):
    """Markdown that is written by the build, of what the code and the built pages hold; by the directive's name."""

    TEXTS: ClassVar[dict[str, Callable[[Path], str]]] = {
        "numpy-coverage": lambda docs: tables(),
        "scipy-coverage": lambda docs: scipy_tables(),
        "synonyms": lambda docs: synonyms(),
        "course-topics": topics,
        "chart-results": results,
    }

    def run(self) -> list[nodes.Node]:
        """The text, parsed."""
        content = StringList(self.TEXTS[self.name](Path(self.env.srcdir)).splitlines(), source=self.name)
        return self.parse_text_to_nodes("\n".join(content), allow_section_headings=True)


class Chart(SphinxDirective):
    """The chart of all networks, where each leads to its program."""

    def run(self) -> list[nodes.Node]:
        """The poster, which takes the colour of the text around it."""
        return [nodes.raw("", f'<div class="poster">{poster()}</div>', format="html")]


class Names(SphinxDirective):
    """The entries of what the modules in its content define, of the package that is its argument."""

    required_arguments = 1
    has_content = True
    option_spec = {"summary": directives.flag}  # noqa: RUF012  docutils' way

    def run(self) -> list[nodes.Node]:
        """The entries, or with `:summary:` a table of them."""
        names = chosen(self.arguments[0], self.content)
        table = ".. autosummary::\n   :nosignatures:\n\n" + "".join(f"   {name}\n" for name in names)
        text = table if "summary" in self.options else "\n".join(map(entry, names))
        return self.parse_text_to_nodes(f"```{{eval-rst}}\n{text}\n```")


def with_player(app: Sphinx) -> None:
    """The players of the front page, and of the page on the player."""
    draw(slide()).save(Path(app.srcdir) / "_static" / "player.html")
    draw(neuron()).save(Path(app.srcdir) / "_static" / "neuron.html")


def described(app: Sphinx, page: nodes.document) -> None:
    """A thumbnail shows what its program is called."""
    for image in page.findall(nodes.image):
        name = re.search(r"/sphx_glr_(\w+)_thumb\.", image["uri"])
        if name and not image.get("alt"):
            image["alt"] = heading(PROGRAMS[name[1]])[0]


def in_windows(app: Sphinx, page: nodes.document) -> None:
    """A graph that is wider than the page scrolls in a window of its own, so that it can be read on any screen."""
    for image in [*page.findall(nodes.image), *page.findall(imgsgnode)]:
        path = Path(app.srcdir) / image["uri"].lstrip("/")
        if path.suffix == ".svg" and "thumb" not in path.parts:
            width = re.search(r'<svg[^>]*\bwidth="([\d.]+)(pt)?"', path.read_text(encoding="utf-8"))
            natural = width[1] + (width[2] or "px")  # type: ignore[index]
            begin = nodes.raw("", f'<span class="window" style="--natural: {natural}">', format="html")
            image.replace_self([begin, image.deepcopy(), nodes.raw("", "</span>", format="html")])


def as_text(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Docstrings are plain text with `code` and examples: what else means something to Sphinx is escaped.

    Below each stand the programs of the course that use it.
    """
    example = False
    for i, line in enumerate(lines):
        example = bool(line.strip()) and (example or line.lstrip().startswith(">>>"))
        if not example:
            bullet, text = re.fullmatch(r"(\s*\* )?(.*)", line).groups("")  # type: ignore[union-attr]
            parts = text.split("`")
            parts[::2] = [re.sub(r"([*|_])", r"\\\1", part) for part in parts[::2]]
            lines[i] = bullet + "`".join(parts)
    lines += ["", *used(name, Path(app.srcdir))]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive, and the reader of docstrings."""
    app.connect("autodoc-process-docstring", as_text)
    for table in Table.TEXTS:
        app.add_directive(table, Table)
    app.add_directive("chart", Chart)
    app.add_directive("names", Names)
    app.connect("builder-inited", with_player)
    app.connect("doctree-read", described)
    app.connect("doctree-read", in_windows)
    return {"parallel_read_safe": True}
