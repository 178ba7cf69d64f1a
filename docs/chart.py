"""The chart of neural networks, drawn anew: its table of cells, the poster as an SVG, and the results of the last run.

After "A mostly complete chart of Neural Networks" by Fjodor van Veen, Asimov Institute, 2016: its networks, their order
and its thirteen kinds of cells. How many cells stand in a pool or a ring is ours; so are the marks inside of the cells,
which tell them apart without their colours.
"""

from __future__ import annotations

import re
import textwrap
from html import escape
from itertools import combinations, pairwise, product
from pathlib import Path
from typing import NamedTuple

import numpy as np

from autograd.draw.cells import LOOPED, MARKS
from demos.course import PROGRAMS, heading

INPUT, HIDDEN, OUTPUT, RECURRENT, KERNEL = "#f4c430", "#6cc06a", "#f08c3a", "#63a9ea", "#dc8fcf"

COLOURS = {
    "backfed input": INPUT, "input": INPUT, "noisy input": INPUT, "hidden": HIDDEN, "probabilistic hidden": HIDDEN,
    "spiking hidden": HIDDEN, "output": OUTPUT, "match input output": OUTPUT, "recurrent": RECURRENT,
    "memory": RECURRENT, "different memory": RECURRENT, "kernel": KERNEL, "convolution or pool": KERNEL,
}  # fmt: skip
KINDS = {kind: (COLOURS[kind], mark) for kind, mark in MARKS.items()}  # kind -> its colour and its mark


class Network(NamedTuple):
    """One network of the chart: `cells` by columns, from the input on; `wires` is how they are joined."""

    short: str
    name: str
    program: str
    cells: str
    wires: str = "layers"

    @property
    def columns(self) -> list[list[str]]:
        """The kind of every cell, by columns."""
        groups = [[part.split(" ", 1) for part in column.split(" + ")] for column in self.cells.split(" | ")]
        return [[kind for number, kind in column for _ in range(int(number))] for column in groups]


# The chart, row by row.
CHART = [
    [
        Network("P", "Perceptron", "rosenblatt", "2 input | 1 output"),
        Network("FF", "Feed forward", "feed_forward", "2 input | 2 hidden | 1 output"),
        Network("RBF", "Radial basis network", "radial_basis", "2 input | 2 hidden | 1 output"),
        Network("DFF", "Deep feed forward", "deep_feed_forward", "3 input | 4 hidden | 4 hidden | 2 output"),
    ],
    [
        Network("RNN", "Recurrent neural network", "recurrent", "3 input | 3 recurrent | 3 recurrent | 3 output"),
        Network("LSTM", "Long/short term memory", "long_short_term_memory", "3 input | 3 memory | 3 memory | 3 output"),
        Network(
            "GRU", "Gated recurrent unit", "gated_recurrent_unit",
            "3 input | 3 different memory | 3 different memory | 3 output",
        ),
    ],
    [
        Network("AE", "Auto encoder", "autoencoder", "4 input | 2 hidden | 4 match input output"),
        Network("VAE", "Variational auto encoder", "variational",
                "4 input | 4 probabilistic hidden | 4 match input output"),
        Network("DAE", "Denoising auto encoder", "denoising", "4 noisy input | 4 hidden | 4 match input output"),
        Network("SAE", "Sparse auto encoder", "sparse", "2 input | 4 hidden | 2 match input output"),
    ],
    [
        Network("MC", "Markov chain", "markov_chain", "8 probabilistic hidden", "ring"),
        Network("HN", "Hopfield network", "hopfield", "8 backfed input", "ring"),
        Network("BM", "Boltzmann machine", "boltzmann", "4 backfed input + 4 probabilistic hidden", "ring"),
        Network("RBM", "Restricted Boltzmann machine", "restricted_boltzmann",
                "3 backfed input | 4 probabilistic hidden"),
        Network(
            "DBN", "Deep belief network", "deep_belief",
            "4 backfed input | 4 probabilistic hidden | 4 hidden | 4 probabilistic hidden | 4 hidden"
            " | 4 probabilistic hidden | 4 match input output",
        ),
    ],
    [
        Network(
            "DCN", "Deep convolutional network", "deep_convolutional",
            "5 input | 5 kernel | 4 convolution or pool | 3 convolution or pool | 4 hidden | 4 hidden | 3 output",
        ),
        Network(
            "DN", "Deconvolutional network", "deconvolutional",
            "2 input | 3 convolution or pool | 4 convolution or pool | 5 kernel | 5 output",
        ),
        Network(
            "DCIGN", "Deep convolutional inverse graphics network", "inverse_graphics",
            "5 input | 5 kernel | 4 convolution or pool | 3 probabilistic hidden | 4 convolution or pool | 5 kernel"
            " | 5 output",
        ),
    ],
    [
        Network(
            "GAN", "Generative adversarial network", "generative_adversarial",
            "3 backfed input | 4 hidden | 4 hidden | 3 match input output | 4 hidden | 4 hidden | 2 match input output",
        ),
        Network("LSM", "Liquid state machine", "liquid_state", "3 input | 9 spiking hidden | 3 output", "random"),
        Network("ELM", "Extreme learning machine", "extreme_learning", "3 input | 9 hidden | 3 output", "random"),
        Network("ESN", "Echo state network", "echo_state", "3 input | 9 recurrent | 3 output", "random"),
    ],
    [
        Network("DRN", "Deep residual network", "deep_residual",
                "1 input | 1 hidden | 1 hidden | 1 hidden | 1 hidden | 1 hidden | 1 hidden | 1 hidden | 1 hidden"
                " | 1 output", "skips"),
        Network("KN", "Kohonen network", "kohonen", "2 input | 9 hidden", "grid"),
        Network("SVM", "Support vector machine", "support_vector", "3 input | 3 hidden | 1 output"),
        Network("NTM", "Neural Turing machine", "neural_turing_machine",
                "3 input | 2 hidden | 2 hidden | 3 hidden | 3 memory | 1 output", "turing"),
    ],
]  # fmt: skip

