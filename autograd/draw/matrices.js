// A product of matrices: the row and the column of which an entry is made, and its sum, written out.
"use strict";

/** Light the row and the column of which an entry of a product of matrices is made, and write its sum out. */
function lightEntry(tables, matrices, i, j) {
  const cells = tables.map((table) => [...table.querySelectorAll("tr")].map((row) => [...row.children]));
  const [left, right] = cells;
  const result = cells.at(-1);
  for (const cell of cells.flat(2)) cell.classList.remove("lit");
  const terms = matrices === "product"
    ? left[i].map((cell, k) => [cell, right[k][j]]) : left.map((row) => [row[j]]);
  for (const cell of [...terms.flat(), result[i][j]]) cell.classList.add("lit");
  const bracketed = (text, first) => (text.startsWith("-") && !first ? `(${text})` : text);
  const sum = terms.map((factors, k) => factors.map((cell, f) => bracketed(cell.textContent, !k && !f)).join(" × "));
  $("entry").textContent = `[${i}, ${j}]: ${sum.join(" + ")} ${data.steps[reading.step].terms.at(-1).sign} ${result[i][j].textContent}`;
}

/** Let the entries of a product of matrices be pointed at; the largest is lit first. */
function showEntries({ terms, matrices }) {
  $("entry").textContent = "";
  const tables = [...$("terms").querySelectorAll("table")];
  if (!matrices || terms.some(({ summary }) => summary)) return;
  let largest = [-1, 0, 0];
  [...tables.at(-1).querySelectorAll("tr")].forEach((row, i) => [...row.children].forEach((cell, j) => {
    const size = Math.abs(Number(cell.textContent)) || 0;
    if (size > largest[0]) largest = [size, i, j];
    for (const kind of ["pointerenter", "click"]) cell.addEventListener(kind, () => lightEntry(tables, matrices, i, j));
  }));
  lightEntry(tables, matrices, largest[1], largest[2]);
}
