// The plane as the network decides it, computed with the numbers of now, a few points at a time.
"use strict";

const GRID = 25; // points along each side
const SLICE = 2.5; // milliseconds of each picture of the screen
const plane = { cells: [], next: 0, left: 0, frame: null, limits: null };

/** From where to where the plane is drawn: all points, with room around them. */
function limitsOf(points) {
  return [0, 1].map((axis) => {
    const along = Array.from(points).filter((x, k) => k % 2 === axis && Number.isFinite(x));
    const [low, high] = [Math.min(...along), Math.max(...along)];
    const room = 0.25 * (high - low || 1);
    return [low - room, high + room];
  });
}

const gridPoint = (k) => plane.limits.map(([low, high], axis) => {
  const place = axis ? Math.floor(k / GRID) : k % GRID;
  return low + ((place + 0.5) / GRID) * (high - low);
});

/** How a row of the output decides: the class, and how far it is from deciding otherwise. */
function decision(row) {
  const { middle } = data.live.region;
  if (middle !== null) return [Number(row[0] > middle), Math.abs(row[0] - middle)];
  const order = [...row.keys()].sort((a, b) => row[b] - row[a]);
  return [order[0], row[order[0]] - row[order[1]]];
}

/** As many points as the data has, through the network at once. */
function decideNext() {
  const { points, output } = data.live.region;
  const count = live.inputs[points].length / 2;
  const grid = Float64Array.from({ length: 2 * count }, (_, k) => gridPoint((plane.next + (k >> 1)) % GRID ** 2)[k % 2]);
  const found = following({ [points]: grid }, output);
  const across = found.length / count;
  for (let k = 0; k < Math.min(count, plane.left); k++) {
    plane.cells[(plane.next + k) % GRID ** 2] = decision(Array.from(found.slice(k * across, (k + 1) * across)));
  }
  plane.next = (plane.next + count) % GRID ** 2;
  plane.left -= count;
}

/** The numbers are others: decide all points anew, between the pictures of the screen. */
function followRegion() {
  if (!data.live.region) return;
  plane.left = GRID ** 2;
  plane.frame ??= requestAnimationFrame(decideSome);
}

function decideSome() {
  plane.frame = null;
  const start = performance.now();
  while (plane.left > 0 && performance.now() - start < SLICE / (waiting.size ? 2 : 1)) decideNext();
  if (plane.cells.filter(Boolean).length === GRID ** 2) drawRegion();
  if (plane.left > 0) plane.frame = requestAnimationFrame(decideSome);
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`);
const COLOURS = ["negative", "positive", "operation", "parameter", "result", "gradient", "leaf", "fold", "constant", "quiet"];

/** The cells, the line between those of different classes, and the points, each class of another form. */
function drawRegion() {
  const canvas = $("region");
  const context = canvas.getContext("2d");
  const [size, cell] = [canvas.width, canvas.width / GRID];
  context.fillStyle = colour("background");
  context.fillRect(0, 0, size, size);
  const most = Math.max(...plane.cells.map(([, sure]) => sure).filter(Number.isFinite)) || 1;
  const corner = (k) => [(k % GRID) * cell, size - (Math.floor(k / GRID) + 1) * cell];
  const inks = COLOURS.map(colour);
  plane.cells.forEach(([kind, sure], k) => {
    context.fillStyle = inks[kind];
    context.globalAlpha = 0.12 + 0.5 * Math.min(1, (sure || 0) / most);
    context.fillRect(...corner(k), cell, cell);
  });
  context.globalAlpha = 1;
  context.fillStyle = colour("ink");
  plane.cells.forEach(([kind], k) => {
    const [x, y] = corner(k);
    if ((k + 1) % GRID && plane.cells[k + 1][0] !== kind) context.fillRect(x + cell - 1, y - 1, 2, cell + 2);
    if (k + GRID < GRID ** 2 && plane.cells[k + GRID][0] !== kind) context.fillRect(x - 1, y - 1, cell + 2, 2);
  });
  drawPoints(context, size);
  const wrong = wrongPoints();
  say($("region-about"), wrong === null ? "" : `${wrong} of ${data.live.region.classes.length} points on the wrong side`);
}

function drawPoints(context, size) {
  const { points, classes } = data.live.region;
  const where = live.inputs[points];
  for (let k = 0; k < where.length / 2; k++) {
    const [x, y] = plane.limits.map(([low, high], axis) => (size * (where[2 * k + axis] - low)) / (high - low));
    const corners = (classes[k] ?? 0) + 2; // 2 stands for a circle
    context.beginPath();
    if (corners === 2) context.arc(x, size - y, 7, 0, 2 * Math.PI);
    else for (let c = 0; c < corners; c++) {
      const angle = (2 * Math.PI * c) / corners - Math.PI / 2;
      context.lineTo(x + 9 * Math.cos(angle), size - y + 9 * Math.sin(angle));
    }
    context.closePath();
    [context.fillStyle, context.strokeStyle, context.lineWidth] = [colour(COLOURS[classes[k] ?? 0]), colour("background"), 2];
    context.fill();
    context.stroke();
  }
}

/** How many points are on the wrong side; null where their classes are not known. */
function wrongPoints() {
  const { classes, output } = data.live.region;
  if (!classes.length) return null;
  const values = valueOf(output);
  const across = values.length / classes.length;
  return classes.filter((kind, k) => decision(Array.from(values.slice(k * across, (k + 1) * across)))[0] !== kind).length;
}

function startRegion() {
  $("decides").toggleAttribute("hidden", !data.live.region);
  if (!data.live.region) return;
  const { points } = data.live.region;
  const { symbol } = data.boxes[points];
  plane.limits = limitsOf(live.start[points]);
  $("region").setAttribute("aria-label", `The points of ${symbol} in the plane, and how ${data.boxes[data.live.region.output].symbol} decides there`);
  $("theme").addEventListener("change", followRegion);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", followRegion);
  followRegion();
}
