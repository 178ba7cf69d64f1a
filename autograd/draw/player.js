// Shows the steps that Python wrote into this page. Nothing is computed here but where things are drawn (see live.js).
// What is shown follows from the number of the step alone, and from what the reader has chosen meanwhile.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const last = data.steps.length - 1;
const reading = { step: 0, chosen: null, hovered: null, derivative: null, timer: null, address: null };

// --- Elements ---------------------------------------------------------------------------------------------------

/** A new element; `content` are texts and other elements. */
function make(tag, attributes = {}, ...content) {
  const space = SVG_TAGS.has(tag) ? "http://www.w3.org/2000/svg" : "http://www.w3.org/1999/xhtml";
  const element = document.createElementNS(space, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...content.filter((part) => part !== null && part !== ""));
  return element;
}
const SVG_TAGS = new Set(["svg", "g", "line", "path", "polygon", "rect", "circle", "text"]);

/** Whether a text is none of the finite numbers. */
const isOdd = (text) => /^-?(inf|nan)$/.test(text);

/** Numbers as a small table: one number, an array row by row, or its minimum, mean and maximum. */
function numbers({ rows, summary }) {
  const lines = rows.map((row) => make("tr", {}, ...row.map((text) => make("td", isOdd(text) ? { class: "warning" } : {}, text))));
  if (summary) lines.unshift(make("tr", {}, ...["min", "mean", "max"].map((name) => make("th", { scope: "col" }, name))));
  return make("table", { class: lines.length > 1 || rows[0].length > 1 ? "numbers array" : "numbers" }, ...lines);
}

/** What is wider than its place scrolls, with the keyboard, too. */
function letScroll(selector) {
  for (const element of document.querySelectorAll(selector)) {
    if (element.scrollWidth > element.clientWidth) element.tabIndex = 0;
  }
}

/** The terms of an equation side by side, each under what it is called and over its symbol. */
function equation(terms) {
  return terms.flatMap((term) => {
    const about = [term.label, [term.symbol, term.shape].filter(Boolean).join("  ")].filter(Boolean).map((text) => make("figcaption", {}, text));
    const slope = term.label && term.label !== "local derivative" ? "slope" : "";
    const figure = make("figure", { class: slope }, numbers(term), ...about);
    return term.sign.trim() ? [make("b", {}, term.sign), figure] : [figure];
  });
}

// --- The picture --------------------------------------------------------------------------------------------------

/** The texts of a box that change: those of its gradient, which end where they ended in the layout; and its value's. */
function parts(box, i) {
  const group = $(`n${i}`);
  const count = (shown) => (shown ? shown.rows.flat().length : 0);
  const gradients = [...group.querySelectorAll("text.gradient")];
  const inked = [...group.querySelectorAll("text.ink")].slice(1); // the first is the title
  for (const text of gradients) {
    text.setAttribute("x", Number(text.getAttribute("x")) + text.getComputedTextLength());
    text.setAttribute("text-anchor", "end");
    text.removeAttribute("textLength");
  }
  for (const text of [...gradients, ...inked]) text.classList.add("number");
  for (const text of inked) text.classList.toggle("warning", isOdd(text.textContent));
  return { group, gradients: count(box.gradient) === gradients.length ? gradients : [], values: inked };
}

const boxes = data.boxes.map(parts);
const arrows = data.edges.map((edge, i) => $(`e${i}`));

/** The last of the sums that a gradient has been until this step, or undefined. */
const gradientAt = (box, step) => box.gradients.filter(([since]) => since <= step).at(-1)?.[1];

function showPicture(step) {
  const now = data.steps[step];
  data.boxes.forEach((box, i) => {
    const { group, gradients } = boxes[i];
    const sum = gradientAt(box, step);
    group.classList.toggle("pending", step < box.valued);
    group.classList.toggle("now", now.box === i);
    gradients.forEach((text, k) => {
      text.textContent = sum ? sum.flat()[k] : "";
      text.classList.toggle("warning", isOdd(text.textContent));
    });
    group.classList.toggle("culprit", box.culprit !== null && box.culprit <= step);
  });
  data.edges.forEach((edge, i) => {
    const classes = arrows[i].classList;
    const played = edge.played !== null && edge.played <= step;
    classes.toggle("played", played);
    classes.toggle("unplayed", !played);
    classes.toggle("backward", now.edge === i);
    classes.toggle("forward", now.phase === "forward" && edge.target === now.box);
  });
}

// --- The step -------------------------------------------------------------------------------------------------------

