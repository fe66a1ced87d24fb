// Rows of bars, whiskers and dots on one scale: a list that is its own table.

import { h } from "../core/dom.js";

/**
 * A mark of a row: from one value to another, or a dot at `from`. Without a finite end it is left out.
 * @typedef {{ kind: string, from: number, to?: number }} Mark
 *
 * A row: `label` is a text, or the element of the first column.
 * @typedef {{ label: any, lang?: string, marks: Mark[], value: any, valueTitle?: string | null,
 *   title?: string | null, kind?: string | null }} Row
 */

/**
 * A bar and its whisker, as most rows have them.
 * @param {string} kind
 * @param {{ value: number, low: number, high: number }} row
 * @returns {Mark[]}
 */
export function barWithInterval(kind, { value, low, high }) {
  return [{ kind, from: 0, to: value }, { kind: "s77-whisker", from: low, to: high }];
}

/**
 * Draw rows on the scale that holds all their marks and zero.
 * @param {Row[]} rows
 * @param {string} [className]
 */
export function bars(rows, className = "") {
  const ends = rows.flatMap(({ marks }) => marks.flatMap(({ from, to }) => [from, to ?? from])).filter(Number.isFinite);
  const [low, high] = [Math.min(0, ...ends), Math.max(0, ...ends)];
  const x = (/** @type {number} */ value) => (100 * (value - low)) / (high - low || 1);
  return h("ul.s77-bars", { class: className }, rows.map((row) => h("li", { class: row.kind },
    typeof row.label === "string" ? h("span.s77-barlabel", { lang: row.lang, title: row.label }, row.label) : row.label,
    h("span.s77-barbox", { title: row.title, "aria-hidden": row.title ? null : "true" },
      h("i.s77-barzero", { style: `left:${x(0).toFixed(2)}%` }), row.marks.map((one) => drawMark(one, x))),
    h("span.s77-barvalue", { title: row.valueTitle }, row.value))));
}

/**
 * @param {Mark} mark
 * @param {(value: number) => number} x
 */
function drawMark({ kind, from, to = from }, x) {
  if (!Number.isFinite(from) || !Number.isFinite(to)) return null;
  const [left, wide] = [Math.min(x(from), x(to)), Math.abs(x(to) - x(from))];
  // However small, what is not zero can be seen.
  const width = wide ? `;width:max(2px,${wide.toFixed(2)}%)` : "";
  return h("i", { class: kind, style: `left:${left.toFixed(2)}%${width}` });
}

/**
 * A whole as one bar.
 * @param {{ kind: string, share: number }[]} parts
 */
export function stack(parts) {
  return h("span.s77-hundred", { "aria-hidden": "true" },
    parts.map(({ kind, share }) => h("i", { class: `s77-${kind}`, style: `flex:${share}` })));
}
