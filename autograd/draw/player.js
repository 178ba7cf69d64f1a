// Shows the steps that Python wrote into this page. Nothing is computed here but where things are drawn (see live.js).
// What is shown follows from the number of the step alone, and from what the reader has chosen meanwhile.
"use strict";

// --- The step -------------------------------------------------------------------------------------------------------

const PHASES = {
  start: "The beginning", forward: "Forward", seed: "The seed", backward: "Backward", hook: "A hook", end: "The end",
};

function showStep(step) {
  const now = data.steps[step];
  say($("phase"), PHASES[now.phase]);
  say($("symbols"), now.symbols);
  $("now").classList.toggle("single", [...now.terms, ...now.sums].every(({ rows }) => rows.length === 1 && rows[0].length === 1));
  fill($("terms"), ...equation(now.terms));
  fill($("sums"), ...equation(now.sums));
  showEntries(now);
  say($("words"), `Step ${step} of ${last}. ${now.words}`);
  set($("scrub"), "aria-valuetext", now.words);
}

/** Where the step is among the others. */
function showPlace(step) {
  $("count").textContent = `${step} of ${last}`;
  $("scrub").value = step;
  $("onward").hidden = step < last || !isLive();
  for (const id of ["first", "back"]) $(id).disabled = step === 0;
  for (const id of ["last", "next"]) $(id).disabled = step === last;
  for (const row of document.querySelectorAll("#rows tbody tr")) {
    const current = row.id === `row${step}`;
    row.classList.toggle("now", current);
    row.classList.toggle("later", Number(row.id.slice(3)) > step);
    row.toggleAttribute("aria-current", current);
  }
}

// --- The program ----------------------------------------------------------------------------------------------------

/** The source code, once; a line that made something leads to its step. */
function writeCode() {
  const pieces = data.code.map((piece, p) => {
    const made = (number) => data.boxes.findIndex(({ site }) => site && site[0] === p && site[1] === number);
    const lines = piece.lines.map((text, k) => {
      const number = piece.first + k;
      const first = made(number);
      const line = make(first < 0 ? "span" : "button", { class: "line", id: `line${p}-${number}` },
        make("b", {}, `${number}`.padStart(4), "  "), text || " ");
      if (first >= 0) {
        line.dataset.used = "";
        line.addEventListener("click", () => go(data.boxes[first].valued));
      }
      return line;
    });
    return [make("p", { class: "aside" }, piece.file), make("pre", {}, ...lines)];
  });
  $("lines").replaceChildren(...(pieces.length ? pieces.flat() : [make("p", { class: "aside" }, data.missing.code)]));
}

function showCode() {
  const { site } = data.boxes[subject()];
  for (const line of document.querySelectorAll("#lines .line")) {
    line.classList.toggle("now", site !== null && line.id === `line${site[0]}-${site[1]}`);
  }
}

// --- What is folded --------------------------------------------------------------------------------------------------

/** Show what is in a fold, with the numbers that are known at this step. */
function openFold(i) {
  if (!data.insides.includes(i)) return;
  const box = data.boxes[i];
  const graded = data.edges.every(({ target, played }) => target !== i || played === null || played <= reading.step);
  pause();
  $("inside-title").textContent = [box.symbol, box.about].join(": ");
  $("inside-picture").replaceChildren($(`inside${i}`).firstElementChild.cloneNode(true));
  $("inside-picture").classList.toggle("pending", reading.step < box.valued);
  $("inside-picture").classList.toggle("ungraded", !graded || data.steps[reading.step].phase === "forward");
  $("inside").showModal();
  const svg = $("inside-picture").firstElementChild;
  const size = svg.viewBox.baseVal.width * 4 / 3; // points to pixels
  svg.style.width = `${Math.min(size, Math.max(0.7 * size, $("inside-picture").clientWidth))}px`;
  followInside();
}

// --- Moving ---------------------------------------------------------------------------------------------------------

function showChosen() {
  showNode();
  markChosen();
  showCheck();
  showCode();
  letScroll();
}

/** Show a step; every way to move ends here. */
function go(step) {
  reading.step = Math.min(Math.max(Math.trunc(step) || 0, 0), last);
  reading.chosen = reading.hovered = reading.derivative = null;
  followStep(reading.step);
  followLate();
  showPicture(reading.step);
  showStep(reading.step);
  showPlace(reading.step);
  showChosen();
  seeStep();
  clearTimeout(reading.address); // browsers refuse to change the address too often, as a slider would
  if (location.protocol === "about:") return; // in a frame of another page, which has no address of its own
  reading.address = setTimeout(() => history.replaceState(null, "", `#step=${reading.step}`), 100);
}

