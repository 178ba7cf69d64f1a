// The small pictures of large arrays, painted anew from other numbers as `pixels.py` paints them.
"use strict";

const MOST = 64, BLOCK = 4; // numbers along an axis, and pixels for each
const INKS = [[47, 128, 216], [217, 102, 26], [222, 40, 84]]; // above 0, below 0, not finite
const canvas = document.createElement("canvas");

/** Paint a table, every so manieth of its rows and columns, and give the address of the picture. */
function painted(x, start, rows, across, scale) {
  const [down, right] = [Math.ceil(rows / MOST), Math.ceil(across / MOST)];
  [canvas.width, canvas.height] = [BLOCK * Math.ceil(across / right), BLOCK * Math.ceil(rows / down)];
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(canvas.width, canvas.height);
  const pixels = new Uint32Array(image.data.buffer); // one number each: opacity, blue, green, red
  const coloured = ([r, g, b], full) => (full << 24) | (b << 16) | (g << 8) | r;
  for (let i = 0; i * BLOCK < canvas.height; i++) {
    for (let j = 0; j * BLOCK < canvas.width; j++) {
      const number = x[start + i * down * across + j * right];
      const ink = Number.isFinite(number) ? Number(number < 0) : 2;
      const full = ink === 2 ? 255 : Math.round((255 * Math.abs(number)) / scale);
      const [rim, middle] = [full, ink === 1 ? Math.floor(full / 4) : full].map((opacity) => coloured(INKS[ink], opacity));
      for (let k = 0; k < BLOCK ** 2; k++) {
        const [v, u] = [Math.floor(k / BLOCK), k % BLOCK];
        const isInside = u > 0 && u < BLOCK - 1 && v > 0 && v < BLOCK - 1;
        pixels[(i * BLOCK + v) * canvas.width + j * BLOCK + u] = isInside ? middle : rim;
      }
    }
  }
  pen.putImageData(image, 0, 0);
  return canvas.toDataURL();
}

const SHARE = 2; // milliseconds: so long, of each picture of the screen, tables are painted; the others follow in the next
const heated = [...picture.querySelectorAll("g.heat")].filter((group) => !data.boxes[group.dataset.box].pictured);
const waiting = new Set();

/** The pictures of the values and the gradients of now. */
function followHeat() {
  for (const group of heated) waiting.add(group); // what waits already is not put at the end
  paintHeat();
}

function paintHeat() {
  const start = performance.now();
  for (const group of waiting) {
    waiting.delete(group);
    paint(group);
    if (performance.now() - start > SHARE) break;
  }
  if (waiting.size) live.paint ??= requestAnimationFrame(() => { live.paint = null; paintHeat(); });
}

/** The tables of a value or a gradient. */
function paint(group) {
  const i = Number(group.dataset.box ?? group.dataset.point);
  const x = live.result[group.dataset.of === "value" ? "values" : "gradients"][i];
  if (!x) return;
  const shape = group.dataset.shape?.split(",").map(Number) ?? data.boxes[i].shape;
  const [rows, across] = [1, 1, ...shape].slice(-2);
  const scale = x.reduce((most, y) => (Number.isFinite(y) ? Math.max(most, Math.abs(y)) : most), 0) || 1;
  group.querySelectorAll("image").forEach((tile, k) => tile.setAttribute("href", painted(x, k * rows * across, rows, across, scale)));
}
