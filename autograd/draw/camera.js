// The picture's window: how near it is seen, what is kept in view, and the arrow that goes back along an edge.
"use strict";

const SMALLEST = 10 * 4 / 3; // the smallest text of the picture, in pixels at zoom 1
const AGAIN = 1.25; // what + and - multiply by
const MEASURED = 60; // so many steps, of those that seem to need most room, are measured
const view = { zoom: null, step: 0 }; // what the reader chose, or null: as large as fits

const stage = document.getElementById("stage");
const picture = document.getElementById("picture");
const natural = parseFloat(picture.style.getPropertyValue("--natural"));
const tall = natural * picture.viewBox.baseVal.height / picture.viewBox.baseVal.width;
stage.style.setProperty("--tall", `${Math.ceil(1.25 * tall + 20)}px`);
const inLecture = () => document.documentElement.classList.contains("lecture");
const isNarrow = () => stage.clientWidth < 600;

/** The zoom below which the texts are not read: 18 pixels in a lecture, 9 elsewhere. */
const least = () => (inLecture() && !isNarrow() ? 18.2 : 9) / SMALLEST;

/** The zoom at which all of the picture is seen. */
const whole = () => Math.min((stage.clientWidth - 2) / natural, (stage.clientHeight - 2) / tall);

function usual() {
  if (view.zoom !== null) return view.zoom;
  if (inLecture()) return Math.max(least(), Math.min(2, whole()));
  return Math.min(1.25, Math.max(0.7, stage.clientWidth / natural));
}

/** The zoom while no box is in question: all of the picture, if its texts can still be made out. */
const overview = () => (view.zoom === null && !inLecture() && whole() >= 0.5 ? Math.min(usual(), whole()) : usual());

/** Where each box stands, in pixels at zoom 1, and in the picture's units; found once, since texts change. */
let places = [], outlines = [];

function measure() {
  setZoom(1);
  const frame = picture.getBoundingClientRect();
  outlines = boxes.map(({ group }) => group.querySelector(".outline").getBBox());
  places = boxes.map(({ group }) => {
    const { left, top, right, bottom } = group.querySelector(".outline").getBoundingClientRect();
    return { left: left - frame.left, top: top - frame.top, right: right - frame.left, bottom: bottom - frame.top };
  });
}

/** The place that holds those of several boxes. */
function around(several) {
  const [left, top] = ["left", "top"].map((side) => Math.min(...several.map((i) => places[i][side])));
  const [right, bottom] = ["right", "bottom"].map((side) => Math.max(...several.map((i) => places[i][side])));
  return { left, top, right, bottom, width: right - left, height: bottom - top };
}

/** A function that tells whether a box is in the window, or almost. */
function sight() {
  const [frame, all, near] = [stage.getBoundingClientRect(), picture.getBoundingClientRect(), 50];
  const zoom = all.width / natural;
  const [left, right] = [frame.left - near, frame.right + near].map((x) => (x - all.left) / zoom);
  const [top, bottom] = [frame.top - near, frame.bottom + near].map((y) => (y - all.top) / zoom);
  return (i) => places[i].right > left && places[i].left < right && places[i].bottom > top && places[i].top < bottom;
}

function setZoom(zoom) {
  followLate(); // more may be seen
  picture.style.width = `${(natural * zoom).toFixed(1)}px`;
}

/** Keep these in view: nearer or farther, at the middle of the window, or pinned to its edge where it is too small.
 * Gives what is seen of the picture, in its units; null where it is all of it. */
function look(several, smoothly) {
  const room = 24;
  $("pinned").replaceChildren();
  $("pinned").className = "";
  const most = $("whole").checked ? whole() : several.length ? usual() : overview();
  if (!several.length || $("whole").checked) {
    setZoom(most);
    const first = reading.step === 0 ? seen(1) : []; // what does not fit begins with what is computed first
    if (first.length) {
      const { left, top, height } = around(first);
      stage.scrollTo({ left: most * left - room, top: most * (top + height / 2) - stage.clientHeight / 2, behavior: "instant" });
    }
    return null;
  }
  const [wide, high] = [stage.clientWidth - room, stage.clientHeight - room];
  const all = around(several);
  const zoom = Math.max(Math.min(most, wide / all.width, high / all.height), Math.min(least(), most));
  const far = zoom * all.width > wide || zoom * all.height > high;
  const near = far ? around(several.slice(0, 1)) : all;
  setZoom(zoom);
  const pinned = far ? several.slice(1, 2).map((box) => pin(box, near, zoom)) : [];
  const shift = pinned[0] ?? 0;
  const within = (start, size, shown) => Math.max(0, Math.min(start, zoom * size - shown));
  const left = within(zoom * (near.left + near.width / 2) - (stage.clientWidth + shift) / 2, natural, stage.clientWidth);
  const top = within(zoom * (near.top + near.height / 2) - stage.clientHeight / 2, tall, stage.clientHeight);
  const behavior = smoothly && !matchMedia("(prefers-reduced-motion: reduce)").matches ? "smooth" : "instant";
  stage.scrollTo({ left, top, behavior });
  const [unit, first, place] = [3 / 4, outlines[0], places[0]]; // pixels to the picture's units
  return {
    x: unit * ((left + Math.max(shift, 0)) / zoom - place.left) + first.x, y: unit * (top / zoom - place.top) + first.y,
    width: (unit * (stage.clientWidth - Math.abs(shift))) / zoom, height: (unit * stage.clientHeight) / zoom,
  };
}

