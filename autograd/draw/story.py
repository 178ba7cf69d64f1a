"""The steps that the player plays, told in symbols, numbers and words.

First the operations, one at a time; then the seed; then one edge at a time backward: upstream x local derivative =
contribution, and `+=` where paths meet. All texts are made here; the page only shows them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..node import Node
from ..shapes import sum_to
from ..sweep import times
from ..table import RULES
from .culprit import culprit
from .derivatives import partial
from .formula import Formula, formula_of
from .label import counted, headings, is_number
from .passes import Hooked, Passed, backward_pass
from .scene import Box, Edge, Scene, sorted_arguments
from .terms import PLACE, Rows, Term, carried, in_brackets, product_terms, read_out, term, with_places
from .text import (
    SIGNS,
    TIMES,
    expression,
    index,
    number,
    rows,
    shape_and_dtype,
    shorten,
    to_compute_with,
)
from .textbook import Asked, Factor, Told, told

LETTERS_OF_GRADIENTS = ("G", "Ḡ", "U", "upstream", "the upstream gradient")
LARGEST = "largest"  # the place of the largest number that comes back to a fold
FEW = 12  # more terms than these are not shown side by side


@dataclass(frozen=True)
class Step:
    """One step: which box and edge it is about, in symbols, in numbers, and in words."""

    phase: str  # start, forward, seed, backward, hook or end
    box: int | None
    edge: int | None
    symbols: str
    terms: Sequence[Term]
    sums: Sequence[Term]  # a second line: what was there, plus the contribution
    words: str
    carried: str = ""  # what stands on the arrow back: the product of the chain rule
    matrices: str = ""  # how an entry of the contribution is made: see `Told`
    saying: str = ""  # the words with places for other numbers, if there are numbers of the program in them


@dataclass
class Track:
    """When a box of the picture has its value, and what its gradient is from which step on."""

    valued: int = 0
    gradients: list[tuple[int, Rows]] = field(default_factory=list)


def with_symbols(scene: Scene) -> tuple[Scene, list[str]]:
    """The scene with a name for every box, v1, v2, ... where the program gave none or gave it before; and the names."""
    taken, symbols, boxes = {box.name for box in scene.boxes}, [], []
    fresh = (f"v{i}" for i in range(1, 2 * len(scene.boxes) + len(taken)))
    seen: set[str] = set()
    for box in scene.boxes:
        name = shorten(box.name or "").strip()
        if box.is_fold or is_number(box):
            symbols.append(symbol_of_fold(box) if box.is_fold else in_brackets(number(box.value)))
            boxes.append(box)
            continue
        if not name or name in seen:
            name = next(f for f in fresh if f not in taken)
        seen.add(name)
        symbols.append(name)
        boxes.append(replace(box, name=name))
    return replace(scene, boxes=boxes), symbols


class Story:
    """All that is played: the scene with a symbol for every box, the steps, and what they change in the picture.

    `played` has for each edge that hands something back its step, and `passed` what it was; `final` has the gradient
    of each box. Without gradients it is the story of the forward pass alone.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene, self.symbols = with_symbols(scene)
        self.final = {i: box.gradient for i, box in enumerate(scene.boxes) if box.gradient is not None}
        events = list(backward_pass(scene)) if self.final else []
        self.objective = self.symbols[-1] if np.size(scene.boxes[-1].value) == 1 else f"sum({self.symbols[-1]})"
        self.passed = {event.edge: event for event in events if isinstance(event, Passed)}
        self.letter = next(letter for letter in LETTERS_OF_GRADIENTS if letter not in self.symbols)
        self.tracks = [Track() for _ in scene.boxes]
        self.box_of = {node: i for i, box in enumerate(scene.boxes) for node in box.nodes}
        self.into: dict[int, dict[int, Edge]] = {i: {} for i in range(len(scene.boxes))}
        for i, edge in enumerate(scene.edges):
            self.into[edge.target][i] = edge
        titled = [replace(box, written=shorten(self.written(i)), letters="   ") if box.call else box
                  for i, box in enumerate(self.scene.boxes)]  # fmt: skip
        self.scene = replace(self.scene, boxes=titled)
        self.played: dict[int, int] = {}
        self.steps: list[Step] = []
        self.culprit = culprit(self.scene, self.symbols, [self.written(i) for i in range(len(scene.boxes))], events)
        self.tell(events)

    def tell(self, events: Sequence[Passed | Hooked]) -> None:
        """Start, forward, seed, backward, end."""
        self.steps.append(self.start())
        for i, box in enumerate(self.scene.boxes):
            if box.call or box.folded.operations:
                self.tracks[i].valued = len(self.steps)
                self.steps.append(self.forward(i, box))
        if not self.final:
            return
        root = len(self.scene.boxes) - 1
        self.steps.append(self.seed(root))
        for event in events:
            if isinstance(event, Passed):
                self.played[event.edge] = len(self.steps)
                if event.after is not None:
                    self.changed(self.scene.edges[event.edge].source, event.after)
                self.steps.append(self.backward(event) if event.after is not None else self.into_fold(event))
            else:
                self.changed(event.box, event.after)
                self.steps.append(self.hooked(event))
        self.steps.append(self.end())

    def culprit_since(self, box: int) -> int | None:
        """The step that makes the first number which is not finite, if it is in this box."""
        if self.culprit is None or self.culprit.box != box:
            return None
        return self.tracks[box].valued if self.culprit.edge is None else self.played[self.culprit.edge]

    def changed(self, box: int, gradient: Any) -> None:
        """Note what the gradient of a box is from the step on that is told next."""
        self.tracks[box].gradients.append((len(self.steps), rows(gradient)))

    def slope(self, box: int) -> str:
        """The symbol of a gradient."""
        return f"∂{self.objective}/∂{self.symbols[box]}"

    # --- The kinds of steps -----------------------------------------------------------------------------------------

    def start(self) -> Step:
        """Before anything is computed."""
        leaves = self.leaves()
        words = self.about_leaves("The beginning", leaves, "leaf has its value", "leaves have their values")
        terms = [term("", "", self.symbols[i], self.scene.boxes[i].value) for i in leaves]
        return Step("start", None, None, "", few(terms), [], words)

    def about_leaves(self, when: str, leaves: Sequence[int], one: str, many: str) -> str:
        """What the leaves have, and that more of them are hidden."""
        hidden = sum(box.folded.leaves for box in self.scene.boxes)
        parts = [
            counted(len(leaves), one, many),
            f"{counted(hidden, 'leaf is', 'leaves are')} folded" if hidden else "",
        ]
        return f"{when}: {', '.join(filter(None, parts)) or 'all is constant'}."

    def leaves(self) -> list[int]:
        """The leaves that require a gradient."""
        return [i for i, box in enumerate(self.scene.boxes) if box.kind in ("leaf", "parameter")]

    def forward(self, i: int, box: Box) -> Step:
        """An operation is computed."""
        if box.call is None:
            return self.forward_fold(i, box)
        written = self.written(i)
        sources = [self.scene.boxes[source] for source in self.operands(i).values()]
        terms = [term("", "", self.symbols[i], box.value)]
        if all(not source.is_fold and np.size(source.value) == 1 for source in (*sources, box)):
            form = in_brackets if box.call.fun in SIGNS else str
            texts, sign = to_compute_with(self.function(i), [source.value for source in sources], box.value)
            numbers = expression(box.call, [form(text[0][0]) for text in texts])
            terms = [Term("", "", "", [[numbers]]), term(sign, "", "", box.value)]
        last = i == len(self.scene.boxes) - 1
        told = f"Forward{', the result' if last else ''}: {self.symbols[i]} = {written} = "
        words, saying = f"{told}{inline(box.value)}.", f"{told}{place_for('value', box.value)}."
        if self.culprit is not None and self.culprit[:2] == (i, None):
            words += f" {self.culprit.reason}."
        return Step("forward", i, None, f"{self.symbols[i]} = {written}", terms, [], words, saying=saying)

    def forward_fold(self, i: int, box: Box) -> Step:
        """The operations of a fold are computed, all at once."""
        inputs = ", ".join(self.symbols[edge.source] for edge in self.into[i].values())
        symbols = f"{self.symbols[i]} = {box.module}({inputs})" if box.module else self.symbols[i]
        terms = [] if box.value is None else [term("", "", self.symbols[i], box.value)]
        words = f"Forward: {symbols}, {counted(box.folded.operations, 'operation')}, folded in the picture."
        return Step("forward", i, None, symbols, terms, [], words)

    def seed(self, root: int) -> Step:
        """The derivative of the result by itself."""
        symbols = f"∂{self.objective}/∂{self.symbols[root]} = 1"
        words = f"The seed: the derivative of {self.objective} by {self.symbols[root]} is 1. From here backward."
        value = np.ones(np.shape(self.scene.boxes[root].value))
        self.changed(root, value)
        return Step("seed", root, None, symbols, [term("", "seed", self.slope(root), value)], [], words)

    def backward(self, event: Passed) -> Step:
        """Something comes back along an edge."""
        edge = self.scene.edges[event.edge]
        x, y = self.symbols[edge.source], self.symbols[edge.target]
        result, sign = self.slope(edge.source), "=" if event.before is None else "+="
        found = self.product(event, edge)
        given, via = event.contribution, f"via {y}"
        terms = product_terms(found, given, via)
        single = event.upstream is not None and np.size(given) == np.size(event.upstream) == 1
        begin = f"Backward from {y} to {x}: "
        words = f"{begin}{read_out(found, terms) if single else found.words}."
        saying = f"{begin}{read_out(found, with_places(terms)) if single else found.words}."
        sums = []
        if event.before is not None:
            (before, more), sum_sign = to_compute_with(np.add, [event.before, given], event.after)
            sums = [
                replace(term("", "so far", result, event.before), rows=before),
                replace(term("+", "contribution", via, given), rows=more),
                term("=" if sum_sign == "→" else sum_sign, "sum", result, event.after),
            ]
            added = f"added to {before[0][0]} it gives {inline(event.after)}" if single else "it is added"
            words += f" Paths meet: {added}."
            saying += f" Paths meet: {f'added to {PLACE}so far] it gives {PLACE}sum]' if single else added}."
        if self.culprit is not None and self.culprit.edge == event.edge:
            words += f" The first that is not finite: {self.culprit.reason}."
        return Step(
            "backward", edge.source, event.edge, f"{result} {sign} {found.symbols}", terms, sums, words,
            carried(found, terms), found.matrices, saying,
        )  # fmt: skip

    def into_fold(self, event: Passed) -> Step:
        """Something comes back to a fold that has no single gradient."""
        edge = self.scene.edges[event.edge]
        x, y = self.symbols[edge.source], self.symbols[edge.target]
        upstream = [] if event.upstream is None else [term("", "upstream", self.slope(edge.target), event.upstream)]
        begin = f"Backward from {y} into {x}, which is folded: the largest number that comes back is"
        words, saying = f"{begin} {number(edge.flow)}.", f"{begin} {PLACE}{LARGEST}]."
        return Step("backward", edge.source, event.edge, f"{x} ← {y}", upstream, [], words, saying=saying)

    def product(self, event: Passed, edge: Edge) -> Told:
        """The right-hand side of the chain rule along an edge."""
        place = self.place(edge)
        upstream = self.slope(edge.target)
        if place is None:
            back = f"what comes back through {self.symbols[edge.target]}"
            given = [] if event.upstream is None else [Factor("", "upstream", upstream, event.upstream)]
            return Told(back, given, back, np.positive, "→" if given else "")
        node = self.scene.boxes[edge.target].nodes[0]
        if not RULES[node.fun].elementwise:  # type: ignore[index]
            symbols = {i: self.symbols[box] for i, box in self.operands(edge.target).items()}
            return told(Asked(node, place, event.upstream, upstream, self.letter, symbols), event.contribution)
        local = f"∂{self.symbols[edge.target]}/∂{self.symbols[edge.source]}{self.which(edge)}"
        p = partial(node, place) + 0.0  # a mask becomes numbers
        shape, singular = np.shape(event.contribution), RULES[node.fun].singular  # type: ignore[index]
        summed = shape != np.shape(event.upstream)
        words = "upstream times local derivative"
        return Told(
            f"{upstream} {TIMES} {local}",
            [Factor("", "upstream", upstream, event.upstream), Factor(TIMES, "local derivative", local, p)],
            f"{words}, summed, since {self.symbols[edge.source]} was broadcast" if summed else words,
            lambda g, p: sum_to(np.asarray(times(g, p, singular)), shape),
            label="contribution, summed" if summed else "contribution",
        )

    def hooked(self, event: Hooked) -> Step:
        """A hook replaces a gradient."""
        slope = self.slope(event.box)
        terms = [term("", "before", slope, event.before), term("→", "after", slope, event.after)]
        words = f"A hook changed {slope} from {inline(event.before)} to {inline(event.after)}."
        return Step("hook", event.box, None, f"{slope} = hook({slope})", terms, [], words)

    def end(self) -> Step:
        """All is there."""
        leaves = [i for i in self.leaves() if i in self.final]
        words = self.about_leaves("The end", leaves, "leaf has its gradient", "leaves have their gradients")
        terms = [term("", "gradient", self.slope(i), self.final[i]) for i in leaves]
        return Step("end", None, None, "", few(terms), [], words)

    def function(self, box: int) -> Callable[..., Any]:
        """What the operation of a box makes of other operands than its own."""
        node, places = self.scene.boxes[box].nodes[0], self.operands(box)

        def computed(*operands: Any) -> Any:
            given = dict(zip(places, operands))
            return node.fun(*(given.get(i, v) for i, v in enumerate(node.values)), **node.kwargs)  # type: ignore[misc]

        return computed

    # --- Formulas ---------------------------------------------------------------------------------------------------

    def operands(self, box: int) -> dict[int, int]:
        """The boxes of an operation's operands, by their places among its arguments."""
        node = self.scene.boxes[box].nodes[0]
        plain = {e.operand: e.source for e in self.into[box].values() if not self.scene.boxes[e.source].nodes}
        places = sorted_arguments(node)[0]
        return {
            i: self.box_of[node.args[i]] if isinstance(node.args[i], Node) else plain[operand]
            for operand, i in enumerate(places)
        }

    def place(self, edge: Edge) -> int | None:
        """Which argument of an operation an edge leads to; None at a fold, or if a fold gives it more than one."""
        if self.scene.boxes[edge.target].is_fold:
            return None
        if not self.scene.boxes[edge.source].is_fold:
            return sorted_arguments(self.scene.boxes[edge.target].nodes[0])[0][edge.operand]
        places = [i for i, box in self.operands(edge.target).items() if box == edge.source]
        return places[0] if len(places) == 1 else None

    def written(self, box: int) -> str:
        """The call that made a box, as one writes it; nothing of what no call made."""
        call = self.scene.boxes[box].call
        return expression(call, [self.symbols[i] for i in self.operands(box).values()]) if call else ""

    def formula(self, edge: Edge, place: int) -> Formula:
        """The formula of the derivative of the operation that an edge leads to, by its argument at `place`."""
        return formula_of(RULES[self.scene.boxes[edge.target].nodes[0].fun], place)  # type: ignore[index]

    def which(self, edge: Edge) -> str:
        """Which operand is meant, where an operation has the same one twice."""
        twins = [e for e in self.into[edge.target].values() if e.source == edge.source]
        return f" (operand {edge.operand + 1})" if len(twins) > 1 else ""

    def meaning(self, edge: Edge, formula: Formula) -> dict[str, str]:
        """The symbols that the parameters of a formula along an edge stand for."""
        node, operands = self.scene.boxes[edge.target].nodes[0], self.operands(edge.target)
        known = [self.symbols[edge.target]]
        for i, value in enumerate(node.values):
            known.append(self.symbols[operands[i]] if i in operands else index(value))
        if not RULES[node.fun].elementwise:  # type: ignore[index]
            known.insert(0, self.slope(edge.target))
        return dict(zip(formula.parameters, known))


def symbol_of_fold(box: Box) -> str:
    """What a fold is called: its module's name, or how much there is in it."""
    return headings(box)[0].removeprefix("… ")


def inline(value: Any) -> str:
    """A number within a sentence, or the shape of an array."""
    return number(np.reshape(value, ())) if np.size(value) == 1 else f"an array {shape_and_dtype(value)}"


def place_for(label: str, value: Any) -> str:
    """A place for a number within a sentence; what is said of an array has none."""
    return f"{PLACE}{label}]" if np.size(value) == 1 else inline(value)


def few(terms: Sequence[Term]) -> Sequence[Term]:
    """The terms, if they are not too many to be seen at once."""
    return terms if len(terms) <= FEW else []
