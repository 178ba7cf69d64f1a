"""The player in a real Chromium: what a reader sees, hears, clicks, types and prints."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor, Value, draw
from demos.player import PLAYED

OUT = Path(__file__).parents[3] / "out"
HOSTILE = "</script><script>alert(1)</script>"


def hostile() -> Any:
    """Names and texts that would break a page which does not escape them."""
    x = Tensor([1.0, 2.0], True, name=HOSTILE)
    y = x * Tensor([3.0, 4.0], name="<!-- \"quotes\" & 'apostrophes' {{js}} \\ \u2028 重み")
    y.name = "<b>y</b>"
    return np.sum(y)


def hooked() -> Any:
    x = Value(2.0, "x")
    y = x * x
    y.register_hook(lambda g: g * 0.5)
    return y + 1


def folded() -> Any:
    x = Value(0.5, "x")
    y = x
    for _ in range(300):
        y = y.tanh() + x * 0.001
    return y


def growing() -> Any:
    """Sums on the way that are wider than the last one."""
    x = Value(1.0, "x")
    return x * -1.2345e-5 + x * 1.2345e-5 + x * 0.0


def large() -> Any:
    rng = np.random.default_rng(0)
    W = Tensor(rng.normal(size=(30, 20)), True, dtype=np.float32, name="W")
    return np.mean(np.maximum(Tensor(rng.normal(size=(8, 30)), dtype=np.float32, name="X") @ W, 0))


GRAPHS: dict[str, Callable[[], Any]] = {
    **PLAYED, "hostile": hostile, "hooked": hooked, "folded": folded, "growing": growing, "large": large,
}  # fmt: skip
OPTIONS: dict[str, dict[str, Any]] = {"folded": {"max_nodes": 30}}


@pytest.fixture(scope="session")
def written(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """The address of the player of a graph, which is written when it is first asked for."""

    @functools.cache
    def write(name: str) -> str:
        with ag.debug.lines():
            root = GRAPHS[name]()
        path = tmp_path_factory.mktemp("players") / f"{name}.html"
        return draw(root, **OPTIONS.get(name, {})).save(path).as_uri()

    return write


@pytest.fixture
def visit(page: Any, written: Callable[[str], str]) -> Callable[..., Any]:
    """Open the player of a graph at a step."""

    def go(name: str, step: int | str = 0) -> Any:
        page.goto("about:blank")
        page.goto(f"{written(name)}#step={step}")
        return page

    return go


def step_of(page: Any, address: bool = True) -> int:
    """The step that the page shows, by each of the places that say it."""
    step = page.evaluate("reading.step")
    last = page.evaluate("last")
    assert page.inner_text("#count") == f"{step} of {last}"
    assert page.inner_text("#words").startswith(f"Step {step} of {last}. ")
    assert page.input_value("#scrub") == str(step)
    if address:
        page.wait_for_url(f"**#step={step}")
    assert page.locator("tr[aria-current]").get_attribute("id") == f"row{step}"
    return int(step)


def steps(page: Any) -> int:
    return int(page.evaluate("last")) + 1


# --- Moving -------------------------------------------------------------------------------------------------------


def test_the_buttons_move(visit: Any) -> None:
    page = visit("diamond")
    assert step_of(page) == 0
    assert page.is_disabled("#first")
    assert page.is_disabled("#back")
    page.click("#next")
    page.click("#next")
    assert step_of(page) == 2
    page.click("#back")
    assert step_of(page) == 1
    page.click("#last")
    assert step_of(page) == steps(page) - 1
    assert page.is_disabled("#last")
    assert page.is_disabled("#next")
    page.click("#first")
    assert step_of(page) == 0


def test_the_keys_move(visit: Any) -> None:
    page = visit("diamond")
    for key, step in (
        ("ArrowLeft", 0), ("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", steps(page) - 1),
        ("ArrowRight", steps(page) - 1), ("Home", 0),
    ):  # fmt: skip
        page.keyboard.press(key)
        assert step_of(page) == step
    page.keyboard.press("Control+ArrowRight")
    assert step_of(page) == 0


def test_the_slider_scrubs(visit: Any) -> None:
    page = visit("diamond")
    page.locator("#scrub").fill("5")
    assert step_of(page) == 5
    page.focus("#scrub")
    page.keyboard.press("ArrowRight")
    assert step_of(page) == 6
    assert page.get_attribute("#scrub", "aria-valuetext").startswith("Backward from")
    page.locator("#scrub").press("Home")
    assert step_of(page) == 0


def test_it_plays_pauses_and_stops_at_the_end(visit: Any) -> None:
    page = visit("diamond")
    page.clock.install()
    page.click("#play")
    assert page.inner_text("#play") == "Pause"
    page.clock.run_for(1500)
    assert step_of(page, address=False) == 1
    page.clock.run_for(3000)
    assert step_of(page, address=False) == 3
    page.keyboard.press("ArrowLeft")  # whoever moves by hand does not want to be carried on
    assert page.inner_text("#play") == "Play"
    page.clock.run_for(9000)
    assert step_of(page, address=False) == 2
    page.select_option("#speed", "fast")
    page.locator("body").press("Space")
    page.clock.run_for(500)
    assert step_of(page, address=False) == 3
    page.locator("body").press("Space")
    page.clock.run_for(5000)
    assert step_of(page, address=False) == 3
    page.click("#play")
    page.select_option("#speed", "slow")
    page.clock.run_for(2900)
    assert step_of(page, address=False) == 3
    page.clock.run_for(100_000)
    assert step_of(page, address=False) == steps(page) - 1
    assert page.inner_text("#play") == "Play"
    page.click("#play")  # once more from the beginning
    assert step_of(page, address=False) == 0


def test_the_address_says_the_step(visit: Any) -> None:
    page = visit("diamond", 7)
    assert step_of(page) == 7
    page.reload()
    assert step_of(page) == 7
    page.click("#next")
    assert step_of(page) == 8
    page.reload()
    assert step_of(page) == 8
    page.evaluate("location.hash = '#step=3'")
    page.locator("#count", has_text="3 of").wait_for()
    assert step_of(page) == 3
    page.click("#row2 a")
    page.locator("#count", has_text="2 of").wait_for()
    assert step_of(page) == 2


@pytest.mark.parametrize(("address", "step"), [("99999", -1), ("-3", 0), ("x", 0), ("", 0), ("1e3", 0)])
def test_an_address_that_makes_no_sense(visit: Any, address: str, step: int) -> None:
    page = visit("diamond", address)
    assert step_of(page) == step % steps(page)


IDENTITY = """() => {
    const snapshot = () => document.querySelector("main").outerHTML
        .replace(/ class="([^"]*)"/g, (all, names) => names && ` class="${names.split(" ").sort().join(" ")}"`)
        + [...document.querySelectorAll("input, select")].map((e) => e.value);
    const wrong = [], seen = [];
    const same = (step, name) => { if (snapshot() !== seen[step]) wrong.push(`${name} at ${step}`); };
    for (let step = 0; step <= last; step++) {
        go(step);
        seen.push(snapshot());
        if (step < last) { $("next").click(); $("back").click(); same(step, "next, previous"); }
        if (step > 0) { $("back").click(); $("next").click(); same(step, "previous, next"); }
    }
    for (let step = last; step >= 0; step--) { go(step); same(step, "from the end"); }
    return [wrong, new Set(seen).size];
}"""


@pytest.mark.parametrize("name", GRAPHS)
def test_next_then_previous_is_the_identity(visit: Any, name: str) -> None:
    page = visit(name)
    assert page.evaluate(IDENTITY) == [[], steps(page)]


# --- What is shown ------------------------------------------------------------------------------------------------


def graph_of(name: str) -> dict[str, Any]:
    """The nodes of a demo's graph by their names, after a backward pass that keeps every gradient."""
    root = PLAYED[name]()
    nodes, stack = {root}, [root]
    while stack:
        found = {arg for arg in stack.pop().args if isinstance(arg, Tensor | Value) and arg.requires_grad} - nodes
        nodes |= found
        stack += found
    for node in nodes:
        node.retain_grad()
    root.backward()
    return {node.name: node for node in nodes if node.name}


