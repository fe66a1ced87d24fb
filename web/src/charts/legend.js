// Legends of maps: colours with their breaks, lines by load.

import { h, s } from "../core/dom.js";

/**
 * The colours of a scale with its breaks: title, unit, swatches, numbers between them.
 * @param {import("../core/format.js").Format} fmt
 * @param {{ shown: number[], breakDecimals: number, classes: number, prefix: string, unit: string, difference: boolean }} scale
 */
export function legendScale(fmt, scale, { title = "", note = "" } = {}) {
  const wide = 100 / scale.classes;
  const text = scale.difference ? fmt.signed : fmt.num;
  const numbers = scale.shown.map((value, at) => h("span", { style: `left:${(at + 1) * wide}%` }, text(value, scale.breakDecimals)));
  return h("div.s77-scale", title ? h("h2.s77-legtitle", title) : null, note ? h("p.s77-mut", note) : null,
    h("div.s77-swatches", { "aria-hidden": "true" },
      Array.from({ length: scale.classes }, (_, at) => h("i", { class: `${scale.prefix}${at}` }))),
    h("div.s77-breaks", numbers, h("span.s77-unit", { style: "left:100%" }, scale.unit)));
}

/**
 * The characters of the longest number of a legend.
 * @param {import("../core/format.js").Format} fmt
 * @param {{ shown: number[], breakDecimals: number, difference: boolean }} scale
 */
export function longestBreak(fmt, scale) {
  const text = scale.difference ? fmt.signed : fmt.num;
  return Math.max(0, ...scale.shown.map((value) => text(value, scale.breakDecimals).length));
}

/**
 * A line of the map with a width in pixels; a core where riders stand.
 * @param {number} width
 */
export function railKey(width, full = false, kind = "s77-line") {
  const line = (/** @type {string} */ of, /** @type {number} */ wide) => s(`g.${of}`, s("line", { x1: 2, x2: 32, y1: 6, y2: 6, style: `stroke-width:${wide}px` }));
  return s("svg.s77-key", { viewBox: "0 0 34 12", "aria-hidden": "true" }, line(kind, width), full ? line("s77-core", 2) : null);
}

/**
 * What the widths of lines mean, as items of a list; `most` are the riders of the widest, `t` gives the texts.
 * New lines have a colour of their own and are named.
 * @param {(key: string, args?: any) => string} t
 * @param {import("../core/format.js").Format} fmt
 */
export function railKeys(t, fmt, most = 10000, added = /** @type {string[]} */ ([])) {
  const key = (/** @type {number} */ width, /** @type {string} */ text, full = false) => h("li", railKey(width, full), text);
  const n = (/** @type {number} */ part) => fmt.num(most / part);
  return [key(1.5, t("legend_rail", { n: n(10) })), key(4, n(2)), key(6.5, t("legend_rail_full", { n: n(1) }), true),
    ...addedKeys(added), h("li.s77-mut", t("legend_schematic"))];
}

/**
 * The names of new lines beside their colour, as items of a list.
 * @param {string[]} names
 */
export function addedKeys(names) {
  return names.map((name) => h("li", railKey(4, false, "s77-newline"), name));
}