const PHASES = {
  start: "The beginning", forward: "Forward", seed: "The seed", backward: "Backward", hook: "A hook", end: "The end",
};

function showStep(step) {
  const now = data.steps[step];
  $("phase").textContent = PHASES[now.phase];
  $("symbols").textContent = now.symbols;
  $("now").classList.toggle("single", [...now.terms, ...now.sums].every(({ rows }) => rows.length === 1 && rows[0].length === 1));
  $("terms").replaceChildren(...equation(now.terms));
  $("sums").replaceChildren(...equation(now.sums));
  showEntries(now);
  letScroll("#now figure");
  $("words").textContent = `Step ${step} of ${last}. ${now.words}`;
  $("count").textContent = `${step} of ${last}`;
  $("scrub").value = step;
  $("scrub").setAttribute("aria-valuetext", now.words);
  $("onward").hidden = step < last || !isLive();
  for (const id of ["first", "back"]) $(id).disabled = step === 0;
  for (const id of ["last", "next"]) $(id).disabled = step === last;
  for (const row of document.querySelectorAll("#rows tbody tr")) {
    const current = row.id === `row${step}`;
    row.classList.toggle("now", current);
    row.classList.toggle("later", Number(row.id.slice(3)) > step);
    row.toggleAttribute("aria-current", current);
  }
}

// --- The chosen node ------------------------------------------------------------------------------------------------

/** The node that is shown at length: the one under the pointer, the chosen one, or that of the step. */
function subject() {
  const step = data.steps[reading.step];
  const own = step.edge === null ? step.box : data.edges[step.edge].target;
  return reading.hovered ?? reading.chosen ?? own ?? data.boxes.length - 1;
}

function showNode() {
  const i = subject();
  const box = data.boxes[i];
  const facts = [];
  const fact = (name, ...content) => facts.push(make("dt", {}, name), make("dd", {}, ...content));
  if (box.function) fact("function", box.function);
  if (box.about) fact(box.folded ? "stands for" : "shape", box.about);
  if (box.inputs.length) fact("inputs", ...box.inputs.map(inputButton));
  if (box.value) fact("value", reading.step < box.valued ? "not computed yet" : amount(box.value));
  if (box.gradient) fact(box.slope, ...gradientSoFar(box));
  else if (box.value) fact("gradient", "none: it requires no gradient");
  if (box.culprit !== null && box.culprit <= reading.step) fact("first of all", make("span", { class: "warning" }, box.reason));
  const heading = make("h2", {}, box.written ? `${box.symbol} = ${box.written}` : `${box.symbol}, ${kind(box)}`);
  $("node").replaceChildren(heading, make("dl", {}, ...facts), ...box.inputs.map(rule).filter(Boolean));
  letScroll("#node dd");
  boxes.forEach(({ group }, k) => group.classList.toggle("chosen", k === i));
}

const kind = (box) => (box.folded ? "folded" : `a ${box.kind}`);
const amount = (shown) => (shown.rows.length === 1 && shown.rows[0].length === 1 ? shown.exact : numbers(shown));

function gradientSoFar(box) {
  const sum = gradientAt(box, reading.step);
  const final = box.gradients.at(-1)[0] <= reading.step;
  if (!sum) return ["not known yet"];
  if (final) return [amount(box.gradient)];
  return [numbers({ rows: sum, summary: box.gradient.summary }), " so far"];
}

function inputButton(i) {
  const { source } = data.edges[i];
  const button = make("button", { type: "button" }, data.boxes[source].symbol);
  button.addEventListener("click", () => choose(source));
  return button;
}

/** What the table says of the derivative along an edge. */
function rule(i) {
  const edge = data.edges[i];
  if (!edge.rule) return null;
  const known = edge.played !== null && edge.played <= reading.step;
  const applied = [edge.name, edge.symbols && `= ${edge.symbols}`, known && edge.numbers].filter(Boolean).join(" ");
  return make("div", { class: "rule" },
    make("pre", { class: "slope" }, make("code", {}, applied)),
    make("details", {}, make("summary", {}, "source"),
      make("pre", {}, make("code", {}, `${edge.own} = ${edge.rule}`)),
      edge.applied && make("pre", {}, make("code", {}, `here ${edge.applied}`)),
      make("p", { class: "aside" }, edge.where ? `in the table: ${edge.where}` : "in the table"),
      ...edge.notes.map((note) => make("p", { class: "aside" }, note))));
}

// --- The check ------------------------------------------------------------------------------------------------------