@pytest.mark.parametrize("name", PLAYED)
def test_the_numbers_shown_are_the_engines(visit: Any, name: str) -> None:
    page = visit(name)
    page.keyboard.press("End")
    for symbol, node in graph_of(name).items():
        i = page.evaluate(f"data.boxes.findIndex(({{symbol}}) => symbol === {symbol!r})")
        shown = page.locator(f"#n{i} text.gradient").all_text_contents()
        gradient = np.reshape(node.grad, -1)
        assert len(shown) == gradient.size
        for text, number in zip(shown, gradient.tolist()):
            assert float(text) == pytest.approx(number, rel=6e-3 if gradient.size > 1 else 6e-4, abs=6e-4)
        page.evaluate(f"choose({i})")
        terms = page.locator("#node dd").all_inner_texts()
        if gradient.size == 1 and not np.shape(node.grad):
            assert float(terms[-1]) == float(node.grad)  # to the last digit
            assert float(terms[-2]) == float(node.data)


def test_every_step_of_the_chain_rule_is_right(visit: Any) -> None:
    page = visit("perceptron")
    nodes = graph_of("perceptron")
    for step in range(steps(page)):
        page.evaluate(f"go({step})")
        if page.inner_text("#phase") != "Backward":
            continue
        upstream, local, contribution = map(float, page.locator("#terms .numbers").all_inner_texts())
        assert contribution == pytest.approx(upstream * local, rel=2e-3)
        name = page.inner_text("#symbols").split(" ")[0].removeprefix("∂loss/∂")
        if name in nodes:
            assert contribution == pytest.approx(nodes[name].grad, rel=1e-3)