/** A copy of a box that is too far away, at that edge of the window where it would be. Gives the room that it takes. */
function pin(i, near, zoom) {
  const [place, element, box] = [around([i]), boxes[i].group, outlines[i]];
  if (place.left <= near.right && place.right >= near.left && place.height + near.height < stage.clientHeight / zoom) return 0;
  const copy = element.cloneNode(true);
  for (const part of [copy, ...copy.querySelectorAll("*")]) part.removeAttribute("id");
  for (const name of ["tabindex", "role", "aria-label", "aria-describedby"]) copy.removeAttribute(name);
  const edge = 3;
  const svg = make("svg", {
    viewBox: [box.x - edge, box.y - edge, box.width + 2 * edge, box.height + 2 * edge].join(" "),
    width: (zoom * 4 / 3) * (box.width + 2 * edge), class: "backprop",
  }, copy);
  const before = place.left < near.left;
  $("pinned").className = before ? "before" : "after";
  $("pinned").replaceChildren(svg);
  return (before ? 1 : -1) * (zoom * 4 / 3) * (box.width + 2 * edge);
}

/** Both ends of the edge of the step, or an operation and what it is computed from. */
function seen(step) {
  const { box, edge, phase } = data.steps[step];
  if (box === null) return [];
  const others = edge !== null ? [data.edges[edge].target] : phase === "forward" ? data.boxes[box].inputs.map((i) => data.edges[i].source) : [];
  return [box, ...others];
}

/** Bring the step into view; not smoothly, if it is an event that asks for it. */
function seeStep(event) {
  showWayBack(data.steps[reading.step], look(seen(reading.step), event === undefined));
}

/** The step's place is as high as its highest step needs, so that nothing below it jumps. */
function reserve() {
  const lines = (terms) => Math.max(0, ...terms.map(({ rows }) => rows.length));
  const high = ({ terms, sums, symbols, words }) => 24 * (lines(terms) + lines(sums)) + (symbols.length + words.length) / 4;
  const order = data.steps.map((step, i) => [high(step), i]).sort((a, b) => b[0] - a[0]);
  $("now").style.minHeight = "";
  const heights = order.slice(0, MEASURED).map(([, i]) => { showStep(i); return $("now").offsetHeight; });
  $("now").style.minHeight = `${Math.max(...heights)}px`;
  showStep(reading.step);
}

// --- The way back ---------------------------------------------------------------------------------------------------

const SIDE = 6; // how far the arrow back is from the edge, in the picture's units

/** Points beside an edge, from its output to its input. */
function beside(edge, side) {
  const path = arrows[edge].path;
  const length = path.getTotalLength();
  const count = Math.max(4, Math.min(40, Math.round(length / 6)));
  return Array.from({ length: count + 1 }, (_, k) => {
    const at = length * (1 - k / count);
    const [a, b] = [path.getPointAtLength(Math.max(at - 1, 0)), path.getPointAtLength(Math.min(at + 1, length))];
    const size = Math.hypot(b.x - a.x, b.y - a.y) || 1;
    const here = path.getPointAtLength(at);
    return { x: here.x - (side * (b.y - a.y)) / size, y: here.y + (side * (b.x - a.x)) / size };
  });
}

const overlap = (a, b) => Math.max(0, Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x))
  * Math.max(0, Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y));
const way = (points) => `M${points.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}`;

