"""DOT to SVG, PNG or PDF: by the program `dot`, or by pygraphviz, in a process of its own with a time limit."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from xml.etree import ElementTree

from .label import BACKSLASH
from .palette import class_of, colours, stylesheet

TIME_LIMIT = 30.0  # seconds

# Draws in its process and cannot be stopped there.
PYGRAPHVIZ = """\
import sys, pygraphviz
graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode("utf-8"))
sys.stdout.buffer.write(graph.draw(format=sys.argv[1], prog="nop2"))
"""

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
TITLE, DESCRIPTION, LINK, STYLE, TEXT = (f"{{{SVG}}}{tag}" for tag in ("title", "desc", "a", "style", "text"))


class RenderError(RuntimeError):
    """Graphviz could not draw the picture."""


class RendererMissing(RenderError):
    """There is no Graphviz on this machine."""


def command(form: str) -> list[str]:
    """The command that reads DOT and writes a picture of the form "svg", "png" or "pdf"."""
    dot = shutil.which("dot")
    if dot:
        return [dot, f"-T{form}"]
    if importlib.util.find_spec("pygraphviz"):
        return [sys.executable, "-P", "-c", PYGRAPHVIZ, form]
    raise RendererMissing(
        "no Graphviz here to draw with: `pip install pygraphviz` brings one along (also as chainrule[svg]), "
        "or install the program `dot` from https://graphviz.org/download and have it on PATH"
    )


def run_graphviz(dot: str, form: str, time_limit: float = TIME_LIMIT) -> bytes:
    """The picture of the DOT source as a file of the form "svg", "png" or "pdf".

    Raises RendererMissing where there is no Graphviz, and RenderError where it fails or takes longer than `time_limit`
    seconds.
    """
    try:
        done = subprocess.run(command(form), input=dot.encode(), capture_output=True, timeout=time_limit, check=False)
    except subprocess.TimeoutExpired as error:
        raise RenderError(
            f"Graphviz took longer than {time_limit:g} s: draw fewer nodes (max_nodes=), "
            "or save the .dot and lay it out by hand"
        ) from error
    if done.returncode != 0 or not done.stdout:
        said = done.stderr.decode(errors="replace").strip() or "it said nothing"
        raise RenderError(f"Graphviz failed (exit code {done.returncode}): {said[-1000:]}")
    return done.stdout


def svg(dot: str, title: str, description: str, theme: str) -> str:
    """The picture as SVG: with title and description, a tooltip per node and edge, and never wider than its page.

    Each text has the class of its role, "ink", "quiet" or "gradient". With the theme "auto" a style sheet makes the
    colours follow the reader's.
    """
    for prefix, namespace in (("", SVG), ("xlink", XLINK)):
        ElementTree.register_namespace(prefix, namespace)
    root = ElementTree.fromstring(run_graphviz(dot, "svg"))
    role_of = {colour: role for role, colour in colours(theme).items()}
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag == TITLE:  # the names of nodes and edges, n0, which their ids say too
                parent.remove(child)
        for link in parent.findall(LINK):  # Graphviz writes a tooltip as a link that leads nowhere
            parent.remove(link)
            ElementTree.SubElement(parent, TITLE).text = link.get(f"{{{XLINK}}}title")
            parent.extend(link)
        for use in ("fill", "stroke"):
            if parent.get(use) == "transparent":  # which is no colour of SVG; Graphviz before 3.0 writes it
                parent.set(use, "none")
        if parent.tag == TEXT:
            parent.set("class", role_of[parent.attrib["fill"]])
    root.attrib |= {"class": class_of(theme), "role": "img", "style": "max-width: 100%; height: auto"}
    head = [(TITLE, title), (DESCRIPTION, description), *([(STYLE, stylesheet())] if theme == "auto" else [])]
    for i, (tag, text) in enumerate(head):
        element = ElementTree.Element(tag)
        element.text = text
        root.insert(i, element)
    return ElementTree.tostring(root, encoding="unicode").replace(BACKSLASH, "\\")