def test_where_paths_meet_it_says_so(visit: Any) -> None:
    page = visit("diamond")
    x = 1.5
    page.evaluate("go(data.steps.findLastIndex(({ phase }) => phase === 'backward'))")
    assert " += " in page.inner_text("#symbols")
    before, contribution, after = map(float, page.locator("#sums .numbers").all_inner_texts())
    assert after == pytest.approx(2 * x * np.sin(x) + x * x * np.cos(x), rel=1e-3)
    assert before + contribution == pytest.approx(after, abs=2e-3)
    assert "Paths meet" in page.inner_text("#words")
    page.click("#back")
    assert float(page.text_content("#n0 text.gradient")) == before


def test_nothing_is_told_before_its_step(visit: Any) -> None:
    page = visit("perceptron")
    visible = "[...document.querySelectorAll('#picture .number')].filter((e) => getComputedStyle(e).visibility" + (
        " === 'visible' && e.textContent).map((e) => e.textContent)"
    )
    assert sorted(map(float, page.evaluate(visible))) == [-1.0, 0.25, 0.5, 1.5, 2.0]  # the leaves
    assert "title" not in page.evaluate("[...document.querySelectorAll('#picture *')].map((e) => e.tagName)")
    page.evaluate("choose(data.boxes.length - 1)")
    assert page.inner_text("#node dd >> nth=2") == "not computed yet"
    assert page.inner_text("#node dd >> nth=3") == "not known yet"
    page.evaluate("go(1)")
    assert len(page.evaluate(visible)) == 6


def test_a_node_is_chosen_by_pointer_keyboard_or_tap(visit: Any) -> None:
    page = visit("perceptron", 7)
    title = "#node h2"
    assert page.inner_text(title) == "loss = square(v4)"
    page.hover("#n2")
    assert page.inner_text(title) == "v1 = w1 × x1"
    page.hover("h1")
    assert page.inner_text(title) == "loss = square(v4)"
    page.click("#n2")
    page.hover("h1")
    assert page.inner_text(title) == "v1 = w1 × x1"
    page.keyboard.press("Escape")
    assert page.inner_text(title) == "loss = square(v4)"
    page.focus("#stage")
    page.keyboard.press("Tab")
    assert page.inner_text(title) == "w1, a leaf"
    page.keyboard.press("Tab")
    assert page.inner_text(title) == "x1, a leaf"
    page.keyboard.press("ArrowLeft")
    assert page.inner_text(title) == "v4 = y - 1"
    assert step_of(page) == 6
    page.keyboard.press("Enter")
    assert page.inner_text(title) == "x1, a leaf"
    assert step_of(page) == 6
    page.click("#n2")
    page.click("#node button >> text=w1")
    assert page.inner_text(title) == "w1, a leaf"


