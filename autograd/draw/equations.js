// The equation and the sentence of a step in the numbers of now: its terms are those of the program, computed anew.
"use strict";

function followStep(step) {
  if (!isLive() || !isChanged()) return;
  const [now, own] = [data.steps[step], live.own.steps[step]];
  const { values, gradients } = live.result;
  const box = now.box === null ? null : data.boxes[now.box];
  Object.assign(now, { terms: [], sums: [], carried: own.carried, matrices: "" });
  if (now.phase === "forward" && own.terms.length) now.terms = [{ ...own.terms[0], symbol: box.symbol, ...written(values[now.box], box.value) }];
  if (now.phase === "seed" && box.gradient) now.terms = [{ ...own.terms[0], ...written(gradients[now.box], box.gradient) }];
  if (now.phase === "start" || now.phase === "end") now.terms = leafTerms(now.phase === "end");
  if (now.phase === "backward") followProduct(now, own, step);
  now.words = retold(own.saying || own.words, { largest: live.result.flows[now.edge], ...now });
}

/** What each kind of factor is made of, by what it is called. What is of no kind, as n or a label, stays as it is. */
const FACTORS = {
  upstream: ({ target }) => live.result.gradients[target],
  "local derivative": ({ edge }) => live.result.local[edge],
  transposed({ target, place, across, summary }) {
    const x = live.result.values[data.live.operands[target].find(([at]) => at === 1 - place)[1]];
    if (summary) return x; // of a large one the smallest, mean and largest are shown
    const down = x.length / across; // of the transposed matrix, whose rows are the columns of x
    return x.map((_, k) => x[(k % across) * down + Math.floor(k / across)]);
  },
  softmax({ target }) {
    const logits = data.live.operands[target].find(([at]) => at === 0)[1];
    const [x, across] = [live.result.values[logits], data.live.shapes[logits].at(-1)];
    return Float64Array.from(x, (_, k) => {
      const row = x.subarray(k - (k % across), k - (k % across) + across);
      const most = Math.max(...row);
      return Math.exp(x[k] - most) / row.reduce((total, y) => total + Math.exp(y - most), 0);
    });
  },
};

/** The equation of a step backward. */
function followProduct(now, own, step) {
  const { source, target, place } = data.edges[now.edge];
  const [x, y] = [data.boxes[source], data.boxes[target]];
  const given = live.result.passed[now.edge]; // none comes back to a fold that has several values
  const result = given && own.terms.at(-1);
  const factors = (given ? own.terms.slice(0, -1) : own.terms).map((term) => {
    const across = term.shape ? Number(/(\d+)\)$/.exec(term.shape)?.[1]) : term.rows[0].length;
    const made = FACTORS[term.label]?.({ edge: now.edge, target, place, across, summary: term.summary });
    return made ? { ...term, ...written(made, made.length === term.rows.flat().length || term.summary ? term : y.value) } : term;
  });
  now.terms = factors;
  if (!given) return;
  now.terms = [...factors, { ...result, ...written(given, result.summary || result.rows.flat().length === given.length ? result : x.gradient) }];
  now.matrices = own.matrices;
  if (!result.sign.includes("→")) now.terms.at(-1).sign = result.sign.replace(/[=≈]/, signOf(now.terms, made(factors, own.matrices)));
  if (factors.length && factors.every(isSingle)) {
    const closing = result.sign.includes(")") ? ") " : "";
    now.carried = factors.map(({ sign, rows }) => (sign ? `${sign} ${bracketed(rows[0][0])}` : rows[0][0])).join(" ") + closing;
  }
  const [before, after] = live.sums[step];
  if (!before) return;
  now.sums = [before, given, after].map((numbers, k) => ({ ...own.sums[k], ...written(numbers, x.gradient) }));
  now.sums[2].sign = signOf(now.sums, made(now.sums.slice(0, 2), "sum"));
}

const isSingle = ({ rows }) => rows.length === 1 && rows[0].length === 1;
const bracketed = (text) => (text.startsWith("-") ? `(${text})` : text);

/** What the numbers that are shown make, in rows; null where that is not seen from them. */
function made(factors, how) {
  if (factors.some(({ summary }) => summary)) return null;
  const [a, b, c] = factors.map(({ rows }) => rows.map((row) => row.map(Number)));
  const add = (left, right) => left + right;
  const each = (f, left, right) => Array.from({ length: Math.max(left.length, right.length) }, (_, i) => {
    const [p, q] = [left, right].map((rows) => rows[rows.length === 1 ? 0 : i]);
    return Array.from({ length: Math.max(p.length, q.length) }, (_, j) => f(p[p.length === 1 ? 0 : j], q[q.length === 1 ? 0 : j]));
  });
  if (how === "product") return a.map((row) => b[0].map((_, j) => row.map((x, k) => x * b[k][j]).reduce(add, 0)));
  if (how === "columns") return [a[0].map((_, j) => a.map((row) => row[j]).reduce(add, 0))];
  if (how === "sum") return each(add, a, b);
  const factor = (x, y) => x * y;
  if (c) return each(factor, a, each((p, label) => p - label, b, c));
  return b ? each(factors[1].sign === "/" ? (x, n) => x / n : factor, a, b) : a;
}

/** Whether the numbers that are shown make the result that is shown, or about that. */
function signOf(terms, found) {
  const { rows, summary } = terms.at(-1);
  if (!found || summary) return "≈";
  const [shown, all] = [rows.flat(), found.flat()];
  const right = (text, k) => Math.abs(all[all.length === 1 ? 0 : k] - Number(text)) <= 1e-12 * Math.abs(text);
  return (all.length === 1 || all.length === shown.length) && shown.every(right) ? "=" : "≈";
}

/** The sentence of a step with the numbers of now in the places for numbers. */
function retold(saying, { terms, sums, largest }) {
  const text = (label) => [...terms, ...sums, ...(largest ? [{ label: "largest", sign: "", rows: [[number(largest[0])]] }] : [])].find((term) => (term.label || "value") === label);
  return saying.replace(new RegExp(`${data.live.place}([^\\]]*)\\]`, "g"), (_, label) => {
    const { sign, rows } = text(label);
    return `${label === "contribution" && sign === "≈" ? "about " : ""}${rows[0][0]}`;
  });
}

/** The values, or the gradients, of the leaves, if they are few. */
function leafTerms(ofGradients) {
  const leaves = data.boxes.filter((box) => box.kind === "leaf" || box.kind === "parameter");
  const shown = leaves.map((box) => ({
    sign: "", label: ofGradients ? "gradient" : "", symbol: ofGradients ? box.slope : box.symbol,
    ...(ofGradients ? box.gradient : box.value),
  }));
  return shown.length > 12 || shown.some((term) => !term.rows) ? [] : shown;
}
