// The live part of the page: numbers that the reader changes, and everything that follows from them.
// `program` is the graph, forward and backward, as the engine computed it (printed by autograd.compile.javascript).
// What cannot follow, the table of all steps, is hidden as long as the numbers are others.
"use strict";

const MANY = 40; // boxes of a large picture
const KINDS = { float32: Float32Array, float64: Float64Array };
const live = {
  start: {}, inputs: {}, result: null, losses: [], before: {}, learning: new Set(), running: null, frame: null, still: null, rest: null, patient: true, late: false,
  texts: {}, rows: {}, own: structuredClone({ boxes: data.boxes, edges: data.edges, steps: data.steps }),
};
const isLive = () => Boolean(data.live.inputs.length);
const isChanged = () => document.body.classList.contains("changed");
/** What is known of a point: a box, or a leaf in a fold. */
const boxOf = (i) => data.boxes[i] ?? data.live.hidden[i];

// --- What follows ---------------------------------------------------------------------------------------------------

/** How an array is laid out: as its first numbers were. */
const layout = ({ rows, summary }) => ({ full: !summary, across: rows[0].length });

function written(x, as) {
  return { rows: inRows(x, layout(as)), summary: as.summary, exact: x.length === 1 ? general(x[0] + 0, 10) : "" };
}

const alike = (a, b) => a.length === b.length && a.every((x, k) => Object.is(x, b[k]));

/** Compute something when it is first asked for. */
function lazily(object, name, f) {
  const found = (value) => Object.defineProperty(object, name, { value, writable: true, configurable: true, enumerable: true });
  Object.defineProperty(object, name, { get: () => found(f())[name], configurable: true, enumerable: true });
}

/** Compute everything anew, and show it. */
function compute() {
  const [before, first] = [live.result, !isChanged()];
  live.result = program(live.inputs);
  document.body.classList.add("changed");
  const { passed, local } = live.result;
  data.boxes.forEach((box, i) => {
    for (const [name, all] of [["value", "values"], ["gradient", "gradients"]]) {
      const x = live.result[all][i];
      if (box[name] && x && (first || !alike(x, before[all][i]))) box[name] = written(x, live.own.boxes[i][name]);
    }
    [box.unchecked, box.culprit] = [data.live.notFinite, null];
    if (first) boxes[i].group.classList.remove("culprit");
    lazily(box, "check", () => checkOfBox(i));
  });
  data.edges.forEach((edge, i) => {
    edge.numbers = local[i]?.length === 1 ? `= ${number(local[i][0])}` : "";
    [edge.applied, edge.unchecked] = ["", data.live.notFinite];
    lazily(edge, "check", () => checkOfEdge(i));
  });
  followSums(passed);
  followPicture();
  followHeat();
  followInside();
  refresh();
  followRegion();
}

/** How the gradients grow, from step to step. */
function followSums(passed) {
  const sums = {};
  data.boxes.forEach((box) => { box.gradients = []; });
  const note = (i, sum, step) => {
    sums[i] = sum;
    const as = layout(data.boxes[i].gradient);
    let rows = null; // written when it is looked at: most sums are not
    data.boxes[i].gradients.push({ 0: step, get 1() { return (rows ??= inRows(sum, as)); } });
  };
  live.sums = data.steps.map((now, step) => {
    if (now.phase === "seed" && data.boxes[now.box].gradient) note(now.box, live.result.gradients[now.box], step);
    if (now.phase !== "backward" || !passed[now.edge]) return null;
    const { source } = data.edges[now.edge];
    const [before, given] = [sums[source], passed[now.edge]];
    const after = before ? before.map((x, k) => x + given[k]) : given;
    note(source, after, step);
    return [before, after];
  });
}

/** The texts of the picture, values, gradients and local derivatives; and the edges, as wide as their gradients are large.
 * In a large picture what is out of sight is away meanwhile: it is not painted, and follows when the reader looks, or rests. */