/** The derivatives that can be checked here: those of the chosen operation, and the gradient of the chosen node. */
function checks() {
  const box = data.boxes[subject()];
  const known = box.inputs.map((i) => data.edges[i]).filter(({ played }) => played !== null && played <= reading.step);
  const whole = box.gradients.length && box.gradients.at(-1)[0] <= reading.step ? [box] : [];
  return [...known, ...whole].filter(({ check, unchecked }) => check || unchecked);
}

/** Why there is nothing to check. */
function unchecked(found) {
  const box = data.boxes[subject()];
  if (found.length) return found[0].unchecked;
  return box.gradient && data.boxes.length > 1 ? "The derivative is checked here from the step on that tells it."
    : "There is no derivative to check at this node.";
}

function showCheck() {
  const found = checks().map(({ check }) => check).filter(Boolean);
  const { edge } = data.steps[reading.step];
  const own = edge === null || reading.hovered !== null || reading.chosen !== null ? null : data.edges[edge].check;
  const chosen = found.find(({ name }) => name === reading.derivative) ?? own ?? found[0];
  $("h").setAttribute("aria-valuetext", `h = ${short(data.h[$("h").value])}`);
  $("check").classList.toggle("empty", !chosen);
  if (!chosen) {
    for (const id of ["derivative", "plot", "slopes"]) $(id).replaceChildren();
    $("about").textContent = unchecked(checks());
    return;
  }
  $("derivative").replaceChildren(...found.map(({ name }) => make("option", {}, name)));
  $("derivative").value = chosen.name;
  $("about").textContent = chosen.about;
  plot(chosen, Number($("h").value));
}

const short = (x) => Number(x.toPrecision(5)).toString();

/** The curve, its tangent with the slope of the engine, and the secant through x and x + h. */
function plot({ x, y, slope, reach, curve, slopes }, k) {
  const [width, height, edge] = [360, 220, 10];
  const finite = curve.filter((value) => value !== null);
  const away = finite.map((value) => Math.abs(value - y)).sort((a, b) => a - b);
  const usual = Math.max(3 * Math.abs(slope) * reach, 4 * (away[Math.floor(away.length / 2)] ?? 0)); // poles are cut
  const tall = 1.1 * Math.min(away.at(-1) ?? 0, usual) || 1;
  const across = (t) => edge + ((t - x + reach) / (2 * reach)) * (width - 2 * edge);
  const down = (value) => height / 2 - ((value - y) / tall) * (height / 2 - edge);
  const line = (rise, name) => make("line", {
    class: name, x1: across(x - reach), x2: across(x + reach), y1: down(y - rise * reach), y2: down(y + rise * reach),
  });
  const dot = (t, value) => make("circle", { class: "point", cx: across(t), cy: down(value), r: 5 });
  const path = curve.map((value, i) => {
    const [start, t] = [i === 0 || curve[i - 1] === null, x - reach + (2 * reach * i) / (curve.length - 1)];
    return value === null ? "" : `${start ? "M" : "L"}${across(t).toFixed(1)} ${down(value).toFixed(1)}`;
  });
  const [h, rise] = [data.h[k], slopes[k]];
  const shown = [
    make("line", { class: "axis", x1: edge, x2: width - edge, y1: height / 2, y2: height / 2 }),
    make("line", { class: "axis", x1: width / 2, x2: width / 2, y1: edge, y2: height - edge }),
    make("path", { class: "curve", d: path.join("") }), line(slope, "tangent"), dot(x, y),
  ];
  if (rise !== null) shown.push(line(rise, "secant"), dot(x + h, y + rise * h));
  $("plot").replaceChildren(...shown);
  const secant = rise === null ? "ends where the function is not defined" : `has the slope ${short(rise)}`;
  const far = rise === null ? "" : `, the difference ${short(rise - slope)}`;
  $("slopes").textContent = `With h = ${short(h)} the secant (through both points) ${secant}; the derivative is ${short(slope)}${far}.`;
}

// --- The program ----------------------------------------------------------------------------------------------------

/** The source code, once; a line that made something leads to its step. */
function writeCode() {
  const pieces = data.code.map((piece, p) => {
    const made = (number) => data.boxes.findIndex(({ site }) => site && site[0] === p && site[1] === number);
    const lines = piece.lines.map((text, k) => {
      const number = piece.first + k;
      const first = made(number);
      const line = make(first < 0 ? "span" : "button", { class: "line", id: `line${p}-${number}` },
        make("b", {}, `${number}`.padStart(4), "  "), text || " ");
      if (first >= 0) {
        line.dataset.used = "";
        line.addEventListener("click", () => go(data.boxes[first].valued));
      }
      return line;
    });
    return [make("p", { class: "aside" }, piece.file), make("pre", {}, ...lines)];
  });
  $("lines").replaceChildren(...(pieces.length ? pieces.flat() : [make("p", { class: "aside" }, data.missing.code)]));
}

