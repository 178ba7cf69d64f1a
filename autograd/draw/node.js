// The chosen node, at length: its function, its numbers, and the rules of the table along its edges.
"use strict";

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
  fill($("node"), heading, make("dl", {}, ...facts), ...box.inputs.map(rule).filter(Boolean));
}

function markChosen() {
  const i = subject();
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
  return make("button", { type: "button", "data-box": source }, data.boxes[source].symbol);
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