function followPicture(all = boxes.length < MANY) {
  const near = all ? () => true : sight();
  const seen = (i) => near(i) || boxes[i].group.contains(document.activeElement);
  live.late = !all;
  boxes.forEach(({ group }, i) => group.classList.toggle("away", !seen(i)));
  for (const [i, texts] of Object.entries(live.texts)) {
    if (!seen(Number(i))) continue;
    const shown = data.boxes[i].value.rows.flat();
    texts.forEach((text, k) => put(text, shown[k]));
  }
  showGradients(reading.step, seen);
  const { passed, local, flows: given } = live.result;
  const flows = data.edges.map((_, i) => given[i]?.[0] ?? (passed[i] && largest(passed[i].map(Math.abs), 0, passed[i].length, (x) => x)));
  const logs = flows.map((flow) => (flow > 0 && Number.isFinite(flow) ? Math.log10(flow) : null));
  const most = Math.max(...logs.filter((log) => log !== null));
  const { widest, thinnest, perDecade } = data.live;
  data.edges.forEach(({ source, target }, i) => {
    const { group, label, path: line } = arrows[i];
    const isAway = !seen(source) && !seen(target);
    group.classList.toggle("away", isAway);
    if (isAway) return;
    if (label && local[i]) say(label, slopes(local[i]));
    if (flows[i] === undefined) return;
    const width = logs[i] === null ? (flows[i] === 0 ? thinnest : widest) : Math.max(thinnest, widest - perDecade * (most - logs[i]));
    set(line, "stroke-width", width.toFixed(2));
    if (flows[i] === 0) set(line, "stroke-dasharray", "5,2");
    else line.removeAttribute("stroke-dasharray");
  });
}

/** What was out of sight follows now. */
function followLate() {
  if (live.late && isChanged()) followPicture(true);
}

/** A local derivative, if it is a few numbers. */
function slopes(x) {
  if (x.every((entry) => entry === x[0])) return `∂ ${general(x[0], 4)}`;
  return x.length > 4 ? "" : `∂ [${Array.from(x, (entry) => general(entry, 3)).join(", ")}]`;
}

/** A text in its place: one that is wider than its place is set narrower. */
function put(text, content) {
  if (text.textContent === content) return;
  text.textContent = content;
  text.removeAttribute("textLength");
  if (content.length > Number(text.dataset.columns)) {
    text.setAttribute("textLength", text.dataset.width);
    text.setAttribute("lengthAdjust", "spacingAndGlyphs");
  }
}

/** A text whose end stays where it is, with as much room as it has now, or for so many columns. */
function anchored(text, room = 0) {
  if (text.dataset.columns) return text;
  const width = text.getComputedTextLength();
  const columns = text.textContent.length;
  text.dataset.columns = Math.max(columns, room);
  text.dataset.width = (width * text.dataset.columns) / columns; // all columns are of one width
  text.setAttribute("x", Number(text.getAttribute("x")) + width);
  text.setAttribute("text-anchor", "end");
  text.removeAttribute("textLength");
  return text;
}

/** The numbers in the window of a fold that is open. */
function followInside() {
  if (!$("inside").open || !isChanged()) return;
  const fill = (texts, x, as) => {
    const shown = x ? inRows(x, as).flat() : [];
    if (shown.length === texts.length) texts.forEach((text, k) => put(anchored(text), shown[k]));
  };
  for (const group of document.querySelectorAll("#inside-picture g.node[data-point]")) {
    const { point, across, full } = group.dataset;
    const as = { full: full !== undefined, across: Number(across) };
    fill(group.querySelectorAll("text.number:not(.gradient)"), live.result.values[point], as);
    fill(group.querySelectorAll("text.gradient"), live.result.gradients[point], as);
  }
  for (const group of document.querySelectorAll("#inside-picture g.heat[data-point]")) paint(group);
}

/** Show all that may have changed. */
function refresh() {
  followStep(reading.step);
  showStep(reading.step);
  const carried = document.querySelector("#back-way text");
  if (carried) say(carried, data.steps[reading.step].carried);
  showNode();
  if (live.patient) showCheck();
  showLeaves();
  showLoss();
  clearTimeout(live.still); // what scrolls is measured when the numbers rest: measuring means to lay out the page
  live.still = setTimeout(() => { letScroll(); if (!live.patient) showCheck(); }, 100);
  clearTimeout(live.rest);
  live.rest = setTimeout(followLate, 1000);
}

/** At most once for each picture of the screen, however fast the hand is. */
function soon() {
  live.frame ??= requestAnimationFrame(() => { live.frame = null; compute(); });
}

// --- What is changed --------------------------------------------------------------------------------------------------

/** Another number at one place; a number that is none is left as it was. */
function change(i, k, x) {
  if (Number.isNaN(x)) return;
  live.inputs[i] = live.inputs[i].with(k, x); // another array: the last result holds the one that it was computed from
  delete live.before[i];
  soon();
}

/** A step that suits a number: a hundredth of its size, or so. */
const stepOf = (x) => 10 ** (Math.floor(Math.log10(Math.min(Math.max(Math.abs(x), 0.1), 1e300))) - 1);
const stepped = (x, steps) => Number((x + steps * stepOf(x)).toPrecision(12));

