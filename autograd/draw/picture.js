// The picture at a step: which numbers are known, which edges are played, and where the step is.
"use strict";

/** The texts of a box that change: those of its gradient, which end where they ended in the layout; and its value's. */
function parts(box, i) {
  const group = $(`n${i}`);
  const count = (shown) => (shown ? shown.rows.flat().length : 0);
  const gradients = [...group.querySelectorAll("text.gradient")];
  const inked = [...group.querySelectorAll("text.ink")].slice(1); // the first is the title
  for (const text of gradients) {
    text.setAttribute("x", Number(text.getAttribute("x")) + text.getComputedTextLength());
    text.setAttribute("text-anchor", "end");
    text.removeAttribute("textLength");
  }
  for (const text of [...gradients, ...inked]) text.classList.add("number");
  for (const picture of group.querySelectorAll(".heat.value")) picture.classList.add("number");
  for (const text of inked) text.classList.toggle("warning", isOdd(text.textContent));
  return { group, gradients: count(box.gradient) === gradients.length ? gradients : [], values: inked };
}

const boxes = data.boxes.map(parts);
const arrows = data.edges.map((edge, i) => {
  const group = $(`e${i}`);
  return { group, path: group.querySelector("path"), label: group.querySelector("text.gradient") };
});

/** The last of the sums that a gradient has been until this step, or undefined. */
const gradientAt = (box, step) => box.gradients.filter((sum) => sum[0] <= step).at(-1)?.[1];

function showPicture(step) {
  const now = data.steps[step];
  data.boxes.forEach((box, i) => {
    const { group } = boxes[i];
    group.classList.toggle("pending", step < box.valued);
    group.classList.toggle("ungraded", !box.gradients.length || box.gradients.at(-1)[0] > step);
    group.classList.toggle("now", now.box === i);
    group.classList.toggle("culprit", box.culprit !== null && box.culprit <= step);
  });
  data.edges.forEach((edge, i) => {
    const classes = arrows[i].group.classList;
    const played = edge.played !== null && edge.played <= step;
    classes.toggle("played", played);
    classes.toggle("unplayed", !played);
    classes.toggle("backward", now.edge === i);
    classes.toggle("forward", now.phase === "forward" && edge.target === now.box);
  });
  showGradients(step);
}

/** The numbers that are known of each gradient, of all boxes or of some. */
function showGradients(step, some = () => true) {
  data.boxes.forEach((box, i) => {
    const { gradients } = boxes[i];
    if (!some(i)) return;
    const shown = gradients.length ? gradientAt(box, step)?.flat() : null;
    gradients.forEach((text, k) => {
      say(text, shown ? shown[k] : "");
      text.classList.toggle("warning", isOdd(text.textContent));
    });
  });
}