def test_the_formula_is_that_of_the_table(visit: Any) -> None:
    page = visit("perceptron")
    page.keyboard.press("End")
    page.evaluate("choose(data.boxes.findIndex(({ symbol }) => symbol === 'y'))")
    y = 1 / (1 + np.exp(0.25))
    rule = page.locator("#node .rule").inner_text().splitlines()
    assert rule[0] == "∂y/∂x = y * (1 - y)"
    where = next(line for line in rule if line.startswith("in the table: "))
    name, _, line = where.removeprefix("in the table: ").partition(":")
    source = (Path(ag.__file__).parents[1] / name).read_text(encoding="utf-8").splitlines()
    assert "partials(sigmoid," in source[int(line) - 1]
    assert rule[-1] == f"∂y/∂z = y * (1 - y) = {y:.4g} * (1 - {y:.4g}) = {y * (1 - y):.4g}"


def test_the_line_of_the_program(visit: Any) -> None:
    page = visit("diamond")
    page.keyboard.press("ArrowRight")
    assert page.locator("#lines .now").inner_text().split(maxsplit=1)[1] == "left = x * x"
    page.click("#lines >> text=y = left * right")
    assert page.inner_text("#symbols") == "y = left × right"
    assert page.locator("#lines .now").inner_text().split(maxsplit=1)[1] == "y = left * right"
    assert "demos/player.py" in page.inner_text("#code")


def test_without_lines_it_says_how_to_get_them(page: Any, tmp_path: Path) -> None:
    page.goto(draw(Value(2.0, "x") * 3).save(tmp_path / "plain.html").as_uri())
    assert "with autograd.debug.lines():" in page.inner_text("#code")


def test_the_secant_becomes_the_tangent(visit: Any) -> None:
    page = visit("diamond", 5)
    page.evaluate("choose(data.boxes.findIndex(({ symbol }) => symbol === 'right'))")
    assert page.locator("#derivative option").all_inner_texts() == ["∂right/∂x", "∂y/∂right, whole graph"]
    assert page.inner_text("#about") == "right as a function of x alone"
    for k in (0, 3, 21):
        h = 2.0 ** (1 - k)
        page.locator("#h").fill(str(k))
        slope = (np.sin(1.5 + h) - np.sin(1.5)) / h
        assert f"With h = {h:.5g}"[:14] in page.inner_text("#slopes")
        assert f"has the slope {slope:.5g};"[:22] in page.inner_text("#slopes")
        assert f"the derivative is {np.cos(1.5):.5g}," in page.inner_text("#slopes")
    x1, y1, x2, y2 = (page.locator("#plot .secant").get_attribute(name) for name in ("x1", "y1", "x2", "y2"))
    tangent = [page.locator("#plot line.tangent").get_attribute(name) for name in ("x1", "y1", "x2", "y2")]
    assert [float(x) for x in (x1, y1, x2, y2)] == pytest.approx([float(x) for x in tangent], abs=0.01)
    page.focus("#h")
    page.keyboard.press("ArrowLeft")
    assert page.input_value("#h") == "20"
    assert step_of(page) == 5
    page.select_option("#derivative", "∂y/∂right, whole graph")
    assert page.inner_text("#about") == "y as a function of right, all that follows computed anew"
    assert "the derivative is 2.25" in page.inner_text("#slopes")


def test_the_step_chooses_its_own_derivative(visit: Any) -> None:
    page = visit("diamond")
    for step in range(steps(page)):
        page.evaluate(f"go({step})")
        edge = page.evaluate("data.steps[reading.step].edge")
        if edge is not None:
            assert page.input_value("#derivative") == page.evaluate(f"data.edges[{edge}].check.name")


def test_an_edge_can_be_clicked(visit: Any) -> None:
    page = visit("diamond")
    page.locator("#e1").dispatch_event("click")
    assert page.input_value("#derivative") == page.evaluate("data.edges[1].check.name")


