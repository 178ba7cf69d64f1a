// What the program of a live page is made of, and how its numbers are written: as NumPy and Python do both.
"use strict";

// --- Statements of programs: flat arrays, whose shapes the program knows -------------------------------------------

/** `f` of the operands, element by element; an operand of one number is the same for all. */
function each(Kind, size, f, a, b, c, ...more) {
  const out = new Kind(size);
  const step = (x) => (x && x.length === 1 ? 0 : 1);
  const [i, j, k] = [step(a), step(b), step(c)];
  if (more.length) {
    const all = [a, b, c, ...more];
    for (let n = 0; n < size; n++) out[n] = f(...all.map((x) => x[x.length === 1 ? 0 : n]));
  } else if (c) for (let n = 0; n < size; n++) out[n] = f(a[n * i], b[n * j], c[n * k]);
  else if (b) for (let n = 0; n < size; n++) out[n] = f(a[n * i], b[n * j]);
  else for (let n = 0; n < size; n++) out[n] = f(a[n * i]);
  return out;
}

/** The elements of all operands, one after the other, at these places; null: as they are. */
function pick(Kind, places, ...operands) {
  const all = operands.length === 1 ? operands[0] : joined(operands);
  if (!places) return Kind.from(all);
  const out = new Kind(places.length);
  for (let n = 0; n < out.length; n++) out[n] = all[places[n]];
  return out;
}

function joined(operands) {
  const out = new Float64Array(operands.reduce((size, x) => size + x.length, 0));
  operands.reduce((start, x) => { out.set(x, start); return start + x.length; }, 0);
  return out;
}

/** The order of each `count` elements, which lie side by side `there`: NaN comes last, equal ones stay as they stand. */
function order(Kind, count, there, back, x) {
  const before = (a, b) => (a < b ? -1 : a > b ? 1 : Number(Number.isNaN(a)) - Number(Number.isNaN(b)));
  const [row, found] = [pick(Float64Array, there, x), new Float64Array(x.length)];
  for (let start = 0; start < row.length; start += count) {
    const places = Array.from({ length: count }, (_, k) => k);
    found.set(places.sort((i, j) => before(row[start + i], row[start + j])), start);
  }
  return pick(Kind, back, found);
}

/** Elements of `x`, each at a computed place along an axis of `size` elements, which are `step` apart. */
function along(Kind, begin, step, size, x, places) {
  return Kind.from(begin, (first, n) => {
    const place = places[places.length === 1 ? 0 : n];
    return x[first + step * (place < 0 ? place + size : place)];
  });
}

/** `x` with the elements of `given` added at these places. */
function scatter(Kind, x, places, given) {
  const out = Kind.from(x);
  const count = places ? places.length : given.length;
  for (let n = 0; n < count; n++) out[places ? places[n] : n] += given[given.length === 1 ? 0 : n];
  return out;
}

/** `size` results, each of `count` elements that lie side by side. */
function fold(Kind, how, size, count, x, begin) {
  const round = Kind === Float32Array ? Math.fround : (number) => number;
  const out = new Kind(size);
  for (let n = 0; n < size; n++) out[n] = how(x, n * count, count, round, begin);
  return out;
}

const reducing = (first, f) => (x, start, count, round, begin = first) => {
  let total = begin;
  for (let n = start; n < start + count; n++) total = round(f(total, x[n]));
  return total;
};
const sums = reducing(0, (a, b) => a + b);
const product = reducing(1, (a, b) => a * b);
const largest = reducing(-Infinity, (a, b) => Math.max(a, b));
const smallest = reducing(Infinity, (a, b) => Math.min(a, b));
const any = reducing(0, (a, b) => Number(Boolean(a) || Boolean(b)));
const all = reducing(1, (a, b) => Number(Boolean(a) && Boolean(b)));

/** The sum as NumPy adds numbers that lie side by side: in pairs, which loses less. */
function sum(x, start, count, round, begin = 0) {
  return round(begin + pairs(x, start, count, round));
}

