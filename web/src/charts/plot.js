// Values over a factor: where a picture's axes lie and how they look, points, means and densities.

import { s } from "../core/dom.js";
import { clamp, decimalsOf, ticks } from "../core/numbers.js";

/**
 * Numbers from `from` to `to`, or texts, go across.
 * @typedef {{ from: number, to: number, texts: string[] }} Across
 * @typedef {{ left?: number, right: number, top: number, bottom: number, low: number, high: number, edge: number }} Room
 * @typedef {ReturnType<typeof plotFrame>} PlotFrame
 * @typedef {import("../core/format.js").Format} Format
 */

/**
 * Lay out a picture: from `low` at the bottom to `high` at the top, with room on the left for its numbers.
 * @param {Format} fmt
 * @param {Across} across
 * @param {Room} room
 */
export function plotFrame(fmt, { from, to, texts }, { right, top, bottom, low, high, edge }) {
  const marks = ticks(low, high, clamp(Math.round((bottom - top) / 55), 3, 9));
  const decimals = decimalsOf(marks, 4);
  const left = 22 + 7.2 * Math.max(...marks.map((value) => fmt.num(value, decimals).length));
  return {
    left, right, top, bottom, low, high, marks, decimals, texts,
    /** @type {(value: any) => number} */
    x: texts.length
      ? (value) => left + ((right - left) * (texts.indexOf(value) + 0.5)) / texts.length
      : (value) => left + edge + ((right - left - 2 * edge) * (value - from)) / (to - from || 1),
    y: (/** @type {number} */ value) => bottom - ((bottom - top) * (value - low)) / (high - low),
  };
}

/**
 * Lines across at round values, with their numbers.
 * @param {Format} fmt
 * @param {PlotFrame} frame
 */
export function upAxis(fmt, { left, right, marks, decimals, y }) {
  return marks.map((value) => [
    s(value === 0 ? "line.s77-base" : "line.s77-grid", { x1: left, x2: right, y1: y(value), y2: y(value) }),
    s("text.s77-t2", { x: left - 7, y: y(value) + 4, "text-anchor": "end" }, fmt.num(value, decimals))]);
}

export const LINE = 14; // pixels from one line of a tick's text to the next

/**
 * Ticks along the foot with their texts, of a line or several: those given, or numbers; texts without room are left out.
 * @template T
 * @param {{ x: (value: T) => number, bottom: number, right: number }} frame
 * @param {T[]} values
 * @param {(string | string[])[]} texts
 */
export function acrossAxis({ x, bottom, right }, values, texts, under = 18) {
  let free = -Infinity;
  return values.map((value, at) => {
    const lines = [texts[at]].flat();
    const wide = 6.8 * Math.max(...lines.map((line) => line.length));
    const middle = clamp(x(value), wide / 2, right + 12 - wide / 2);
    const room = middle - wide / 2 > free;
    if (room) free = middle + wide / 2 + 4;
    return [s("line.s77-grid", { x1: x(value), x2: x(value), y1: bottom, y2: bottom + 4 }),
      room ? lines.map((line, row) => s("text.s77-t2", { x: middle, y: bottom + under + LINE * row, "text-anchor": "middle" }, line)) : null];
  });
}

/**
 * An outcome at every point of a design over one factor, with its means there and their intervals.
 * @typedef {{ x: any, mean: number, low: number, high: number }} Mean
 * @param {{ points: [any, number][], means: Mean[], texts: string[], names: string[] }} factor
 * @param {Format} fmt
 * @param {number} width
 * @param {number} height
 */