/** Let an element be dragged to the left and to the right to change a number. */
function draggable(element, i, k) {
  element.addEventListener("pointerdown", (down) => {
    if (down.button !== 0) return;
    const from = live.inputs[i][k];
    if (!Number.isFinite(from)) return;
    const size = stepOf(from);
    let moved = false;
    const drag = (move) => {
      const steps = Math.trunc((move.clientX - down.clientX) / 3);
      if (!moved && Math.abs(steps) < 2) return;
      moved = true;
      move.preventDefault();
      change(i, k, Number((from + steps * size).toPrecision(12)));
    };
    const end = () => {
      for (const [name, f] of [["pointermove", drag], ["pointerup", end], ["pointercancel", end]]) window.removeEventListener(name, f);
    };
    for (const [name, f] of [["pointermove", drag], ["pointerup", end], ["pointercancel", end]]) window.addEventListener(name, f);
  });
}

const nameOf = (box, k) => {
  const { rows } = box.value;
  if (rows.flat().length === 1) return box.symbol;
  return `${box.symbol}[${rows.length > 1 ? `${Math.floor(k / rows[0].length)}, ` : ""}${k % rows[0].length}]`;
};

/** One number that can be typed, stepped with the arrow keys, and dragged. */
function entry(i, k) {
  const input = make("input", { class: "entry", inputmode: "decimal", autocomplete: "off", spellcheck: "false", "aria-label": nameOf(boxOf(i), k) });
  input.addEventListener("change", () => {
    const text = input.value.trim().replace(",", ".").replace(/^([+-]?)inf$/i, "$1Infinity");
    input.dataset.typing = "";
    if (text === "" || Number.isNaN(Number(text))) showLeaves(); else change(i, k, Number(text));
  });
  input.addEventListener("input", () => { input.dataset.typing = "yes"; });
  input.addEventListener("keydown", (event) => {
    const steps = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
    if (!steps) return;
    event.preventDefault();
    input.dataset.typing = "";
    change(i, k, stepped(live.inputs[i][k], steps * (event.shiftKey ? 10 : 1)));
  });
  draggable(input, i, k);
  return input;
}

const learnable = (i) => Boolean(boxOf(i).gradient ?? boxOf(i).learns);

/** A row for each leaf: its name, its numbers, whether it learns, and what the last step did. */
function leafRow(i) {
  const box = boxOf(i);
  const { full, across } = layout(box.value);
  const size = live.inputs[i].length;
  const entries = full && size ? Array.from({ length: size }, (_, k) => entry(i, k)) : [];
  const rows = Array.from({ length: entries.length / across }, (_, r) => make("span", { class: "entries" }, ...entries.slice(r * across, (r + 1) * across)));
  const moved = make("p", { class: "moved aside" });
  const parts = [make("b", { class: "math" }, box.symbol), make("div", {}, ...(rows.length ? rows : [`${size} numbers`]), moved)];
  if (learnable(i)) {
    const learns = make("input", { type: "checkbox", "aria-label": `${box.symbol} learns` });
    learns.checked = live.learning.has(i);
    learns.addEventListener("change", () => (learns.checked ? live.learning.add(i) : live.learning.delete(i)));
    parts.push(make("label", {}, learns, " learns"));
  }
  live.rows[i] = { entries, moved };
  return make("div", { class: "leaf" }, ...parts);
}

function showLeaves() {
  for (const [i, { entries, moved }] of Object.entries(live.rows)) {
    entries.forEach((input, k) => {
      const text = general(live.inputs[i][k] + 0, 6);
      if (input.value !== text && (document.activeElement !== input || !input.dataset.typing)) input.value = text;
    });
    const old = live.before[i];
    const as = layout(boxOf(i).value);
    const line = (x) => inRows(x, as).map((row) => row.join(" ")).join("; ");
    say(moved, old ? `${line(old)} → ${line(live.inputs[i])}` : "");
  }
  $("reset").disabled = !isChanged();
}

// --- Learning -------------------------------------------------------------------------------------------------------

const loss = () => {
  const root = live.result.values[data.live.root];
  return sum(root, 0, root.length, (x) => x);
};

/** w <- w - rate * gradient, for all that learns. */
function learn() {
  const rate = Number($("rate").value);
  if (!Number.isFinite(rate)) return;
  if (!live.losses.length) live.losses.push(loss());
  for (const i of live.learning) {
    const [w, slope] = [live.inputs[i], live.result.gradients[i]];
    if (!slope) continue;
    live.before[i] = w;
    live.inputs[i] = w.map((x, k) => x - rate * slope[k]);
  }
  compute();
  live.losses.push(loss());
  showLoss();
  if (!Number.isFinite(live.losses.at(-1))) halt();
}