function pairs(x, start, count, round) {
  if (count < 8) return sums(x, start, count, round);
  if (count > 128) {
    const half = (count >> 1) - ((count >> 1) % 8);
    return round(pairs(x, start, half, round) + pairs(x, start + half, count - half, round));
  }
  const r = Array.from({ length: 8 }, (_, k) => x[start + k]);
  let n = 8;
  for (; n < count - (count % 8); n += 8) for (let k = 0; k < 8; k++) r[k] = round(r[k] + x[start + n + k]);
  const add = (a, b) => round(a + b);
  let total = add(add(add(r[0], r[1]), add(r[2], r[3])), add(add(r[4], r[5]), add(r[6], r[7])));
  for (; n < count; n++) total = add(total, x[start + n]);
  return total;
}

/** y[i] = a[i] * y[i - 1] + b[i], for each of `width` columns. */
function recurrence(Kind, rows, width, a, b) {
  const out = Kind.from({ length: rows * width }, (_, n) => b[b.length === 1 ? 0 : n]);
  for (let n = width; n < out.length; n++) out[n] += a[a.length === 1 ? 0 : n] * out[n - width];
  return out;
}

/** Products of matrices, `batch` of them: rows x inner times inner x columns. */
function matmul(Kind, batch, rows, inner, columns, a, b) {
  const out = new Kind(batch * rows * columns);
  for (let n = 0; n < batch; n++) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        let total = 0;
        for (let k = 0; k < inner; k++) total += a[(n * rows + i) * inner + k] * b[(n * inner + k) * columns + j];
        out[(n * rows + i) * columns + j] = total;
      }
    }
  }
  return out;
}

// --- Functions of one or two numbers, where JavaScript has none or another ------------------------------------------

/** a * b with 0 * inf = 0: what is not on the path. */
function chain(a, b) {
  const c = a * b;
  return Number.isNaN(c) && (a === 0 || b === 0) ? 0 : c;
}

const power = (a, b) => {
  if (b === 2) return a * a;
  if (a === 1 || (a === -1 && Math.abs(b) === Infinity)) return 1;
  return a ** b;
};
const mod = (a, b) => {
  const rest = a % b;
  if (rest === 0) return copysign(0, b);
  return (rest < 0) !== (b < 0) ? rest + b : rest;
};
const floorDivide = (a, b) => {
  if (b === 0) return a / b;
  const rest = a % b;
  const whole = (a - rest) / b - (rest !== 0 && (rest < 0) !== (b < 0) ? 1 : 0);
  if (whole === 0) return copysign(0, a / b);
  const below = Math.floor(whole);
  return whole - below > 0.5 ? below + 1 : below;
};
const rint = (a) => {
  const below = Math.floor(a);
  if (a - below !== 0.5) return Math.round(a);
  return below % 2 === 0 ? below : below + 1;
};
const fmax = (a, b) => (Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.max(a, b));
const copysign = (a, b) => (b < 0 || Object.is(b, -0) ? -Math.abs(a) : Math.abs(a));
const sigmoid = (a) => {
  const e = Math.exp(-Math.abs(a));
  return (a >= 0 ? 1 : e) / (1 + e);
};
const logaddexp = (a, b) => {
  if (a === b) return a + Math.LN2;
  return a > b ? a + Math.log1p(Math.exp(b - a)) : a < b ? b + Math.log1p(Math.exp(a - b)) : NaN;
};
/** The error function: its series has terms of one sign. */
const erf = (a) => {
  if (!(Math.abs(a) < 6)) return Math.sign(a);
  let [term, total] = [1, 1];
  for (let n = 1; term > 1e-17 * total; n++) total += term *= (2 * a * a) / (2 * n + 1);
  return (2 / Math.sqrt(Math.PI)) * a * Math.exp(-a * a) * total;
};
const sinc = (a) => {
  const x = Math.PI * (a === 0 ? 1e-20 : a);
  return Math.sin(x) / x;
};

// --- Numbers as texts, to the letter as Python writes them ----------------------------------------------------------

