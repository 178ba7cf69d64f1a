// A derivative beside a secant.
"use strict";

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
  const asked = found.find(({ name }) => name === reading.derivative) ?? own ?? found[0];
  const start = performance.now();
  const chosen = asked && sampled(asked);
  live.patient = performance.now() - start < PATIENCE;
  $("h").setAttribute("aria-valuetext", `h = ${short(data.h[$("h").value])}`);
  $("check").classList.toggle("empty", !chosen);
  if (!chosen) {
    for (const id of ["derivative", "plot", "slopes"]) $(id).replaceChildren();
    say($("about"), unchecked(checks()));
    return;
  }
  fill($("derivative"), ...found.map(({ name }) => make("option", {}, name)));
  $("derivative").value = chosen.name;
  say($("about"), chosen.about);
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
  fill($("plot"), ...shown);
  const secant = rise === null ? "ends where the function is not defined" : `has the slope ${short(rise)}`;
  const far = rise === null ? "" : `, the difference ${short(rise - slope)}`;
  say($("slopes"), `With h = ${short(h)} the secant (through both points) ${secant}; the derivative is ${short(slope)}${far}.`);
}
