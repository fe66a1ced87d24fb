// Rows of bars, whiskers and dots on one scale: a list that is its own table.

import { h } from "../core/dom.js";
import { clamp } from "../core/numbers.js";

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
  return [{ kind, from: 0, to: value }, { kind: "whisker", from: low, to: high }];
}

/**
 * The ends of the scale that holds all marks and zero.
 * @param {Mark[]} marks
 * @returns {[number, number]}
 */
export function endsOf(marks) {
  const ends = marks.flatMap(({ from, to }) => [from, to ?? from]).filter(Number.isFinite);
  return [Math.min(0, ...ends), Math.max(0, ...ends)];
}

/**
 * Draw rows on the scale that holds all their marks and zero, or on one that they share with other rows.
 * @param {Row[]} rows
 * @param {string} [className]
 * @param {[number, number]} [ends]
 */
export function bars(rows, className = "", ends = endsOf(rows.flatMap(({ marks }) => marks))) {
  return h("ul.s77-bars", { class: className }, rows.map((row) => h("li", { class: row.kind },
    typeof row.label === "string" ? h("span.s77-barlabel", { lang: row.lang, title: row.label }, row.label) : row.label,
    h("span.s77-barbox", { title: row.title, "aria-hidden": row.title ? null : "true" },
      drawMarks([{ kind: "zero", from: 0 }, ...row.marks], ends)),
    h("span.s77-barvalue", { title: row.valueTitle }, row.value))));
}

/**
 * Draw the marks of one row between the ends of its scale; what lies outside is at the edge.
 * @param {Mark[]} marks
 * @param {[number, number]} ends
 */
export function drawMarks(marks, ends) {
  return marks.map((mark) => {
    const place = markPlace(mark, ends);
    // However small, what is not zero can be seen.
    return place && h("i", { class: `s77-bar${mark.kind}${place.outside ? " s77-off" : ""}`, style: `left:${place.left.toFixed(2)}%${place.wide ? `;width:max(2px,${place.wide.toFixed(2)}%)` : ""}` });
  });
}

/**
 * Where a mark begins and how wide it is, in percent of its row; null without a finite end.
 * @param {Mark} mark
 * @param {[number, number]} ends
 */
export function markPlace({ from, to = from }, [low, high]) {
  if (!Number.isFinite(from) || !Number.isFinite(to)) return null;
  const outside = from === to && (from < low || from > high);
  const [one, two] = [from, to].map((value) => clamp((100 * (value - low)) / (high - low || 1), 0, 100));
  return { left: Math.min(one, two), wide: Math.abs(two - one), outside };
}

/**
 * A whole as one bar.
 * @param {{ kind: string, share: number }[]} parts
 */
export function stack(parts) {
  return h("span.s77-hundred", { "aria-hidden": "true" },
    parts.map(({ kind, share }) => h("i", { class: `s77-${kind}`, style: `flex:${share}` })));
}
