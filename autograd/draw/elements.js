// What the parts of the page have in common: its data, what is being read, and how elements are made.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const last = data.steps.length - 1;
const reading = { step: 0, chosen: null, hovered: null, derivative: null, timer: null, address: null };

/** A new element; `content` are texts and other elements. */
function make(tag, attributes = {}, ...content) {
  const space = SVG_TAGS.has(tag) ? "http://www.w3.org/2000/svg" : "http://www.w3.org/1999/xhtml";
  const element = document.createElementNS(space, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...content.filter((part) => part !== null && part !== ""));
  return element;
}
const SVG_TAGS = new Set(["svg", "g", "line", "path", "polygon", "rect", "circle", "text"]);

/** Whether a text is none of the finite numbers. */
const isOdd = (text) => /^-?(inf|nan)$/.test(text);

/** Numbers as a small table: one number, an array row by row, or its minimum, mean and maximum. */
function numbers({ rows, summary }) {
  const lines = rows.map((row) => make("tr", {}, ...row.map((text) => make("td", isOdd(text) ? { class: "warning" } : {}, text))));
  if (summary) lines.unshift(make("tr", {}, ...["min", "mean", "max"].map((name) => make("th", { scope: "col" }, name))));
  return make("table", { class: lines.length > 1 || rows[0].length > 1 ? "numbers array" : "numbers" }, ...lines);
}

/** What is wider than its place scrolls, with the keyboard, too: measured once, after all is written. */
function letScroll() {
  const wide = [...document.querySelectorAll("#now figure, #node dd")].filter((e) => e.scrollWidth > e.clientWidth);
  for (const element of wide) element.tabIndex = 0;
  const now = $("now"); // in a lecture it is only as high as there is room
  if (now.scrollHeight > now.clientHeight) now.tabIndex = 0;
  else now.removeAttribute("tabindex");
}

/** Write a text, if it is another one: browsers lay out anew what is written, be it the same. */
function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Set an attribute, if it is another one. */
function set(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** The terms of an equation side by side, each under what it is called and over its symbol. */
function equation(terms) {
  return terms.flatMap((term) => {
    const about = [term.label, [term.symbol, term.shape].filter(Boolean).join("  ")].filter(Boolean).map((text) => make("figcaption", {}, text));
    const slope = term.label && term.label !== "local derivative" ? "slope" : "";
    const figure = make("figure", { class: slope }, numbers(term), ...about);
    return term.sign.trim() ? [make("b", {}, term.sign), figure] : [figure];
  });
}