function showCode() {
  const { site } = data.boxes[subject()];
  for (const line of document.querySelectorAll("#lines .line")) {
    line.classList.toggle("now", site !== null && line.id === `line${site[0]}-${site[1]}`);
  }
}

// --- Moving ---------------------------------------------------------------------------------------------------------

function showChosen() {
  showNode();
  showCheck();
  showCode();
}

/** Show a step; every way to move ends here. */
function go(step) {
  reading.step = Math.min(Math.max(Math.trunc(step) || 0, 0), last);
  reading.chosen = reading.hovered = reading.derivative = null;
  followStep(reading.step);
  showPicture(reading.step);
  showStep(reading.step);
  showChosen();
  seeStep();
  clearTimeout(reading.address); // browsers refuse to change the address too often, as a slider would
  if (location.protocol === "about:") return; // in a frame of another page, which has no address of its own
  reading.address = setTimeout(() => history.replaceState(null, "", `#step=${reading.step}`), 100);
}

function choose(box) {
  reading.chosen = box;
  reading.hovered = reading.derivative = null;
  showChosen();
}

function hover(box) {
  reading.hovered = box;
  showChosen();
}

function pause() {
  clearInterval(reading.timer);
  reading.timer = null;
  $("play").textContent = "Play";
}

function play() {
  if (reading.step === last) go(0);
  $("play").textContent = "Pause";
  reading.timer = setInterval(() => {
    go(reading.step + 1);
    if (reading.step === last) pause();
  }, Number($("speed").value));
}

const toggle = () => (reading.timer === null ? play() : pause());
const move = (step) => { pause(); go(step); };

const KEYS = {
  ArrowLeft: () => move(reading.step - 1),
  ArrowRight: () => move(reading.step + 1),
  Home: () => move(0),
  End: () => move(last),
  " ": toggle,
  Escape: () => { if (inLecture()) lecture(false); choose(null); },
  f: () => lecture(),
  "+": () => nearer(AGAIN),
  "-": () => nearer(1 / AGAIN),
};

function onKey(event) {
  const { target, key } = event;
  const typing = target.matches("select, #h") || event.ctrlKey || event.altKey || event.metaKey;
  const pressing = key === " " && target.closest("button, a, .node");
  if (typing || pressing || !(key in KEYS)) return;
  event.preventDefault();
  KEYS[key]();
}

function listen() {
  $("first").addEventListener("click", KEYS.Home);
  $("back").addEventListener("click", KEYS.ArrowLeft);
  $("play").addEventListener("click", toggle);
  $("next").addEventListener("click", KEYS.ArrowRight);
  $("last").addEventListener("click", KEYS.End);
  $("scrub").addEventListener("input", () => move(Number($("scrub").value)));
  $("speed").addEventListener("change", () => { if (reading.timer !== null) { pause(); play(); } });
  $("h").addEventListener("input", showCheck);
  $("derivative").addEventListener("change", () => { reading.derivative = $("derivative").value; showCheck(); });
  $("theme").addEventListener("change", () => { document.documentElement.dataset.theme = $("theme").value; });
  document.addEventListener("keydown", onKey);
  window.addEventListener("hashchange", fromAddress);
  boxes.forEach(({ group }, i) => {
    group.addEventListener("mouseenter", () => hover(i));
    group.addEventListener("mouseleave", () => hover(null));
    group.addEventListener("focus", () => { if (group.matches(":focus-visible")) choose(i); });
    group.addEventListener("click", () => choose(i));
    group.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      choose(i);
    });
  });
  arrows.forEach((arrow, i) => arrow.addEventListener("click", () => {
    choose(data.edges[i].target);
    reading.derivative = data.edges[i].check?.name ?? null;
    showCheck();
  }));
}

/** The step that the address names: backprop.html#step=7. */
function fromAddress() {
  const named = /^#step=(\d+)$/.exec(location.hash);
  if (named) move(Number(named[1]));
}

/** Once all is there. */
function begin() {
  $("theme").value = document.documentElement.dataset.theme;
  writeCode();
  listen();
  listenToHand();
  startLive();
  reserve();
  window.addEventListener("resize", reserve);
  go(Number(/^#step=(\d+)$/.exec(location.hash)?.[1] ?? 0));
}
