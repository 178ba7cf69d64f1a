// A product of matrices: the row and the column of which an entry is made, and its sum, written out.
"use strict";

/** Light the row and the column of which an entry of a product of matrices is made, and write its sum out. */
function lightEntry(tables, { matrices, terms: factors }, i, j) {
  const cells = tables.map((table) => [...table.querySelectorAll("tr")].map((row) => [...row.children]));
  const [left, right] = cells;
  const result = cells.at(-1);
  for (const cell of cells.flat(2)) cell.classList.remove("lit");
  const terms = matrices === "product"
    ? left[i].map((cell, k) => [cell, right[k][j]]) : left.map((row) => [row[j]]);
  for (const cell of [...terms.flat(), result[i][j]]) cell.classList.add("lit");
  const bracketed = (text, first) => (text.startsWith("-") && !first ? `(${text})` : text);
  const sum = terms.map((cells, k) => cells.map((cell, f) => bracketed(cell.textContent, !k && !f)).join(" × "));
  say($("entry"), `[${i}, ${j}]: ${sum.join(" + ")} ${factors.at(-1).sign} ${result[i][j].textContent}`);
}

/** The tables of a product of matrices, whose entries can be pointed at; null where the step has none. */
function productTables({ terms, matrices }) {
  return matrices && !terms.some(({ summary }) => summary) ? [...$("terms").querySelectorAll("table")] : null;
}

/** The largest entry of a product is lit first. */
function showEntries(now) {
  const tables = productTables(now);
  if (!tables) { say($("entry"), ""); return; }
  let largest = [-1, 0, 0];
  [...tables.at(-1).querySelectorAll("tr")].forEach((row, i) => [...row.children].forEach((cell, j) => {
    const size = Math.abs(Number(cell.textContent)) || 0;
    if (size > largest[0]) largest = [size, i, j];
  }));
  lightEntry(tables, now, largest[1], largest[2]);
}

/** The one that is pointed at. */
function pointAtEntry({ target }) {
  const [cell, now] = [target.closest("td"), data.steps[reading.step]];
  const tables = cell && productTables(now);
  if (tables?.at(-1) === cell.closest("table")) lightEntry(tables, now, cell.parentElement.rowIndex, cell.cellIndex);
}