def test_hostile_names_are_text(visit: Any) -> None:
    page = visit("hostile")
    dialogs: list[Any] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog))
    symbols = page.evaluate("data.boxes.map(({ symbol }) => symbol)")
    assert page.text_content("#n0 text >> nth=0").startswith("</script>")
    for step in range(steps(page)):
        page.evaluate(f"go({step})")
        for i in range(len(symbols)):
            page.evaluate(f"choose({i})")
            assert symbols[i] in page.text_content("#node h2")
    assert page.locator("main b b, #node b, td b").count() == 0
    assert page.locator("script").count() == 2
    assert dialogs == []


def test_a_hook_has_its_step(visit: Any) -> None:
    page = visit("hooked")
    page.evaluate("go(data.steps.findIndex(({ phase }) => phase === 'hook'))")
    assert page.inner_text("#words").endswith("A hook changed ∂v2/∂v1 from 1 to 0.5.")


def test_a_folded_graph_says_what_is_not_told(visit: Any) -> None:
    page = visit("folded")
    assert "what goes on inside a fold is computed, but not told" in page.inner_text("#all")
    page.keyboard.press("ArrowRight")
    assert "folded in the picture" in page.inner_text("#words")
    assert "stands for" in page.inner_text("#node")


def test_large_arrays_are_summed_up(visit: Any) -> None:
    page = visit("large", 1)
    assert page.locator("#terms th").all_inner_texts() == ["min", "mean", "max"]
    assert "(min " in page.inner_text("#row1")
    assert "float32" in page.inner_text("#node")


def test_the_table_has_every_step(visit: Any) -> None:
    page = visit("perceptron")
    rows = page.locator("#rows tbody tr").all_inner_texts()
    assert len(rows) == steps(page)
    for step, row in enumerate(rows):
        page.evaluate(f"go({step})")
        assert page.inner_text("#symbols") in row
        for number in page.locator("#now td").all_inner_texts():
            assert number in row


# --- How it looks ---------------------------------------------------------------------------------------------------


SIZES = {"wide": (1280, 800), "narrow": (320, 640)}
THEMES = ("light", "dark")


