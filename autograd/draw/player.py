"""The player: one self-contained page that plays a graph forward and backward, step by step.

Here its data are written: every text and number that the page can show. `player.js` and its neighbours show them and
compute nothing; `live.js` computes the graph anew from numbers that the reader changes.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from textwrap import dedent
from typing import Any
from xml.etree import ElementTree

import numpy as np

from ..inspecting import name_of
from ..table import RULES
from .derivatives import partial
from .dot import dot_source, notes
from .formula import Formula, lines_around, location, source_lines
from .heat import with_heat, with_pictures
from .inside import NO_POINTS, insides
from .label import headings
from .live import data_of, live
from .palette import AROUND, variables
from .passes import Passed
from .render import DESCRIPTION, SVG, TEXT, TITLE, svg
from .scene import Edge, Scene
from .secant import AT_ENTRY, ENTRY, STEPS, Budget, edge_check, graph_checks, words_of_box, words_of_edge
from .story import Step, Story
from .terms import Term, in_brackets
from .text import LETTERS, SIGNS, at_length, columns, in_full, number, rows, shape_and_dtype, to_compute_with

GROUP = f"{{{SVG}}}g"
HERE = Path(__file__).parent
SCRIPTS = [
    f"{name}.js"
    for name in (
        "elements",
        "picture",
        "camera",
        "matrices",
        "node",
        "check",
        "player",
        "numbers",
        "linalg",
        "equations",
        "heat",
        "secants",
        "region",
        "live",
    )
]
STYLES = ("player.css", "live.css")
UNNOTED = "This graph was made outside “with autograd.debug.lines():”, which notes the line of each operation."


def page(scene: Scene, title: str, description: str, gradients: bool, values: bool, direction: str, theme: str) -> str:
    """The page. Raises RendererMissing where there is no Graphviz, RenderError where it fails."""
    story = Story(scene)
    made = live(story)
    widths = [max((columns(t) for _, sums in track.gradients for row in sums for t in row), default=0)
              for track in story.tracks]  # fmt: skip
    if made.points:  # numbers that change need more
        widths = [max(w, room_of(box.value)) for w, box in zip(widths, story.scene.boxes)]
    roomy = replace(story.scene, boxes=[replace(box, room=w) for box, w in zip(story.scene.boxes, widths)])
    roomy = with_heat(roomy)
    picture = svg(dot_source(roomy, gradients, values, direction, "auto"), title, description, "auto")
    opened = insides(scene, gradients, values, direction, made.points.of if made.points else NO_POINTS)
    listings, sites = listing(story)
    data = {
        "boxes": boxes(story, sites, widths),
        "insides": [*opened],
        "edges": edges(story),
        "steps": [asdict(step) for step in story.steps],
        "h": STEPS.tolist(),
        "code": listings,
        "live": data_of(made, story),
        "missing": {"code": UNNOTED},
    }
    parts = {
        "title": html.escape(title),
        "description": html.escape(description),
        "notes": "".join(f"<p>{html.escape(note)}</p>" for note in said_of(story, gradients)),
        "theme": theme,
        "around": html.escape(json.dumps(AROUND)),
        "light": variables("light"),
        "dark": variables("dark"),
        "css": "\n".join((HERE / name).read_text(encoding="utf-8") for name in STYLES),
        "js": "\n".join((HERE / name).read_text(encoding="utf-8") for name in SCRIPTS),
        "program": made.script,
        "operations": made.operations,
        "svg": playable(with_pictures(picture, roomy, "auto")),
        "insides": "\n".join(f'<div id="inside{i}" hidden>{inner}</div>' for i, inner in opened.items()),
        "halvings": f"{len(STEPS) - 1}",
        "last": f"{len(story.steps) - 1}",
        "table": "\n".join(table_row(i, step) for i, step in enumerate(story.steps)),
        "data": json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c"),
    }
    template = (HERE / "player.html").read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], template)


def room_of(value: Any) -> int:
    """How many columns a number of a box gets that may become any other; one that needs more is set narrower."""
    return 9 if np.size(value) == 1 else 6 if in_full(value) else 8


def said_of(story: Story, gradients: bool) -> list[str]:
    """What one must know to read this page."""
    said = notes(story.scene, gradients)
    if any(box.is_fold for box in story.scene.boxes):
        said.append("steps are played for what is shown; what goes on inside a fold is computed, but not told: open it")
    if gradients and not story.final:
        said.append("nothing here requires a gradient: the forward pass is all there is to play")
    return [f"{note[0].upper()}{note[1:]}." for note in said]


def table_row(i: int, step: Step) -> str:
    """One step in the table of all steps."""
    if step.phase in ("start", "end"):
        numbers = ", ".join(f"{term.symbol} = {on_one_line(term)}" for term in step.terms)
    else:
        numbers = "; ".join(filter(None, (equation(step.terms), equation(step.sums))))
    cells = "".join(f"<td>{html.escape(text)}</td>" for text in (step.phase, step.symbols or step.words, numbers))
    return f'<tr id="row{i}"><th scope="row"><a href="#step={i}">{i}</a></th>{cells}</tr>'


def equation(terms: Sequence[Term]) -> str:
    """Terms on one line."""
    return " ".join(" ".join(filter(None, (term.sign, on_one_line(term)))) for term in terms)


def on_one_line(term: Term) -> str:
    """The numbers of a term on one line."""
    if term.summary:
        return "(min {}, mean {}, max {})".format(*term.rows[0])
    if len(term.rows) == len(term.rows[0]) == 1:
        return in_brackets(term.rows[0][0]) if term.sign.strip(" (") in SIGNS.values() else term.rows[0][0]
    lines = [f"[{', '.join(row)}]" for row in term.rows]
    return lines[0] if len(lines) == 1 else f"[{', '.join(lines)}]"


# --- The picture --------------------------------------------------------------------------------------------------


def playable(picture: str) -> str:
    """The picture for the page: its nodes can be focused, and its colours are those of the page."""
    root = ElementTree.fromstring(picture)
    root.attrib |= {"role": "group", "aria-labelledby": "title", "id": "picture"}
    width = float(root.attrib["viewBox"].split()[2])
    root.set("style", f"--natural: {width * 4 / 3:.0f}px")  # points to pixels
    for name in ("width", "height"):
        del root.attrib[name]
    for child in list(root):
        if child.tag in (TITLE, DESCRIPTION):  # the page says both
            root.remove(child)
    for whole in root.findall(GROUP):  # one: the graph
        whole[:] = sorted(whole, key=place_in_order)
    for group in root.iter(GROUP):
        kind = (group.get("class") or "").split(" ")[0]
        if kind not in ("node", "edge"):
            continue
        for parent in list(group.iter()):
            for tip in parent.findall(TITLE):  # would tell the numbers before their step
                parent.remove(tip)
        if kind == "node":
            for part in group.findall(f".//{GROUP}"):
                key = re.fullmatch(r"a_h(\d+)-(\w+)", part.get("id", ""))
                if key:
                    part.attrib |= {"class": f"heat {key[2]}", "data-box": key[1], "data-of": key[2]}
            for part in group.iter():
                if part.tag == TEXT:
                    break
                if part.tag != GROUP:
                    part.set("class", "outline")
            group.attrib |= {
                "tabindex": "0",
                "role": "button",
                "aria-describedby": "node",
            }
    return ElementTree.tostring(root, encoding="unicode")


def place_in_order(element: ElementTree.Element) -> tuple[int, int]:
    """Where a part of the picture is drawn and read: frames, then edges, then nodes, as they were made."""
    name = element.get("id", "")
    return ("en".find(name[:1]) + 1, int(name[1:])) if name[1:].isdigit() else (0, 0)


# --- Boxes and edges ------------------------------------------------------------------------------------------------


def boxes(story: Story, sites: Sequence[Any], widths: Sequence[int]) -> list[dict[str, Any]]:
    """What the page shows of each box."""
    found, checks = [], graph_checks(story)
    for i, (box, track, room) in enumerate(zip(story.scene.boxes, story.tracks, widths)):
        gradient = story.final.get(i)
        found.append({
            "symbol": story.symbols[i],
            "kind": box.kind,
            "written": story.written(i),
            "pictured": box.image is not None,
            "folded": box.is_fold,
            "about": ", ".join(headings(box)[1:]) if box.is_fold else shape_and_dtype(box.value),
            "value": None if box.value is None else numbers_of(box.value),
            "gradient": None if gradient is None else numbers_of(gradient),
            "slope": f"∂{story.objective}/∂{story.symbols[i]}",
            "room": room,
            "shape": list(np.shape(box.value)),
            "words": words_of_box(story, i, ENTRY)
            if gradient is not None and i < len(widths) - 1 and not box.is_fold else None,
            "valued": track.valued,
            "gradients": track.gradients,
            "inputs": list(story.into[i]),
            "function": name_of(box.call.fun) if box.call else "",
            "site": sites[i],
            "culprit": story.culprit_since(i),
            "reason": story.culprit.reason if story.culprit and story.culprit.box == i else "",
        } | outcome(checks.get(i)))  # fmt: skip
    return found


def numbers_of(value: Any) -> dict[str, Any]:
    """Numbers for the page: in rows, and to the last digit."""
    return {"rows": rows(value), "summary": not in_full(value), "exact": at_length(value)}


def edges(story: Story) -> list[dict[str, Any]]:
    """What the page shows of each edge: its ends, and of one that is played the formula and the check."""
    budget, found = Budget(), []
    for i, edge in enumerate(story.scene.edges):
        told: dict[str, Any] = {"source": edge.source, "target": edge.target, "played": story.played.get(i)}
        place = story.place(edge) if i in story.passed else None
        if place is not None:
            told |= {"place": place, "words": words_of_edge(story, edge, AT_ENTRY, ENTRY)}
            told |= rule_of(story, edge, place, story.passed[i]) | outcome(
                edge_check(story, edge, place, story.passed[i], budget)
            )
        found.append(told)
    return found


def outcome(check: dict[str, Any] | str | None) -> dict[str, Any]:
    """A check, or the reason why there is none."""
    return {"check": None if isinstance(check, str) else check, "unchecked": check if isinstance(check, str) else ""}


def rule_of(story: Story, edge: Edge, place: int, passed: Passed) -> dict[str, Any]:
    """The rule of the table for an edge: as it is written there, in the graph's symbols, and in numbers."""
    formula, node = story.formula(edge, place), story.scene.boxes[edge.target].nodes[0]
    letters = other_letters(formula, story.symbols)
    elementwise = RULES[node.fun].elementwise  # type: ignore[index]
    parameters = formula.parameters[1 if elementwise else 2 :] or (LETTERS if len(node.args) > 1 else "x")
    own = parameters[place] if place < len(parameters) else f"argument {place + 1}"
    x, y = story.symbols[edge.source], story.symbols[edge.target]
    applied = formula.with_names(story.meaning(edge, formula)) if formula.names else ""
    single = elementwise and all(np.size(value) == 1 for value in (node._raw, *node.values))
    return {
        "name": f"∂{y}/∂{x}{story.which(edge)}" if elementwise else story.slope(edge.source),
        "own": f"∂{letters.get('y', 'y')}/∂{letters.get(own, own)}" if elementwise else f"pullback to {own}",
        "rule": formula.with_names(letters),
        "where": formula.where,
        "notes": formula.notes,
        "symbols": applied if elementwise else story.product(passed, edge).symbols,
        "applied": "" if elementwise else applied,
        "numbers": in_numbers(story, edge, place, formula) if single else "",
    }


