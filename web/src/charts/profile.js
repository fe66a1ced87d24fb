// The load of a line: riders and seats by segment, from its outer end to its terminus.

import { fill, s, setText } from "../core/dom.js";
import { clamp } from "../core/numbers.js";

/**
 * Segments from the outer end on: minutes from their outer station to the terminus, and where they stand in a table.
 * @typedef {{ minutes: number, from: string, row: number, title?: string }} Segment
 * @typedef {ReturnType<typeof profileFrame>} ProfileFrame
 */

const ROW = 14;
/** Below this height one row of names is enough, so that bars keep theirs. */
const LOW = 110;

/**
 * Draw all but the values into an SVG element; `moveProfile` shows those. `half`, `full` and `seats` are texts.
 * @param {SVGElement} svg
 * @param {{ segments: Segment[], to: string, top: number, half: string, full: string, seats: string }} profile
 * @param {number} width
 * @param {number} height
 */
export function profileFrame(svg, { segments, to, top, half, full, seats }, width, height) {
  const rows = height < LOW ? 1 : 2;
  const [left, right, above, bottom] = [2, width - 2, 20, height - 8 - ROW * rows];
  const y = (/** @type {number} */ value) => bottom - ((bottom - above) * Math.min(value || 0, top)) / top;
  const longest = Math.max(...segments.map(({ minutes }) => minutes), 1);
  const edges = segments.map(({ minutes }) => right - ((right - left) * minutes) / longest).concat(right);
  const frame = {
    edges, y, bottom, right, above,
    bars: segments.map(({ row, title }) => s("rect.s77-loadbar", { "data-segment": row }, title ? s("title", title) : null)),
    seats: s("path.s77-seats"), outline: s("path.s77-aline"), seatsName: s("text.s77-t2.s77-haloed", { x: left }, seats),
    half: s("text.s77-t3.s77-haloed", { x: left, y: y(top / 2) - 4 }, half),
    note: s("text.s77-full", { x: right, y: above - 6, "text-anchor": "end" }),
    full: s("text.s77-t3", { x: left, y: y(top) - 4 }, full),
  };
  const line = (/** @type {number} */ value) => s("line.s77-grid", { x1: left, x2: right, y1: y(value), y2: y(value) });
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  fill(svg, line(top / 2), line(top), frame.bars, frame.outline, frame.seats, frame.half, frame.seatsName, frame.note, frame.full,
    s("line.s77-base", { x1: left, x2: right, y1: bottom, y2: bottom }),
    stationNames(frame, [...segments.map(({ from }) => from), to], rows));
  return frame;
}

/**
 * Names that fit under the axis, on one row or two: the ends first, then in turn.
 * @param {{ edges: number[], right: number, bottom: number }} frame
 * @param {string[]} names
 * @param {number} rows
 */
function stationNames({ edges, right, bottom }, names, rows) {
  /** @type {[number, number][][]} */
  const taken = Array.from({ length: rows }, () => []);
  return [...new Set([0, names.length - 1, ...names.keys()])].map((at) => {
    const wide = 5.9 * names[at].length + 6;
    const start = at === 0 ? edges[0] : at === names.length - 1 ? right - wide : clamp(edges[at] - wide / 2, 0, right - wide);
    const row = taken.findIndex((there) => there.every(([from, to]) => start > to || start + wide < from));
    if (row < 0) return null;
    taken[row].push([start, start + wide]);
    const [x, anchor] = at === 0 ? [start, "start"] : at === names.length - 1 ? [right, "end"] : [start + wide / 2, "middle"];
    return s("text.s77-t2", { x: x.toFixed(1), y: bottom + 15 + ROW * row, "text-anchor": anchor, lang: "fr" }, names[at]);
  });
}

/**
 * Where the name of the line of seats stands: above it at the outer end, where trains are short and bars low;
 * below it where the top of the axis is written above.
 * @param {{ y: (value: number) => number, above: number }} frame
 * @param {number} seats
 */
export function seatsNameAt({ y, above }, seats) {
  const over = y(seats) - 5;
  return over < above + 12 ? y(seats) + 13 : over;
}

/**
 * Show riders as bars, seats as a line and, if there is one, another line; `note` stands above.
 * @param {ProfileFrame} frame
 * @param {{ riders: number[], seats: number[], outline?: number[] | null, note?: string }} values
 */
export function moveProfile(frame, { riders, seats, outline = null, note = "" }) {
  const { edges, y, bottom } = frame;
  riders.forEach((value, at) => {
    const bar = frame.bars[at];
    bar.setAttribute("x", (edges[at] + 0.5).toFixed(1));
    bar.setAttribute("width", Math.max(0.5, edges[at + 1] - edges[at] - 1).toFixed(1));
    bar.setAttribute("y", y(value).toFixed(1));
    bar.setAttribute("height", Math.max(0, bottom - y(value)).toFixed(1));
  });
  const steps = (/** @type {number[] | null} */ values) => (values && values.every(Number.isFinite)
    ? values.map((value, at) => `M${edges[at].toFixed(1)} ${y(value).toFixed(1)}H${edges[at + 1].toFixed(1)}`).join("") : "");
  frame.seats.setAttribute("d", steps(seats));
  const name = seatsNameAt(frame, seats[0]);
  frame.seatsName.setAttribute("y", name.toFixed(1));
  frame.half.style.display = Math.abs(Number(frame.half.getAttribute("y")) - name) < 13 ? "none" : "";
  frame.outline.setAttribute("d", steps(outline));
  setText(frame.note, note);
  frame.full.style.display = meets(frame, String(frame.full.textContent), note) ? "none" : "";
}

/**
 * True where the note, which ends at the right, reaches the top number of the axis at the left: the note is worth more.
 * @param {{ right: number }} frame
 * @param {string} full
 * @param {string} note
 */
export function meets({ right }, full, note) {
  return 6.6 * full.length + 5.6 * note.length + 8 > right;
}