function choose(box) {
  reading.chosen = box;
  reading.hovered = reading.derivative = null;
  showChosen();
}

function hover(box) {
  reading.hovered = box;
  showChosen();
}

function pause() {
  clearInterval(reading.timer);
  reading.timer = null;
  $("play").textContent = "Play";
}

function play() {
  if (reading.step === last) go(0);
  $("play").textContent = "Pause";
  reading.timer = setInterval(() => {
    go(reading.step + 1);
    if (reading.step === last) pause();
  }, Number($("speed").value));
}

const toggle = () => (reading.timer === null ? play() : pause());
const move = (step) => { pause(); go(step); };

const KEYS = {
  ArrowLeft: () => move(reading.step - 1),
  ArrowRight: () => move(reading.step + 1),
  Home: () => move(0),
  End: () => move(last),
  " ": toggle,
  Escape: () => { if (inLecture()) lecture(false); choose(null); },
  f: () => lecture(),
  "+": () => nearer(AGAIN),
  "-": () => nearer(1 / AGAIN),
};

function onKey(event) {
  const { target, key } = event;
  const typing = target.matches("select, #h") || $("inside").open || event.ctrlKey || event.altKey || event.metaKey;
  const pressing = key === " " && target.closest("button, a, .node");
  if (typing || pressing || !(key in KEYS)) return;
  event.preventDefault();
  KEYS[key]();
}

function listen() {
  $("first").addEventListener("click", KEYS.Home);
  $("back").addEventListener("click", KEYS.ArrowLeft);
  $("play").addEventListener("click", toggle);
  $("next").addEventListener("click", KEYS.ArrowRight);
  $("last").addEventListener("click", KEYS.End);
  $("scrub").addEventListener("input", () => move(Number($("scrub").value)));
  $("speed").addEventListener("change", () => { if (reading.timer !== null) { pause(); play(); } });
  $("h").addEventListener("input", showCheck);
  $("node").addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button) choose(Number(button.dataset.box));
  });
  for (const kind of ["pointerover", "click"]) $("terms").addEventListener(kind, pointAtEntry);
  $("derivative").addEventListener("change", () => { reading.derivative = $("derivative").value; showCheck(); });
  $("theme").addEventListener("change", () => { document.documentElement.dataset.theme = $("theme").value; });
  $("inside-close").addEventListener("click", () => $("inside").close());
  document.addEventListener("keydown", onKey);
  window.addEventListener("hashchange", fromAddress);
  for (const i of data.insides) boxes[i].group.classList.add("foldable");
  boxes.forEach(({ group }, i) => {
    group.addEventListener("mouseenter", () => hover(i));
    group.addEventListener("mouseleave", () => hover(null));
    group.addEventListener("focus", () => { if (group.matches(":focus-visible")) choose(i); });
    group.addEventListener("click", () => { choose(i); openFold(i); });
    group.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      choose(i);
      openFold(i);
    });
  });
  arrows.forEach(({ group }, i) => group.addEventListener("click", () => {
    choose(data.edges[i].target);
    reading.derivative = data.edges[i].check?.name ?? null;
    showCheck();
  }));
}

/** The step that the address names: backprop.html#step=7. */
function fromAddress() {
  const named = /^#step=(\d+)$/.exec(location.hash);
  if (named) move(Number(named[1]));
}

/** In a frame the page is light or dark as the notebook around it is, if that says so; the reader may choose another. */
function followAround() {
  const { dataset } = document.documentElement;
  let frame = null;
  try { frame = window.frameElement; } catch { /* what is around is of another origin */ }
  if (!frame || dataset.theme !== "auto") return;
  const known = Object.entries(JSON.parse(dataset.around));
  const look = () => { dataset.theme = $("theme").value = known.findLast(([, how]) => frame.closest(how))?.[0] ?? "auto"; };
  look();
  const watcher = new MutationObserver(() => { look(); followRegion(); });
  for (const element of [frame.ownerDocument.documentElement, frame.ownerDocument.body]) watcher.observe(element, { attributes: true });
  $("theme").addEventListener("change", () => watcher.disconnect());
}

/** Once all is there. */
function begin() {
  $("theme").value = document.documentElement.dataset.theme;
  followAround();
  writeCode();
  listen();
  listenToHand();
  startLive();
  reserve();
  window.addEventListener("resize", reserve);
  go(Number(/^#step=(\d+)$/.exec(location.hash)?.[1] ?? 0));
}
