// Lines over days, a weekday × week grid, months and dated policies.

import { clamp, s } from "../core/dom.js";
import { dayNumberOf, weekdayOf } from "../core/dates.js";
import { decimalsOf, ticks } from "../core/numbers.js";
import { fieldOf, valueAt } from "../state/sides.js";

export function differenceFrame(box, side) {
  const [width, height] = [box.clientWidth, box.clientHeight];
  const first = dayNumberOf(side.days[0]) - side.weekdays[0];
  const weeks = Math.floor((dayNumberOf(side.days[side.days.length - 1]) - first) / 7) + 1;
  const left = 52;
  const wide = width - left - 10;
  return { width, height, first, weeks, left, wide, top: 6, bottom: height - 20,
    x: (day) => left + (wide * (dayNumberOf(day) - first + 0.5)) / (7 * weeks) };
}

// Chart ------------------------------------------------------------------------------------------

/** Lay out the strip in pixels, so that text keeps its size whatever the width. */
export function yearFrame(strip, side) {
  const width = strip.box.clientWidth;
  const height = strip.box.clientHeight;
  const first = dayNumberOf(side.days[0]) - side.weekdays[0];
  const last = dayNumberOf(side.days[side.days.length - 1]);
  const weeks = Math.floor((last - first) / 7) + 1;
  const left = 46;
  const wide = width - left - 14;
  const rows = clamp((height - 20) * 0.1, 7, 14);
  const gridTop = height - 17 - 5 * (rows + 1);
  return { width, height, first, weeks, left, wide, rows, gridTop, top: 16, bottom: gridTop - 7,
    x: (day) => left + (wide * (dayNumberOf(day) - first + 0.5)) / (7 * weeks) };
}

/** From zero where that costs little; the strip shows rhythm, and says its numbers. */
export function axisRange(all) {
  const values = all.flatMap((one) => [...one]).filter(Number.isFinite);
  if (!values.length) return { low: 0, high: 1, ticks: [] };
  const low = Math.min(...values);
  const high = Math.max(...values);
  const room = (high - low || Math.abs(high) || 1) * 0.12;
  const from = low >= 0 && low < 0.6 * high ? 0 : low - room;
  return { low: from, high: high + room, ticks: ticks(from, high + room, 2) };
}

export function axisLine(app, frame, y, value, scale, withUnit) {
  if (y < 8 || y > frame.bottom + 1) return null;
  const text = app.fmt.num(value, decimalsOf([value], 2)) + (withUnit && scale.unit === "%" ? app.fmt.percentSign : "");
  return [
    s("line.s77-grid", { x1: frame.left, x2: frame.left + frame.wide, y1: y, y2: y }),
    s("text.s77-t3", { x: frame.left - 6, y: y + 4, "text-anchor": "end" }, text),
  ];
}

/** By day thin, by week strong: the week's rhythm must not hide the season's. */
export function drawLine(frame, side, values, y, name) {
  const weekly = new Map();
  side.days.forEach((day, at) => {
    const week = Math.floor((dayNumberOf(day) - frame.first) / 7);
    if (!weekly.has(week)) weekly.set(week, []);
    if (Number.isFinite(values[at])) weekly.get(week).push(values[at]);
  });
  const middle = (week) => frame.left + (frame.wide * (week + 0.36)) / frame.weeks;
  const points = [...weekly].filter(([, list]) => list.length).map(([week, list]) =>
    `${middle(week).toFixed(1)},${y(list.reduce((sum, one) => sum + one, 0) / list.length).toFixed(1)}`);
  const daily = side.days.map((day, at) => [frame.x(day), values[at]]).filter(([, value]) => Number.isFinite(value))
    .map(([x, value]) => `${x.toFixed(1)},${y(value).toFixed(1)}`);
  const last = points.length ? points[points.length - 1].split(",").map(Number) : null;
  return [
    name === "b" ? s("polyline.s77-daily", { points: daily.join(" ") }) : null,
    s(`polyline.s77-week-${name}`, { points: points.join(" ") }),
    last && name === "b" ? s("text.s77-blabel", { x: frame.width - 11, y: last[1] + 4 }, "B") : null,
  ];
}