def middle(page: Any) -> int:
    """A step in the middle of the backward pass."""
    backward = page.evaluate("data.steps.flatMap(({ phase }, i) => phase === 'backward' ? [i] : [])")
    return int(backward[len(backward) // 2]) if backward else 0


@pytest.mark.parametrize("name", PLAYED)
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES)
def test_screenshots_are_written(visit: Any, name: str, theme: str, size: str) -> None:
    page = visit(name)
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.evaluate(f"go({middle(page)})")
    OUT.mkdir(exist_ok=True)
    path = OUT / f"player-{name}-{theme}-{size}.png"
    page.screenshot(path=path, full_page=True)
    assert path.read_bytes().startswith(b"\x89PNG")


OVERFLOWING = """() => {
    const wrong = [];
    const inside = (a, b, room) => a.left >= b.left - room && a.right <= b.right + room && a.top >= b.top - room
        && a.bottom <= b.bottom + room;
    for (const node of document.querySelectorAll("#picture .node")) {
        const box = node.querySelector(".outline").getBoundingClientRect();
        for (const text of node.querySelectorAll("text")) {
            const fits = !text.textContent || inside(text.getBoundingClientRect(), box, 0.5);
            if (!fits) wrong.push([node.id, text.textContent]);
        }
    }
    const visible = (e) => e.getClientRects().length && !e.closest("svg, .skip, select");
    const clipped = (e) => ["auto", "scroll"].includes(getComputedStyle(e).overflowX);
    for (const e of document.querySelectorAll("body *")) {
        if (!visible(e) || clipped(e) || getComputedStyle(e).display === "inline") continue;
        if (e.scrollWidth > e.clientWidth + 1) wrong.push([e.tagName, e.id, e.scrollWidth, e.clientWidth]);
    }
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) wrong.push(["the page", root.scrollWidth, root.clientWidth]);
    return wrong;
}"""


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("size", SIZES)
def test_every_text_stays_in_its_box(visit: Any, name: str, size: str) -> None:
    page = visit(name)
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    for step in range(steps(page)):
        page.evaluate(f"go({step})")
        assert page.evaluate(OVERFLOWING) == []


# The ratio of WCAG 2.2 between two colours, and what each drawn thing stands before.
CONTRASTS = """() => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const rgba = (colour) => {
        canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const linear = (c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
    const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    const ratio = (a, b) => {
        const [high, low] = [light(rgba(a)), light(rgba(b))].sort((x, y) => y - x);
        return (high + 0.05) / (low + 0.05);
    };
    const opaque = (colour) => rgba(colour)[3] === 255;
    const ground = (e) => {
        while (!opaque(getComputedStyle(e).backgroundColor)) e = e.parentElement;
        return getComputedStyle(e).backgroundColor;
    };
    const wrong = [];
    let checked = 0;
    const check = (what, colour, behind, least) => {
        checked += 1;
        const found = opaque(colour) ? ratio(colour, behind) : 0;
        if (found < least) wrong.push([what, colour, behind, found.toFixed(2)]);
    };
    const shown = (style) => style.visibility === "visible" && style.opacity === "1" && style.display !== "none";
    const paper = getComputedStyle(document.querySelector("#picture .graph > polygon")).fill;
    for (const e of document.querySelectorAll("#picture .node *, #picture .edge *")) {
        const style = getComputedStyle(e);
        const outline = e.closest(".node")?.querySelector(".outline");
        if (!["text", "path", "polygon", "polyline"].includes(e.tagName) || style.visibility !== "visible") continue;
        if (!shown(style)) wrong.push([e.tagName, "is transparent"]);
        const behind = outline ? getComputedStyle(outline).fill : paper;
        const what = `${e.closest(".node, .edge").id} ${e.tagName} ${e.textContent}`;
        if (e.tagName === "text") check(what, style.fill, behind, 4.5);
        else if (style.stroke !== "none") check(what, style.stroke, e.matches(".outline") ? paper : behind, 3);
    }
    for (const e of document.querySelectorAll("#plot *")) {
        const { fill, stroke } = getComputedStyle(e);
        check(`plot ${e.getAttribute("class")}`, e.tagName === "circle" ? fill : stroke, ground($("plot")), 3);
    }
    for (const e of document.querySelectorAll("body *")) {
        const own = [...e.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
        if (!own || e.closest("svg, script, noscript") || !e.getClientRects().length) continue;
        if (!shown(getComputedStyle(e))) wrong.push([e.tagName, "is transparent"]);
        check(`${e.tagName} ${e.textContent.slice(0, 20)}`, getComputedStyle(e).color, ground(e), 4.5);
    }
    for (const e of document.querySelectorAll("button:not(.line), select, section, #stage, kbd")) {
        check(`border of ${e.tagName} ${e.id}`, getComputedStyle(e).borderTopColor, ground(e.parentElement), 3);
    }
    for (const e of document.querySelectorAll("button svg")) check("icon", getComputedStyle(e).fill, ground(e), 3);
    return [wrong, checked];
}"""


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", GRAPHS)
def test_everything_stands_out(visit: Any, name: str, theme: str) -> None:
    page = visit(name)
    page.emulate_media(color_scheme=theme)
    for step in (0, middle(page), steps(page) - 1):
        page.evaluate(f"go({step})")
        wrong, checked = page.evaluate(CONTRASTS)
        assert wrong == []
        assert checked > 50


def test_the_theme_follows_the_reader_and_the_reader_may_choose(visit: Any) -> None:
    page = visit("diamond")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    paper = "getComputedStyle(document.querySelector('#picture .graph > polygon')).fill"
    light, dark = "rgb(255, 255, 255)", "rgb(20, 22, 26)"
    for system, choice, shown in (
        ("light", "auto", light), ("dark", "auto", dark), ("dark", "light", light), ("light", "dark", dark),
    ):  # fmt: skip
        page.emulate_media(color_scheme=system)
        page.select_option("#theme", choice)
        assert page.evaluate(ground) == page.evaluate(paper) == shown


def test_the_theme_of_the_drawing_is_the_first(page: Any, tmp_path: Path) -> None:
    page.goto(draw(Value(2.0) * 3, theme="dark").save(tmp_path / "dark.html").as_uri())
    assert page.input_value("#theme") == "dark"
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(20, 22, 26)"


def test_the_whole_picture_can_be_seen_at_once(visit: Any) -> None:
    page = visit("xor", 12)
    wide = "$('stage').scrollWidth > $('stage').clientWidth || $('stage').scrollHeight > $('stage').clientHeight"
    assert page.evaluate(wide)
    page.check("#whole")
    assert not page.evaluate(wide)


def test_the_picture_follows_the_step(visit: Any) -> None:
    page = visit("xor")
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": 320, "height": 640})
    for step in range(steps(page)):
        page.evaluate(f"go({step})")
        box = page.evaluate("data.steps[reading.step].box")
        if box is not None:
            assert page.evaluate(f"""(() => {{
                const [a, b] = ["n{box}", "stage"].map((id) => $(id).getBoundingClientRect());
                const middle = a.left + a.width / 2;
                return middle >= b.left && middle <= b.right;
            }})()""")


def test_nothing_moves_for_those_who_want_it_still(visit: Any) -> None:
    page = visit("diamond", 5)
    moving = "document.getAnimations().filter((a) => a.playState === 'running').length"
    assert page.evaluate(moving) > 0
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(moving) == 0


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", ["perceptron", "large", "folded"])
def test_the_rules_of_accessibility_pass(visit: Any, name: str, theme: str, size: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", exc_type=ImportError).Axe()
    page = visit(name)
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=theme)
    page.evaluate(f"go({middle(page)})")
    found = axe.run(page).response
    assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found["violations"]] == []
    assert len(found["passes"]) > 20


