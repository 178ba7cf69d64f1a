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
  const now = $("now"); // in a lecture it is only as high as there is room
  const all = [now, ...document.querySelectorAll("#now figure, #node dd")];
  const wide = all.map((e) => e.scrollWidth > e.clientWidth || (e === now && e.scrollHeight > e.clientHeight));
  all.forEach((element, k) => (wide[k] ? set(element, "tabindex", 0) : element.removeAttribute("tabindex")));
}

/** Give an element this content. Where it has such already, its texts and attributes alone change: that is much less. */
function fill(element, ...content) {
  const fresh = make(element.localName, {}, ...content);
  if (isOfForm(element, fresh)) adjust(element, fresh, false);
  else element.replaceChildren(...fresh.childNodes);
}

function isOfForm(a, b) {
  if (a.nodeName !== b.nodeName || a.childNodes.length !== b.childNodes.length) return false;
  for (let x = a.firstChild, y = b.firstChild; x; x = x.nextSibling, y = y.nextSibling) if (!isOfForm(x, y)) return false;
  return true;
}

const OWN = new Set(["open", "tabindex"]); // are of the reader, or of what was measured

function adjust(element, fresh, attributes = true) {
  if (element.nodeType === Node.TEXT_NODE) { if (element.data !== fresh.data) element.data = fresh.data; return; }
  if (attributes) {
    for (const { name, value } of fresh.attributes) set(element, name, value);
    for (const { name } of [...element.attributes]) if (!fresh.hasAttribute(name) && !OWN.has(name)) element.removeAttribute(name);
  }
  for (let x = element.firstChild, y = fresh.firstChild; x; x = x.nextSibling, y = y.nextSibling) adjust(x, y);
}

/** Write a text, if it is another one: browsers lay out anew what is written, be it the same. */
function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Set an attribute, if it is another one. */
function set(element, name, value) {
  if (element.getAttribute(name) !== `${value}`) element.setAttribute(name, value);
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