/**
 * The grid has its own shades, of another ramp than the map's: means of a whole département vary
 * far less than its communes, and would all fall into one class.
 */
export function gridShades(all) {
  const values = all.flatMap((one) => [...one]).filter(Number.isFinite).sort((one, two) => one - two);
  if (!values.length) return { low: 0, high: 1, of: () => -1 };
  const at = (part) => values[Math.round(part * (values.length - 1))];
  const [low, high] = [at(0.02), at(0.98)];
  const of = (value) => (Number.isFinite(value) ? clamp(Math.floor((6 * (value - low)) / (high - low || 1)), 0, 5) : -1);
  return { low, high, of };
}

export function drawGrid(strip, frame, side, scale) {
  const { app } = strip;
  const field = fieldOf(side, "day", scale.indicator.name);
  const cellWidth = frame.wide / frame.weeks;
  const shades = strip.shades;
  const cells = side.days.map((day, at) => {
    const week = Math.floor((dayNumberOf(day) - frame.first) / 7);
    if (side.weekdays[at] > 4) return null;
    const kind = field ? shades.of(valueAt(field, at) * scale.factor) : -1;
    return s("rect", {
      class: kind < 0 ? "s77-none" : `s77-g${kind}`, "data-day": at,
      x: (frame.left + week * cellWidth + 0.5).toFixed(1), y: frame.gridTop + side.weekdays[at] * (frame.rows + 1),
      width: Math.max(1, cellWidth - 1).toFixed(1), height: frame.rows,
    });
  });
  const holidays = (side.holidays || []).map((day) => {
    const week = Math.floor((dayNumberOf(day) - frame.first) / 7);
    const weekday = weekdayOf(day);
    if (weekday > 4 || week < 0 || week >= frame.weeks) return null;
    return s("rect.s77-holiday", {
      x: (frame.left + week * cellWidth + 1).toFixed(1), y: frame.gridTop + weekday * (frame.rows + 1) + 0.5,
      width: Math.max(1, cellWidth - 2).toFixed(1), height: frame.rows - 1,
    });
  });
  const names = [0, 2, 4].map((weekday) => s("text.s77-t2", {
    x: frame.left - 6, y: frame.gridTop + weekday * (frame.rows + 1) + frame.rows - 0.5, "text-anchor": "end",
  }, app.fmt.weekdayShort(weekday)));
  return s("g", cells, holidays, names);
}

export function drawMonths(app, frame, side) {
  const seen = new Set();
  let free = 0;
  return side.days.map((day) => {
    const month = day.slice(0, 7);
    if (seen.has(month)) return null;
    seen.add(month);
    const x = frame.x(day);
    if (x < free || x > frame.width - 26) return null;
    free = x + 44;
    return s("text.s77-t2", { x: x.toFixed(0), y: frame.height - 4 }, app.fmt.monthShort(Number(month.slice(5)) - 1));
  });
}

/** Dated policies as flags; names that would touch are left to their title. */
export function drawFlags(app, frame, side) {
  let free = frame.left - 20;
  const size = parseFloat(getComputedStyle(app.root).fontSize);
  const letter = 0.48 * size;
  const shown = (side.policies || []).filter((one) => one.date > side.days[0] && one.date <= side.days[side.days.length - 1]);
  return [...shown].sort((one, two) => one.date.localeCompare(two.date)).map((policy) => {
    const x = frame.x(policy.date);
    const text = app.label(policy);
    const wide = letter * text.length;
    const onLeft = x + wide > frame.width - 10;
    const start = onLeft ? x - wide : x;
    const room = start > free;
    if (room) free = start + wide + 14;
    return [
      s("line.s77-flag", { x1: x, x2: x, y1: 4, y2: frame.height - 17 }, s("title", `${app.fmt.dateShort(policy.date)} : ${text}`)),
      room ? s("text.s77-t2", { x: onLeft ? x - 5 : x + 5, y: Math.max(12, 0.8 * size), "text-anchor": onLeft ? "end" : "start" }, text) : null,
    ];
  });
}