def test_it_can_be_used_by_the_keyboard_alone(visit: Any) -> None:
    page = visit("diamond")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "controls"
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement.id || document.activeElement.tagName")
        if name == "BODY":
            break
        assert page.evaluate("getComputedStyle(document.activeElement).outline").endswith(" solid 3px")
        reached.append(name)
    assert {"play", "next", "last", "scrub", "speed", "derivative", "h", "rows"} <= set(reached)


def test_it_prints(visit: Any) -> None:
    page = visit("perceptron", 12)
    page.emulate_media(media="print", color_scheme="dark")
    page.set_viewport_size({"width": 718, "height": 1000})  # A4 with its margins
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    for gone in ("#controls", ".theme", "#nudge"):
        assert not page.is_visible(gone)
    assert page.evaluate("$('rows').scrollHeight === $('rows').clientHeight")
    assert page.evaluate("$('stage').scrollWidth === $('stage').clientWidth")
    assert page.evaluate(OVERFLOWING) == []
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_without_scripts_the_table_is_there(browser: Any, written: Callable[[str], str]) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(written("diamond"))
    assert "the table below has every step" in page.inner_text("noscript")
    assert page.locator("#rows tbody tr").count() > 8
    context.close()


# --- The file -------------------------------------------------------------------------------------------------------


def test_the_page_is_one_file_that_asks_for_nothing(written: Callable[[str], str]) -> None:
    text = Path(written("xor").removeprefix("file://")).read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    assert not any(word in text for word in ("src=", "@import", "url(", "fetch(", "<link"))
    assert len(text) < 250_000


def test_the_same_graph_gives_the_same_page(tmp_path: Path) -> None:
    pages = [draw(PLAYED["xor"]()).save(tmp_path / f"{i}.html").read_bytes() for i in range(2)]
    assert pages[0] == pages[1]


def test_drawing_changes_no_gradient() -> None:
    root = PLAYED["diamond"]()
    x = root.args[0].args[0]
    root.backward()
    before = x.grad
    assert draw(root).html.startswith("<!DOCTYPE html>")
    assert x.grad == before


@pytest.mark.slow
def test_seventy_thousand_nodes_give_a_page(page: Any, tmp_path: Path) -> None:
    import nn

    model = nn.scalar.MLP(64, [128, 128, 1], rng=0)
    loss = model([0.5] * 64) ** 2
    path = draw(loss).save(tmp_path / "large.html")
    assert path.stat().st_size < 1_000_000
    page.goto(path.as_uri())
    page.keyboard.press("End")
    assert step_of(page) == steps(page) - 1