Points = list[tuple[float, float]]
ACROSS, DOWN, WIDTH, LEGEND, LINE = 35, 27, 960, 190, 16
LOCAL = {"input", "kernel", "convolution or pool", "output"}  # between these each cell sees its neighbours only


def spelled(network: Network) -> str:
    """The cells in words: equal columns beside each other are counted."""
    groups: list[tuple[str, int]] = []
    for column in re.sub(r"\b([2-9] (?:\w+ )?(?:input|output|kernel))(?= \||$| \+)", r"\1s", network.cells).split(
        " | "
    ):
        alike = bool(groups) and groups[-1][0] == column
        groups[-1:] = [(column, groups[-1][1] + 1)] if alike else [*groups[-1:], (column, 1)]
    how = {"ring": ", fully joined", "random": ", random wires", "skips": ", with skips", "grid": " in a grid"}
    return ", ".join(f"{n} × {column}" if n > 1 else column for column, n in groups) + how.get(network.wires, "")


def placed(network: Network) -> list[Points]:
    """Where the cells are, by columns; the middle of the first column is not far from (0, 0)."""
    columns, wires = network.columns, network.wires
    if wires == "ring":
        turns = np.arange(len(columns[0])) * 2 * np.pi / len(columns[0]) - np.pi / 2
        return [[(52 * np.cos(a), 52 * np.sin(a)) for a in turns]]
    points = [
        [(ACROSS * x, DOWN * (y - (len(column) - 1) / 2)) for y in range(len(column))]
        for x, column in enumerate(columns)
    ]
    if wires == "random":  # a pool: a grid, shaken
        shake = np.random.default_rng(3).uniform(-8, 8, (9, 2))
        points[1] = [(ACROSS * (1.2 + k % 3) + dx, 34 * (k // 3 - 1) + dy) for k, (dx, dy) in enumerate(shake)]
        points[2] = [(ACROSS * 4.4, y) for _, y in points[2]]
    if wires == "grid":
        points[1] = [(ACROSS * (1.4 + k % 3), 32 * (k // 3 - 1)) for k in range(9)]
    return points


def local(kinds: list[str]) -> bool:
    """Whether two layers are joined only from neighbour to neighbour."""
    return set(kinds) <= LOCAL and bool(set(kinds) & {"kernel", "convolution or pool"})


def wired(network: Network, points: list[Points]) -> list[str]:
    """The paths between the cells."""

    def straight(a: tuple[float, float], b: tuple[float, float]) -> str:
        return f"M{a[0]:.0f} {a[1]:.0f}L{b[0]:.0f} {b[1]:.0f}"

    if network.wires == "ring":
        return [straight(a, b) for a, b in combinations(points[0], 2)]
    if network.wires == "random":
        rng = np.random.default_rng(5)
        inputs, pool, outputs = points
        paths = [straight(a, pool[k]) for a in inputs for k in rng.choice(9, 3, replace=False)]
        paths += [straight(pool[k], b) for b in outputs for k in rng.choice(9, 3, replace=False)]
        return paths + [straight(*pair) for pair in combinations(pool, 2) if rng.random() < 0.4]
    paths = []
    for (before, after), (left, right) in zip(pairwise(points), pairwise(network.columns)):
        near = local([left[0], right[0]])
        paths += [straight(a, b) for a, b in product(before, after) if not near or abs(a[1] - b[1]) < 1.2 * DOWN]
    if network.wires == "skips":
        paths += [f"M{a[0][0]:.0f} 0q{ACROSS} -46 {2 * ACROSS} 0" for a in points[:-2]]
    if network.wires == "grid":
        paths += [straight(a, b) for a, b in combinations(points[1], 2) if abs(a[0] - b[0]) + abs(a[1] - b[1]) < 40]
    if network.wires == "turing":  # past the memory
        (last,) = points[-1]
        paths += [f"M{x:.0f} {y:.0f}Q{(x + last[0]) / 2:.0f} {2.1 * y:.0f} {last[0]} 0" for x, y in points[3] if y]
    return paths


def cell(kind: str, x: float, y: float) -> str:
    """One cell."""
    colour, mark = KINDS[kind]
    return f'<g transform="translate({x:.1f} {y:.1f})"><circle r="10" class="cell" style="fill: {colour}"/>{mark}</g>'


def drawing(network: Network) -> tuple[str, float, float, float]:
    """The wires and cells of a network, with the width that they take, where they begin, and their height."""
    points = placed(network)
    every = [point for column in points for point in column]
    kinds = [kind for column in network.columns for kind in column]
    if network.wires == "ring":  # its kinds take turns
        half = len(kinds) // 2
        kinds = [kind for pair in zip(kinds[:half], kinds[half:]) for kind in pair]
    loops = "".join(
        f'<circle cx="{x:.1f}" cy="{y - 10:.1f}" r="5.5"/>' for (x, y), kind in zip(every, kinds) if kind in LOOPED
    )
    wires = f'<g class="wires"><path d="{"".join(wired(network, points))}"/>{loops}</g>'
    left, right = min(x for x, _ in every) - 12, max(x for x, _ in every) + 12
    height = max(y for _, y in every) - min(y for _, y in every) + 32
    return wires + "".join(cell(kind, *point) for kind, point in zip(kinds, every)), right - left, left, height


def block(network: Network, x: float, y: float, width: float, height: float, lines: int) -> str:
    """A network at its place, with its name above it and, where its program exists, a link."""
    picture, wide, left, _ = drawing(network)
    name, middle, words = f"{network.name} ({network.short})", x + width / 2, wrapped(network, width)
    texts = "".join(
        f'<text x="{middle:.0f}" y="{y + LINE * (lines - len(words) + k + 1) - 4:.0f}">{escape(line)}</text>'
        for k, line in enumerate(words)
    )
    at = f"translate({middle - wide / 2 - left:.1f} {y + LINE * lines + height / 2:.1f})"
    area = f'<rect x="{x:.0f}" y="{y - 4:.0f}" width="{width:.0f}" height="{height + LINE * lines + 8:.0f}" rx="8"/>'
    inner = f'<title>{escape(name)}: {spelled(network)}</title>{area}{texts}<g transform="{at}">{picture}</g>'
    if network.program not in PROGRAMS:
        return f"<g>{inner}</g>"
    return f'<a href="course/zoo/{network.program}.html" aria-label="{escape(name)}">{inner}</a>'


def wrapped(network: Network, width: float) -> list[str]:
    """The name in lines."""
    return textwrap.wrap(f"{network.name} ({network.short})", max(13, int(width / 7.2)))


def legend(x: float, y: float) -> str:
    """What each kind of cell looks like."""
    entries = [
        cell(kind, x + 12, y + 26 * k) + f'<text x="{x + 30}" y="{y + 26 * k + 4.5}">{kind}</text>'
        for k, kind in enumerate(KINDS)
    ]
    return f'<g class="legend">{"".join(entries)}</g>'


STYLE = """
.chart { width: 100%; min-width: 900px; height: auto; font: 13px var(--font-stack, sans-serif); }
.chart text { fill: currentColor; text-anchor: middle; }
.chart .legend text { text-anchor: start; }
.chart a { text-decoration: none; }
.chart rect { fill: currentColor; fill-opacity: 0; stroke: none; }
.chart a:hover rect, .chart a:focus rect { fill-opacity: 0.08; }
.chart a:hover text, .chart a:focus text { text-decoration: underline; }
.chart .wires { color: var(--color-foreground-primary, inherit); }
.chart .wires { fill: none; stroke: currentColor; stroke-opacity: 0.4; }
.chart .cell, .chart .cell ~ * { fill: none; stroke: #222; stroke-width: 1.5; }
.chart .cell ~ * { stroke-linejoin: round; stroke-linecap: round; }
.chart .cell ~ .dots { stroke-width: 2.6; }
.chart .cell ~ .full { fill: #222; stroke: none; }
"""


def poster() -> str:
    """The whole chart as one SVG, to stand in a page."""
    parts, y = [], 12.0
    for k, row in enumerate(CHART):
        first = LEGEND if k < 3 else 0  # beside the legend
        sizes = [max(drawing(network)[1], 104) for network in row]
        height = max(drawing(network)[3] for network in row)
        room = (WIDTH - first - sum(sizes)) / len(row)
        widths = [size + min(room, 60) for size in sizes]
        lines = max(len(wrapped(network, width)) for network, width in zip(row, widths))
        gap = (WIDTH - first - sum(widths)) / len(row)
        x = first + gap / 2
        for network, width in zip(row, widths):
            parts.append(block(network, x, y, width, height, lines))
            x += width + gap
        y += height + LINE * lines + 14
    total = sum(map(len, CHART))
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {y:.0f}" role="group" aria-labelledby="chart-title chart-text">'
        f'<title id="chart-title">A chart of {total} neural networks</title><desc id="chart-text">Each network as '
        f"circles, joined as they are in it, in {len(KINDS)} kinds of cells that differ in colour and mark. Each leads "
        f"to its program.</desc><style>{STYLE}</style>{legend(4, 24)}{''.join(parts)}</svg>"
    ).replace("\n", " ")


def fields(path: Path) -> dict[str, str]:
    """The fields at the head of a program: its cells, its paper, what is learned, and its criterion."""
    return dict(re.findall(r"^:(\w+): (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE))


def results(docs: Path) -> str:
    """The networks whose programs exist, with what their last run had for a result, as Markdown.

    Raises:
        LookupError: for a program whose page has no result or no picture of its cells, or more than one.

    """
    columns = ["network", "cells", "paper", "learned", "criterion", "result of the last run"]
    rows = [columns, ["---"] * len(columns)]
    for network in [network for row in CHART for network in row if network.program in PROGRAMS]:
        folder, name = "course/zoo", network.program
        found = re.findall(r"^ +result: (.+)$", (docs / folder / f"{name}.rst").read_text(encoding="utf-8"), re.M)
        if len(found) != 1:
            raise LookupError(f"the page of {name} has {len(found)} lines `result: ...` in what it printed")
        pictures = list((docs / folder / "images").glob(f"sphx_glr_{name}_0*.svg"))
        if len(pictures) != 1:
            raise LookupError(f"the page of {name} has {len(pictures)} pictures of its cells")
        (thumb,) = (docs / folder / "images" / "thumb").glob(f"sphx_glr_{name}_thumb.*")
        title, facts = heading(PROGRAMS[name])[0], fields(PROGRAMS[name])
        link = f"[{title} ({network.short})](/{folder}/{name}.rst)"
        cells = f"[![{title}: its cells](/{folder}/images/{pictures[0].name})](/{folder}/{name}.rst)"
        texts = [re.sub(r"([\\`*_<>\[\]|$])", r"\\\1", text) for text in (
            spelled(network), facts["Paper"], facts["Learned"], facts["Criterion"], found[0]
        )]  # fmt: skip
        rows.append(
            [f"![{title}: its picture](/{folder}/images/thumb/{thumb.name}) {link}", f"{cells} {texts[0]}", *texts[1:]]
        )
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