export function drawFactor({ points, means, texts, names }, fmt, width, height) {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const around = (/** @type {number[]} */ values) => [Math.min(...values), Math.max(...values)];
  const ends = means.flatMap(({ low: from, high: to }) => [from, to]).filter(Number.isFinite);
  const [low, high] = around([...ys, ...ends]);
  const room = 0.06 * (high - low || Math.abs(high) || 1);
  const [from, to] = texts.length ? [0, 0] : around(xs);
  const inLines = namesInLines(names, (width - 60) / names.length);
  const under = LINE * Math.max(0, ...inLines.map((lines) => lines.length - 1));
  const frame = plotFrame(fmt, { from, to, texts }, { right: width - 14, top: 12, bottom: height - 28 - under, low: low - room, high: high + room, edge: 10 });
  const { x, y } = frame;
  const values = texts.length ? texts : [...new Set(xs)].length <= 5 ? [...new Set(xs)].sort((one, two) => one - two) : ticks(from, to, 4);
  const told = texts.length ? inLines : values.map((value) => fmt.num(value, decimalsOf(values, 3)));
  return s("svg.s77-panel", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" },
    upAxis(fmt, frame), acrossAxis(frame, values, told),
    points.map(([one, value]) => s("circle.s77-designpoint", { cx: x(one).toFixed(1), cy: y(value).toFixed(1), r: 2.2 })),
    means.filter(({ low: end }) => Number.isFinite(end)).map((mean) => s("line.s77-interval", { x1: x(mean.x), x2: x(mean.x), y1: y(mean.low), y2: y(mean.high) })),
    texts.length ? null : s("polyline.s77-week-b", { points: means.map((mean) => `${x(mean.x).toFixed(1)},${y(mean.mean).toFixed(1)}`).join(" ") }),
    means.map((mean) => s("circle.s77-effdot", { cx: x(mean.x), cy: y(mean.mean), r: 4 })));
}

/**
 * Texts without the beginning that they share.
 * @param {any[]} all
 */
export function shortNames(all) {
  const texts = all.map(String);
  const shared = texts.length > 1 ? texts[0].lastIndexOf("+") + 1 : 0;
  const from = shared && texts.every((one) => one.startsWith(texts[0].slice(0, shared))) ? shared : 0;
  return texts.map((one) => one.slice(from).trim());
}

/**
 * Short names in as many lines as they need where an axis has so many pixels for each, words whole where they fit.
 * @param {any[]} all
 * @param {number} pixels
 * @returns {string[][]}
 */
export function namesInLines(all, pixels) {
  const room = Math.max(4, Math.floor(pixels / 6.8) - 1);
  return shortNames(all).map((name) => {
    /** @type {string[]} */
    const lines = [];
    for (const word of name.split(" ")) {
      const longer = lines.length ? `${lines[lines.length - 1]} ${word}` : word;
      if (lines.length && longer.length <= room) lines[lines.length - 1] = longer;
      else lines.push(word.length <= room ? word : `${word.slice(0, room - 1)}…`);
    }
    return lines;
  });
}

/**
 * A density over the range from `low` to `high`, as a multiple of the uniform one, with mean and interval below.
 * @param {{ low: number, high: number, density: number[], mean: number, interval: [number, number] }} shape
 * @param {Format} fmt
 * @param {number} width
 * @param {number} height
 */
export function drawDensity({ low, high, density, mean, interval }, fmt, width, height) {
  const [left, right, top, bottom] = [8, width - 8, 10, height - 40];
  const most = 1.05 * Math.max(1, ...density);
  const x = (/** @type {number} */ value) => left + ((right - left) * (value - low)) / (high - low);
  const y = (/** @type {number} */ value) => bottom - ((bottom - top) * value) / most;
  const step = (right - left) / density.length;
  const values = ticks(low, high, 4);
  const level = (/** @type {string} */ kind, /** @type {number} */ at) => s(`line.${kind}`, { x1: left, x2: right, y1: at, y2: at });
  return s("svg.s77-panel", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" },
    density.map((value, at) => (value > 0 ? s("rect.s77-densitybar", { x: (left + at * step).toFixed(1), y: y(value).toFixed(1), width: (step - 0.8).toFixed(1), height: (bottom - y(value)).toFixed(1) }) : null)),
    level("s77-prior", y(1)), level("s77-base", bottom),
    s("line.s77-interval", { x1: x(interval[0]), x2: x(interval[1]), y1: bottom + 9, y2: bottom + 9 }),
    s("circle.s77-effdot", { cx: x(mean), cy: bottom + 9, r: 4 }),
    acrossAxis({ x, bottom, right: right - 4 }, values, values.map((value) => fmt.num(value, decimalsOf(values, 3))), 32));
}
