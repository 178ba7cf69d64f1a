// What the tests of the player ask its page.
"use strict";

/** The steps at which next and previous, or a way from elsewhere, show something else; and how many look different. */
function identity() {
    const snapshot = () => document.querySelector("main").outerHTML
        .replace(/ class="([^"]*)"/g, (all, names) => names && ` class="${names.split(" ").sort().join(" ")}"`)
        + [...document.querySelectorAll("input, select")].map((e) => e.value);
    const wrong = [], seen = [];
    const same = (step, name) => { if (snapshot() !== seen[step]) wrong.push(`${name} at ${step}`); };
    for (let step = 0; step <= last; step++) {
        go(step);
        seen.push(snapshot());
        if (step < last) { $("next").click(); $("back").click(); same(step, "next, previous"); }
        if (step > 0) { $("back").click(); $("next").click(); same(step, "previous, next"); }
    }
    for (let step = last; step >= 0; step--) { go(step); same(step, "from the end"); }
    return [wrong, new Set(seen).size];
}

/** The texts that are not in their boxes, and the elements that are wider than their places. */
function overflowing() {
    const wrong = [];
    const inside = (a, b, room) => a.left >= b.left - room && a.right <= b.right + room && a.top >= b.top - room
        && a.bottom <= b.bottom + room;
    for (const node of document.querySelectorAll("#picture .node")) {
        const box = node.querySelector(".outline").getBoundingClientRect();
        for (const text of node.querySelectorAll("text")) {
            const fits = !text.textContent || inside(text.getBoundingClientRect(), box, 0.5);
            if (!fits) wrong.push([node.id, text.textContent]);
        }
    }
    const visible = (e) => e.getClientRects().length && !e.closest("svg, .skip, select");
    const clipped = (e) => ["auto", "scroll"].includes(getComputedStyle(e).overflowX);
    for (const e of document.querySelectorAll("body *")) {
        if (!visible(e) || clipped(e) || getComputedStyle(e).display === "inline") continue;
        if (e.scrollWidth > e.clientWidth + 1) wrong.push([e.tagName, e.id, e.scrollWidth, e.clientWidth]);
    }
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) wrong.push(["the page", root.scrollWidth, root.clientWidth]);
    return wrong;
}

/** What does not stand out from what is behind it, by the ratios of WCAG 2.2; and how much was looked at. */
function contrasts() {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const known = new Map();  // a pixel is slow to read, and there are few colours
    const rgba = (colour) => {
        if (!known.has(colour)) {
            canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
            known.set(colour, [...canvas.getImageData(0, 0, 1, 1).data]);
        }
        return known.get(colour);
    };
    const linear = (c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
    const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    const ratio = (a, b) => {
        const [high, low] = [light(rgba(a)), light(rgba(b))].sort((x, y) => y - x);
        return (high + 0.05) / (low + 0.05);
    };
    const opaque = (colour) => rgba(colour)[3] === 255;
    const ground = (e) => {
        while (!opaque(getComputedStyle(e).backgroundColor)) e = e.parentElement;
        return getComputedStyle(e).backgroundColor;
    };
    const wrong = [];
    let checked = 0;
    const check = (what, colour, behind, least) => {
        checked += 1;
        const found = opaque(colour) ? ratio(colour, behind) : 0;
        if (found < least) wrong.push([what, colour, behind, found.toFixed(2)]);
    };
    const shown = (style) => style.visibility === "visible" && style.opacity === "1" && style.display !== "none";
    const paper = getComputedStyle(document.querySelector("#picture .graph > polygon")).fill;
    for (const e of document.querySelectorAll("#picture .node *, #picture .edge *, #back-way *")) {
        const style = getComputedStyle(e);
        const outline = e.closest(".node")?.querySelector(".outline");
        if (!["text", "path", "polygon", "polyline"].includes(e.tagName) || style.visibility !== "visible") continue;
        if (!shown(style)) wrong.push([e.tagName, "is transparent"]);
        const behind = outline ? getComputedStyle(outline).fill : paper;
        const what = `${e.closest(".node, .edge, #back-way").id} ${e.tagName} ${e.textContent}`;
        if (e.tagName === "text") check(what, style.fill, behind, 4.5);
        else if (style.stroke !== "none") check(what, style.stroke, e.matches(".outline") ? paper : behind, 3);
    }
    for (const e of document.querySelectorAll("#plot *")) {
        const { fill, stroke } = getComputedStyle(e);
        check(`plot ${e.getAttribute("class")}`, e.tagName === "circle" ? fill : stroke, ground($("plot")), 3);
    }
    for (const e of document.querySelectorAll("body *")) {
        const own = [...e.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
        if (!own || e.closest("svg, script, noscript") || !e.checkVisibility({ visibilityProperty: true })) continue;
        if (!shown(getComputedStyle(e))) wrong.push([e.tagName, "is transparent"]);
        check(`${e.tagName} ${e.textContent.slice(0, 20)}`, getComputedStyle(e).color, ground(e), 4.5);
    }
    for (const e of document.querySelectorAll("button:not(.line), select, section, #stage, kbd")) {
        if (!e.checkVisibility({ visibilityProperty: true })) continue;
        check(`border of ${e.tagName} ${e.id}`, getComputedStyle(e).borderTopColor, ground(e.parentElement), 3);
    }
    for (const e of document.querySelectorAll("button svg")) check("icon", getComputedStyle(e).fill, ground(e), 3);
    return [wrong, checked];
}
