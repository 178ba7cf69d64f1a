// Derivatives beside secants for the numbers of now: operations are computed anew, one by one, with one entry changed.
"use strict";

const PATIENCE = 4; // milliseconds: a check that takes longer waits until the numbers rest
const REACH = 33; // points of a curve

/** What a box is now; its value, or another that it is asked about. */
const valueOf = (i, anew = {}) => anew[i] ?? live.result.values[i];

/** What a box makes of the numbers of now, or of others. A fold answers with all its points. */
function operate(i, anew) {
  const found = operations[i](Object.fromEntries(data.live.operands[i].map(([place, source]) => [place, valueOf(source, anew)])));
  return data.boxes[i].folded ? found : { [i]: found };
}

/** The value of a point that follows from other numbers of some. */
function following(anew, until) {
  const found = { ...anew };
  for (let i = 0; i <= Math.min(until, data.boxes.length - 1); i++) {
    if (!(i in anew) && data.live.operands[i]?.some(([, source]) => source in found)) Object.assign(found, operate(i, found));
  }
  return valueOf(until, found);
}

/** `x` with another number at one place, in double precision. */
function moved(x, place, t) {
  const changed = Float64Array.from(x);
  changed[place] = t;
  return changed;
}

const placeOfLargest = (x) => x.reduce((best, y, k) => (Math.abs(y) > Math.abs(x[best]) || Number.isNaN(x[best]) ? k : best), 0);

/** A place in an array, as its index along each axis. */
function unravel(place, shape) {
  const index = [];
  for (const size of [...shape].reverse()) { index.unshift(place % size); place = Math.floor(place / size); }
  return index;
}

/** Where the entry of an operand is that an entry of the result was computed from. */
function sourcePlace(index, shape) {
  const own = index.slice(index.length - shape.length);
  return shape.reduce((place, size, axis) => place * size + (size === 1 ? 0 : own[axis]), 0);
}

const named = (text, shape, place) => text.replaceAll(data.live.entry, shape.length ? `[${unravel(place, shape).join(", ")}]` : "")
  .replaceAll(data.live.atEntry, shape.length ? ` at [${unravel(place, shape).join(", ")}]` : "");

/** The derivative of an operation by one operand, as a function and where it is. */
function checkOfEdge(e) {
  const { source, target, place, words } = data.edges[e];
  const { gradients, passed, local } = live.result;
  if (!words || !passed[e]?.length) return null;
  const given = Object.fromEntries(data.live.operands[target].map(([at, from]) => [at, valueOf(from)]));
  const at = (k, t) => operations[target]({ ...given, [place]: moved(given[place], k, t) });
  if (local[e]) {
    const [shape, slope] = [data.boxes[target].shape, (k) => local[e][local[e].length === 1 ? 0 : k]];
    const k = placeOfLargest(gradients[target].map((g, n) => g * slope(n)));
    const own = sourcePlace(unravel(k, shape), data.live.shapes[data.live.operands[target].find(([at]) => at === place)[1]]);
    return { ...checkNamed(words, shape, k), f: (t) => at(own, t)[k], x: given[place][own], slope: slope(k) };
  }
  const k = placeOfLargest(passed[e]);
  const f = (t) => at(k, t).reduce((total, y, n) => total + y * gradients[target][n], 0);
  return { ...checkNamed(words, data.boxes[source].shape, k), f, x: given[place][k], slope: passed[e][k] };
}

/** The gradient of a box, all that follows computed anew. */
function checkOfBox(i) {
  const { shape, words } = data.boxes[i];
  const slopes = live.result.gradients[i];
  if (!words || !slopes?.length) return null;
  const k = placeOfLargest(slopes);
  const f = (t) => following({ [i]: moved(valueOf(i), k, t) }, data.live.root).reduce((total, y) => total + y, 0);
  return { ...checkNamed(words, shape, k), f, x: valueOf(i)[k], slope: slopes[k] };
}

const checkNamed = ([name, about], shape, k) => ({ name: named(name, shape, k), about: named(about, shape, k) });

/** The curve and the secants of a check that is a function; null where something is not finite. */
function sampled(check) {
  if (!check.f) return check;
  const { f, x, slope } = check;
  const y = f(x);
  if (![x, y, slope].every(Number.isFinite)) return null;
  const finite = (value) => (Number.isFinite(value) ? value : null);
  const reach = data.h[0] * Math.max(1, Math.abs(x) / 8);
  const curve = Array.from({ length: REACH }, (_, k) => finite(f(x - reach + (2 * reach * k) / (REACH - 1))));
  return { ...check, y, reach, curve, slopes: data.h.map((h) => finite((f(x + h) - y) / h)) };
}