def other_letters(formula: Formula, symbols: Sequence[str]) -> dict[str, str]:
    """Other letters for those parameters of a formula that are names in the graph, where they mean something else."""
    taken = {*symbols, *formula.parameters}
    free = (letter for letter in "fuvwpqrst" if letter not in taken)
    return {name: next(free, f"{name}'") for name in formula.parameters if name in symbols} if formula.names else {}


def in_numbers(story: Story, edge: Edge, place: int, formula: Formula) -> str:
    """The formula of an elementwise operation on single numbers with these, and the derivative that it gives."""
    node = story.scene.boxes[edge.target].nodes[0]
    rule, result = RULES[node.fun], partial(node, place)  # type: ignore[index]
    each = rule.each[place] if place < len(rule.each) else None
    if not formula.names or not callable(each):
        return f"= {number(np.reshape(result, ()))}"
    texts, sign = to_compute_with(each, [node._raw, *node.values], result)
    known = {name: in_brackets(text[0][0]) for name, text in zip(formula.parameters, texts)}
    return f"= {formula.with_names(known)} {sign} {number(np.reshape(result, ()))}"


# --- The program's own lines ----------------------------------------------------------------------------------------


def listing(story: Story) -> tuple[list[dict[str, Any]], list[tuple[int, int] | None]]:
    """The pieces of source code that made the graph, and for each box the piece and the line."""
    made = [box.nodes[0].site if box.call else None for box in story.scene.boxes]
    pieces: list[dict[str, Any]] = []
    place: dict[tuple[str, int], tuple[int, int]] = {}
    for filename, line in sorted({site for site in made if site}):
        first, last = lines_around(filename, line)
        if not pieces or pieces[-1]["filename"] != filename or first > pieces[-1]["last"] + 1:
            pieces.append({"filename": filename, "first": first, "last": last})
        pieces[-1]["last"] = max(last, pieces[-1]["last"])
        place[filename, line] = (len(pieces) - 1, line)
    shown = [
        {
            "file": location(piece["filename"], piece["first"]).rpartition(":")[0],
            "first": piece["first"],
            "lines": dedent("\n".join(source_lines(piece["filename"], piece["first"], piece["last"]))).split("\n"),
        }
        for piece in pieces
    ]
    return shown, [place.get(site) if site else None for site in made]