/** A second arrow along the edge of the step, from the output to the input, with what it carries. */
function showWayBack({ edge, phase, carried }, shown) {
  $("back-way")?.remove();
  if (phase !== "backward" || edge === null || !arrows[edge].path) return;
  const label = [...arrows[edge].group.querySelectorAll("text")].map((text) => text.getBBox());
  const inLabel = (points) => points.filter(({ x, y }) => label.some((b) => overlap(b, { x: x - 2, y: y - 2, width: 4, height: 4 }))).length;
  const sides = [SIDE, -SIDE].map((side) => beside(edge, side));
  const points = inLabel(sides[0]) <= inLabel(sides[1]) ? sides[0] : sides[1];
  const [tip, from] = [points.at(-1), points.at(-2)];
  const size = Math.hypot(tip.x - from.x, tip.y - from.y) || 1;
  const [dx, dy] = [(tip.x - from.x) / size, (tip.y - from.y) / size];
  const corner = (along, across) => `${(tip.x + along * dx - across * dy).toFixed(1)},${(tip.y + along * dy + across * dx).toFixed(1)}`;
  const group = make("g", { id: "back-way", "aria-hidden": "true" },
    make("path", { d: way(points) }), make("polygon", { points: [corner(3, 0), corner(-7, 4.5), corner(-7, -4.5)].join(" ") }),
    make("circle", { class: "spark", r: 4, style: `offset-path: path("${way(points)}")` }));
  picture.querySelector("g.graph").append(group);
  if (carried) group.append(...tag(carried, points, label, shown));
}

/** What the arrow carries, where it covers as little as can be. */
function tag(carried, points, label, shown) {
  const text = make("text", { "text-anchor": "middle" }, carried);
  const [width, height] = [6.75 * carried.length, 14]; // of a monospaced font of 11 units
  const paper = shown ?? picture.querySelector("g.graph > polygon").getBBox();
  const taken = [...outlines, ...label];
  const near = points.filter(({ x, y }) => overlap(paper, { x: x - 20, y: y - 20, width: 40, height: 40 }) >= 1600);
  const middle = (near.length ? near : points)[Math.floor((near.length || points.length) / 2)];
  let best = null;
  for (const away of [12, 20, 30, 42, 56, 72, 90]) {
    for (const [x, y] of [[0, away], [0, -away], [away + width / 2, 0], [-away - width / 2, 0], [width / 2, away], [-width / 2, -away]]) {
      const place = { x: middle.x + x - width / 2 - 3, y: middle.y + y - height / 2 - 1, width: width + 6, height: height + 2 };
      const outside = place.width * place.height - overlap(place, paper);
      const cost = taken.reduce((sum, other) => sum + 3 * overlap(place, other), 0) + 3 * outside + away;
      if (best === null || cost < best.cost) best = { cost, place };
    }
  }
  const { x, y } = best.place;
  text.setAttribute("x", x + best.place.width / 2);
  text.setAttribute("y", y + best.place.height - 4.5);
  return [make("rect", { x, y, width: best.place.width, height: best.place.height, rx: 3 }), text];
}

// --- The reader's hand ----------------------------------------------------------------------------------------------

function zoomTo(zoom, x = stage.clientWidth / 2, y = stage.clientHeight / 2) {
  const before = picture.getBoundingClientRect().width / natural;
  view.zoom = Math.min(6, Math.max(0.1, zoom));
  $("whole").checked = false;
  setZoom(view.zoom);
  const ratio = view.zoom / before;
  stage.scrollTo({ left: (stage.scrollLeft + x) * ratio - x, top: (stage.scrollTop + y) * ratio - y, behavior: "instant" });
}

const nearer = (factor) => zoomTo((picture.getBoundingClientRect().width / natural) * factor);

function lecture(on = !inLecture()) {
  document.documentElement.classList.toggle("lecture", on);
  $("lecture").setAttribute("aria-pressed", `${on}`);
  view.zoom = null;
  seeStep();
  letScroll();
}

function listenToHand() {
  measure();
  $("nearer").addEventListener("click", () => nearer(AGAIN));
  $("farther").addEventListener("click", () => nearer(1 / AGAIN));
  $("lecture").addEventListener("click", () => lecture());
  $("whole").addEventListener("change", () => { view.zoom = null; seeStep(); });
  stage.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const frame = stage.getBoundingClientRect();
    const now = picture.getBoundingClientRect().width / natural;
    zoomTo(now * Math.exp(-event.deltaY / 400), event.clientX - frame.left, event.clientY - frame.top);
  }, { passive: false });
  let held = null;
  stage.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse" && event.button === 0) held = [event.clientX + stage.scrollLeft, event.clientY + stage.scrollTop];
  });
  window.addEventListener("pointermove", (event) => {
    if (held) stage.scrollTo({ left: held[0] - event.clientX, top: held[1] - event.clientY, behavior: "instant" });
  });
  window.addEventListener("pointerup", () => { held = null; });
  window.addEventListener("resize", seeStep);
}