function halt() {
  clearInterval(live.running);
  live.running = null;
  $("run").textContent = "Run";
  $("words").setAttribute("aria-live", "polite");
}

function run() {
  if (live.running !== null) { halt(); return; }
  $("run").textContent = "Stop";
  $("words").setAttribute("aria-live", "off"); // twenty sentences in a second are none
  live.running = setInterval(learn, 50);
}

/** The program's own numbers again. */
function reset() {
  halt();
  live.inputs = Object.fromEntries(data.live.inputs.map((i) => [i, live.start[i].slice()]));
  [live.losses, live.before] = [[], {}];
  compute();
  Object.assign(data, structuredClone(live.own));
  document.body.classList.remove("changed");
  showPicture(reading.step);
  refresh();
  followRegion();
}

/** The loss after each step as a curve. */
function showLoss() {
  const root = data.boxes.at(-1);
  const now = live.result ? loss() : null;
  say($("loss"), now === null ? "" : `${root.symbol} = ${number(now)}${live.losses.length > 1 ? ` after ${live.losses.length - 1} steps` : ""}`);
  const known = live.losses.filter(Number.isFinite);
  const [width, height, edge] = [360, 120, 8];
  $("curve").toggleAttribute("hidden", known.length < 2);
  if (known.length < 2) return;
  const [low, high] = [Math.min(0, ...known), Math.max(...known)];
  const across = (k) => edge + (k / (live.losses.length - 1)) * (width - 2 * edge);
  const down = (y) => height - edge - ((y - low) / (high - low || 1)) * (height - 2 * edge);
  const [count, gap] = [live.losses.length, Math.ceil(live.losses.length / width)]; // more points are not seen
  const seen = [...live.losses.keys()].filter((k) => k % gap === 0 || k === count - 1);
  const points = seen.filter((k) => Number.isFinite(live.losses[k]))
    .map((k, n) => `${n ? "L" : "M"}${across(k).toFixed(1)} ${down(live.losses[k]).toFixed(1)}`);
  fill($("curve"),
    make("line", { class: "axis", x1: edge, x2: width - edge, y1: down(0), y2: down(0) }),
    make("path", { class: "curve", d: points.join("") }),
    make("circle", { class: "point", cx: across(live.losses.findLastIndex(Number.isFinite)), cy: down(known.at(-1)), r: 4 }));
}

// --- The beginning --------------------------------------------------------------------------------------------------

/** The texts of a leaf's or an operation's numbers in the picture; those of a leaf can be dragged there. */
function prepareTexts(box, i) {
  const texts = boxes[i].values;
  if (!box.value || box.value.rows.flat().length !== texts.length) return;
  for (const [k, text] of texts.entries()) {
    anchored(text, box.room);
    if (data.live.inputs.includes(i) && !box.value.summary) {
      text.classList.add("drag");
      draggable(text, i, k);
    }
  }
  live.texts[i] = texts;
}

function startLive() {
  $("live-about").textContent = data.live.about;
  for (const id of ["take", "run", "reset", "rate-label", "curve", "leaves"]) $(id).toggleAttribute("hidden", !isLive());
  if (!isLive()) return;
  data.live.inputs.forEach((i, k) => {
    live.start[i] = KINDS[data.live.kinds[k]].from(data.live.numbers[k], Number);
    live.inputs[i] = live.start[i].slice();
  });
  data.boxes.forEach(prepareTexts);
  live.result = program(live.inputs);
  const learning = data.live.inputs.filter(learnable);
  const parameters = learning.filter((i) => boxOf(i).kind === "parameter");
  live.learning = new Set(parameters.length ? parameters : learning);
  for (const id of ["take", "run", "rate-label", "curve"]) $(id).toggleAttribute("hidden", !learning.length);
  $("leaves").replaceChildren(...data.live.inputs.map(leafRow));
  $("take").addEventListener("click", () => { halt(); learn(); });
  $("run").addEventListener("click", run);
  $("reset").addEventListener("click", reset);
  $("onward").addEventListener("click", () => { $("live").scrollIntoView({ block: "nearest" }); $("take").focus(); });
  $("live").addEventListener("keydown", (event) => event.stopPropagation()); // arrows change numbers here, not steps
  for (const kind of ["scroll", "focusin"]) stage.addEventListener(kind, followLate);
  window.addEventListener("beforeprint", followLate);
  startRegion();
  showLeaves();
  showLoss();
}