/** Whether a number lies exactly between two of so many digits: Python takes the even one then, JavaScript the larger. */
const isTie = (digits) => /^50*$/.test(digits);
/** Whether it may: half a unit of the last of so many decimals is a multiple of 2 ** -(decimals + 1), or it is large. */
const mayTie = (size, places) => places < 0 || Number.isInteger(size * 2 ** (places + 1));

/** f"{x:.{digits}f}" */
function decimals(x, digits) {
  if (!Number.isFinite(x)) return general(x, 1);
  if (!mayTie(Math.abs(x), digits)) return (x < 0 ? "-" : "") + Math.abs(x).toFixed(digits);
  const exact = Math.abs(x).toFixed(Math.min(100, digits + 45));
  const kept = exact.slice(0, exact.indexOf(".") + (digits ? digits + 1 : 0));
  const even = Number(kept.at(-1)) % 2 === 0;
  const text = isTie(exact.slice(exact.indexOf(".") + digits + 1)) && even ? kept : Math.abs(x).toFixed(digits);
  return (x < 0 || Object.is(x, -0) ? "-" : "") + text;
}

/** f"{x:.{digits}g}" */
function general(x, digits) {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  if (x === 0) return Object.is(x, -0) ? "-0" : "0";
  const size = Math.abs(x);
  let [shown, exponent] = size.toExponential(digits - 1).split("e");
  if (mayTie(size, digits - Number(exponent))) { // one place more: rounding may have made the exponent larger
    const [all, own] = size.toExponential(60).split("e");
    const exact = all.replace(".", "");
    if (isTie(exact.slice(digits)) && Number(exact[digits - 1]) % 2 === 0) {
      shown = exact[0] + (digits > 1 ? `.${exact.slice(1, digits)}` : "");
      exponent = own;
    }
  }
  return (x < 0 ? "-" : "") + placed(shown.replace(".", "").replace(/0+$/, "") || "0", Number(exponent), digits);
}

/** Digits with their decimal point; with an exponent where Python writes one. */
function placed(digits, exponent, most) {
  if (exponent < -4 || exponent >= most) {
    const tail = digits.length > 1 ? `.${digits.slice(1)}` : "";
    return `${digits[0]}${tail}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.padEnd(exponent + 1, "0");
  return whole.length > exponent + 1 ? `${whole.slice(0, exponent + 1)}.${whole.slice(exponent + 1)}` : whole;
}

/** A number to four digits; -0 is 0. */
const number = (x) => general(x + 0, 4);

/** The numbers with as many decimals as give the largest three or four digits; 0 is "0", nothing is "-0". */
function aligned(x) {
  let [most, whole] = [0, true];
  for (const entry of x) {
    if (!Number.isFinite(entry)) continue;
    most = Math.max(most, Math.abs(entry));
    whole &&= Number.isInteger(entry);
  }
  let form = (entry) => general(entry, 3);
  if (most < 1e5 && whole) {
    form = (entry) => decimals(entry, 0);
  } else if (most >= 1e-3 && most < 1e4) {
    const places = Math.max(0, 2 - Number(most.toExponential().split("e")[1]));
    form = (entry) => decimals(entry, places);
  }
  const written = (text) => (Number(text) === 0 ? text.replace("-", "") : text);
  return Array.from(x, (entry) => (entry ? written(form(entry)) : Number.isNaN(entry) ? "nan" : "0"));
}

/** Numbers in rows, the last axis across; of many (see `full`) the smallest, the mean and the largest. */
function inRows(x, { full, across }) {
  if (x.length === 0) return [["empty"]];
  if (x.length === 1) return [[number(x[0])]];
  if (!full) {
    const plain = (y) => y;
    const limits = [smallest, (...given) => sum(...given) / x.length, largest];
    return [limits.map((f) => number(f(x, 0, x.length, plain)))];
  }
  const texts = aligned(x);
  return Array.from({ length: x.length / across }, (_, i) => texts.slice(i * across, (i + 1) * across));
}
