// Small marks beside a number: a value with its interval, a verdict.

import { s } from "../core/dom.js";
import { clamp } from "../core/numbers.js";

/**
 * Dot and interval about a zero line that all rows share; each row has its own scale.
 * `free` is a second interval, thin; `noise` says that the interval holds zero, `word` says it; `zero` names the line.
 * @param {{ value: number, low: number, high: number, free: number[], noise: boolean, word?: string, zero?: string }} effect
 */
export function effectMark({ value, low, high, free, noise, word = "", zero = "" }) {
  const known = Number.isFinite(low) && Number.isFinite(high);
  const reach = 1.12 * Math.max(...[value, low, high, ...free].filter(Number.isFinite).map(Math.abs), 1e-12);
  const x = (/** @type {number} */ at) => (70 + (64 * at) / reach).toFixed(1);
  /** @type {(kind: string, from: number, to: number, y: number) => Element} */
  const band = (kind, from, to, y) => s(`line.${kind}`, { x1: x(from), x2: x(to), y1: y, y2: y });
  return s("svg.s77-effmark", { viewBox: "0 0 140 40", preserveAspectRatio: "xMidYMid meet", "aria-hidden": "true" },
    s("line.s77-zero", { x1: 70, x2: 70, y1: -20, y2: 60 }),
    zero ? s("text.s77-t2", { x: 75, y: 10 }, zero) : null,
    word ? s("text.s77-noiseword", { x: 75, y: 39 }, word) : null,
    Number.isFinite(free[0]) ? band("s77-freeband", free[0], free[1], 25) : null,
    known ? band(noise ? "s77-noiseband" : "s77-effband", low, high, 18) : null,
    s("circle", { class: noise ? "s77-hollow" : "s77-effdot", cx: x(value), cy: 18, r: 5 }));
}

/** @type {Record<string, [string, string]>} */
const VERDICT_MARKS = {
  yes: ["M5 10.5l3.2 3.2L15 6.8", "s77-filled"], no: ["M6 6l8 8M14 6l-8 8", "s77-filled"],
  perhaps: ["M5.5 10h9", ""], outside: ["", "s77-dashed"],
};

/**
 * A verdict is a shape, a word and a weight: never a colour alone.
 * @param {string} verdict
 */
export function verdictMark(verdict) {
  const [path, kind] = VERDICT_MARKS[verdict] || VERDICT_MARKS.outside;
  return s("svg.s77-verdict", { viewBox: "0 0 20 20", class: kind, "aria-hidden": "true" }, s("circle", { cx: 10, cy: 10, r: 8 }), s("path", { d: path }));
}

/**
 * Value on a thin axis: dot (B), band (95 % interval), tick named A. Domain spans all given.
 * @param {import("../core/format.js").Format} fmt
 * @param {{ value: number, low: number, high: number, a: number, decimals?: number }} figure
 */
export function rangeMark(fmt, { value, low, high, a, decimals = 1 }) {
  const known = [value, low, high, a].filter(Number.isFinite);
  if (known.length < 2) return null;
  let [from, to] = [Math.min(...known), Math.max(...known)];
  // At least a tenth of the value wide, so that a small effect looks small.
  const wide = Math.max(1.9 * (to - from), 0.1 * Math.abs(value), 1e-9);
  const middleOf = (from + to) / 2;
  [from, to] = [middleOf - wide / 2, middleOf + wide / 2];
  const x = (/** @type {number} */ at) => (6 + (108 * (at - from)) / (to - from)).toFixed(1);
  const parts = [s("line.s77-axis", { x1: 6, x2: 114, y1: 17, y2: 17 })];
  if (Number.isFinite(a)) {
    parts.push(s("line.s77-amark", { x1: x(a), x2: x(a), y1: 9, y2: 25 }),
      s("text.s77-t2", { x: x(a), y: 5, "text-anchor": "middle" }, "A"));
  }
  if (Number.isFinite(low)) {
    const text = fmt.interval(low, high, decimals);
    // A long text stands in the middle, where most of it can be read.
    const half = Math.min(Math.max(34, 3.3 * text.length), 60);
    const middle = clamp((Number(x(low)) + Number(x(high))) / 2, half, 120 - half);
    parts.push(s("line.s77-band", { x1: x(low), x2: x(high), y1: 17, y2: 17 }),
      s("text.s77-t2", { x: middle, y: 37, "text-anchor": "middle" }, text));
  }
  parts.push(s("circle.s77-bdot", { cx: x(value), cy: 17, r: 5 }));
  return s("svg.s77-range", { viewBox: "0 -8 120 48", "aria-hidden": "true" }, parts);
}
