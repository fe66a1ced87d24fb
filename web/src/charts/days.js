// Lines over days, a weekday × week grid, the names of months and dated flags.
//
// A frame, made from a calendar and from the size of a box, says where on the chart a day is.

import { dayNumberOf, weekdayOf } from "../core/dates.js";
import { s } from "../core/dom.js";
import { clamp, ticks } from "../core/numbers.js";

/**
 * The days simulated as ISO texts, their weekdays (0 for Monday), and holidays.
 * @typedef {{ days: string[], weekdays: number[], holidays?: string[] }} Calendar
 * @typedef {ReturnType<typeof dayFrame>} Frame
 * @typedef {import("../core/format.js").Format} Format
 * @typedef {ArrayLike<number> & Iterable<number>} Numbers
 */

/**
 * Lay out a chart in pixels, so that text keeps its size; `grid` leaves room for the weekday grid below.
 * @param {{ clientWidth: number, clientHeight: number }} box
 * @param {Calendar} calendar
 * @param {{ left: number, right: number, top: number, grid?: boolean }} margins
 */
export function dayFrame({ clientWidth: width, clientHeight: height }, { days, weekdays }, { left, right, top, grid = false }) {
  const first = dayNumberOf(days[0]) - weekdays[0];
  const weeks = Math.floor((dayNumberOf(days[days.length - 1]) - first) / 7) + 1;
  const wide = width - left - right;
  const rows = clamp((height - 20) * 0.1, 7, 14);
  const gridTop = height - 17 - 5 * (rows + 1);
  return { width, height, first, weeks, left, wide, rows, gridTop, top, bottom: grid ? gridTop - 7 : height - 20,
    x: (/** @type {string} */ day) => left + (wide * (dayNumberOf(day) - first + 0.5)) / (7 * weeks) };
}

/**
 * @param {Frame} frame
 * @param {string} day
 */
function weekOf(frame, day) {
  return Math.floor((dayNumberOf(day) - frame.first) / 7);
}

/**
 * From zero where that costs little; the strip shows rhythm, and says its numbers.
 * @param {Numbers[]} all
 */
export function valueRange(all) {
  const values = all.flatMap((one) => [...one]).filter(Number.isFinite);
  if (!values.length) return { low: 0, high: 1, ticks: [] };
  const low = Math.min(...values);
  const high = Math.max(...values);
  const room = (high - low || Math.abs(high) || 1) * 0.12;
  const from = low >= 0 && low < 0.6 * high ? 0 : low - room;
  return { low: from, high: high + room, ticks: ticks(from, high + room, 2) };
}

/** Pixels from one number of an axis to the next, at least. */
const NUMBER_HEIGHT = 12;

/**
 * Lines across at values, with their texts on the left.
 * @param {Frame} frame
 * @param {(value: number) => number} y
 * @param {{ value: number, text: string, kind?: string }[]} marks
 */
export function valueAxis(frame, y, marks) {
  const inside = marks.filter(({ value }) => y(value) >= 8 && y(value) <= frame.bottom + 1);
  // From zero on, a number that would touch one already there is left out.
  const told = /** @type {number[]} */ ([]);
  for (const { value } of [...inside].sort((one, two) => Math.abs(one.value) - Math.abs(two.value))) {
    if (told.every((other) => Math.abs(y(other) - y(value)) >= NUMBER_HEIGHT)) told.push(value);
  }
  return inside.map(({ value, text, kind = "s77-grid" }) => [
    s(`line.${kind}`, { x1: frame.left, x2: frame.left + frame.wide, y1: y(value), y2: y(value) }),
    ...(told.includes(value) ? [s("text.s77-t3", { x: frame.left - 6, y: y(value) + 4, "text-anchor": "end" }, text)] : []),
  ]);
}

/**
 * A value a week, placed in the middle of its working days; those without a finite value are left out.
 * @param {Frame} frame
 * @param {[string, number][]} weeks
 * @param {(value: number) => number} y
 */
function weekPoints(frame, weeks, y) {
  const middle = (/** @type {string} */ day) => frame.left + (frame.wide * (weekOf(frame, day) + 0.36)) / frame.weeks;
  return weeks.filter(([, value]) => Number.isFinite(value)).map(([day, value]) => [middle(day), y(value)]);
}

/** @param {number[][]} points */
function pointsText(points) {
  return points.map(([px, py]) => `${px.toFixed(1)},${py.toFixed(1)}`).join(" ");
}

/**
 * The mean of the days of each week, by one of its days.
 * @param {Frame} frame
 * @param {Calendar} calendar
 * @param {Numbers} values
 * @returns {[string, number][]}
 */
export function weekMeans(frame, { days }, values) {
  /** @type {Map<number, { day: string, list: number[] }>} */
  const weekly = new Map();
  days.forEach((day, at) => {
    if (!Number.isFinite(values[at])) return;
    const week = weekOf(frame, day);
    weekly.set(week, { day, list: [...(weekly.get(week)?.list ?? []), values[at]] });
  });
  return [...weekly.values()].map(({ day, list }) => [day, list.reduce((sum, one) => sum + one, 0) / list.length]);
}

/**
 * By week strong, and `dailyLine` thin: the week's rhythm must not hide the season's.
 * @param {Frame} frame
 * @param {[string, number][]} weeks
 * @param {(value: number) => number} y
 * @param {{ name: "a" | "b", label?: string }} look
 */
export function weekLine(frame, weeks, y, { name, label = "" }) {
  const points = weekPoints(frame, weeks, y);
  const last = points[points.length - 1];
  return [
    s(`polyline.s77-week-${name}`, { points: pointsText(points) }),
    // A line of few weeks could be missed.
    points.length < 4 ? points.map(([cx, cy]) => s(`circle.s77-weekdot-${name}`, { cx, cy, r: 3.5 })) : null,
    label && last ? s("text.s77-blabel", { x: frame.width - 11, y: (last[1] + 4).toFixed(1) }, label) : null,
  ];
}

/**
 * @param {Frame} frame
 * @param {Calendar} calendar
 * @param {Numbers} values
 * @param {(value: number) => number} y
 */
export function dailyLine(frame, { days }, values, y) {
  const points = days.map((day, at) => [frame.x(day), y(values[at])]).filter(([, at]) => Number.isFinite(at));
  return s("polyline.s77-daily", { points: pointsText(points) });
}

/**
 * The area between two values a week.
 * @param {Frame} frame
 * @param {[string, number][]} lows
 * @param {[string, number][]} highs
 * @param {(value: number) => number} y
 */
export function weekBand(frame, lows, highs, y) {
  return s("polygon.s77-weekband", { points: pointsText([...weekPoints(frame, highs, y), ...weekPoints(frame, lows, y).reverse()]) });
}

/**
 * The grid has its own shades, of another ramp than the map's: means of a whole département vary
 * far less than its communes, and would all fall into one class.
 * @param {Numbers[]} all
 */
export function gridShades(all) {
  const values = all.flatMap((one) => [...one]).filter(Number.isFinite).sort((one, two) => one - two);
  if (!values.length) return { low: 0, high: 1, of: () => -1 };
  const at = (/** @type {number} */ part) => values[Math.round(part * (values.length - 1))];
  const [low, high] = [at(0.02), at(0.98)];
  const of = (/** @type {number} */ value) => (Number.isFinite(value) ? clamp(Math.floor((6 * (value - low)) / (high - low || 1)), 0, 5) : -1);
  return { low, high, of };
}

/**
 * A cell a working day, shaded by its value; holidays are empty frames.
 * @param {Format} fmt
 * @param {Frame} frame
 * @param {Calendar} calendar
 * @param {Numbers | null} values
 * @param {{ of: (value: number) => number }} shades
 */
export function weekGrid(fmt, frame, { days, weekdays, holidays = [] }, values, shades) {
  const cellWidth = frame.wide / frame.weeks;
  /** @type {(spec: string, week: number, weekday: number, inset: number, attributes: object) => Element} */
  const cell = (spec, week, weekday, inset, attributes) => s(`rect${spec}`, {
    x: (frame.left + week * cellWidth + inset).toFixed(1), y: frame.gridTop + weekday * (frame.rows + 1) + inset - 0.5,
    width: Math.max(1, cellWidth - 2 * inset).toFixed(1), height: frame.rows + 1 - 2 * inset, ...attributes,
  });
  const worked = days.map((day, at) => {
    if (weekdays[at] > 4) return null;
    const shade = values ? shades.of(values[at]) : -1;
    return cell(shade < 0 ? ".s77-none" : `.s77-g${shade}`, weekOf(frame, day), weekdays[at], 0.5, { "data-day": at });
  });
  const free = holidays.map((day) => {
    const [week, weekday] = [weekOf(frame, day), weekdayOf(day)];
    return weekday > 4 || week < 0 || week >= frame.weeks ? null : cell(".s77-holiday", week, weekday, 1, {});
  });
  const names = [0, 2, 4].map((weekday) => s("text.s77-t2", {
    x: frame.left - 6, y: frame.gridTop + weekday * (frame.rows + 1) + frame.rows - 0.5, "text-anchor": "end",
  }, fmt.weekdayShort(weekday)));
  return s("g", worked, free, names);
}

/**
 * The months under the chart, as many as have room; the years of a long run.
 * @param {Format} fmt
 * @param {Frame} frame
 * @param {Calendar} calendar
 */
export function monthNames(fmt, frame, { days }) {
  const long = frame.weeks > 78;
  const partOf = (/** @type {string} */ day) => day.slice(0, long ? 4 : 7);
  // A month of which only the first week is there would take the place of the next one's name.
  const seen = new Set(days.length > 8 && partOf(days[0]) !== partOf(days[1]) ? [partOf(days[0])] : []);
  let free = 0;
  return days.map((day) => {
    const part = partOf(day);
    if (seen.has(part)) return null;
    seen.add(part);
    const x = frame.x(day);
    if (x < free || x > frame.width - 26) return null;
    free = x + 44;
    return s("text.s77-t2", { x: x.toFixed(0), y: frame.height - 4 }, long ? part : fmt.monthShort(Number(part.slice(5)) - 1));
  });
}

/**
 * Flags with their names, in as many rows as there is room for above the lines; names that would touch are left to
 * their title. `size` is the text's, in pixels.
 * @param {Frame} frame
 * @param {Calendar} calendar
 * @param {{ date: string, text: string, title: string }[]} flags
 * @param {number} size
 */
export function flagsOf(frame, { days }, flags, size) {
  const free = new Array(Math.max(1, Math.floor(frame.top / (1.2 * size)))).fill(frame.left - 20);
  const shown = flags.filter(({ date }) => date > days[0] && date <= days[days.length - 1]);
  return [...shown].sort((one, two) => one.date.localeCompare(two.date)).map(({ date, text, title }) => {
    const x = frame.x(date);
    const wide = 0.48 * size * text.length;
    const onLeft = x + wide > frame.width - 10;
    const start = onLeft ? x - wide : x;
    const row = free.findIndex((end) => start > end);
    if (row >= 0) free[row] = start + wide + 14;
    return [
      s("line.s77-flag", { x1: x, x2: x, y1: 4, y2: frame.height - 17 }, s("title", title)),
      row >= 0 ? s("text.s77-t2", { x: onLeft ? x - 5 : x + 5, y: Math.max(12, 0.8 * size) + 1.2 * size * row, "text-anchor": onLeft ? "end" : "start" }, text) : null,
    ];
  });
}
