// The years of A and B as arrays, decoded once, and what is read from them: a day, a mean.

import { weekdayOf } from "../core/dates.js";

/** The side on screen: B, or A while its key is held or as long as B has not come. */
export function shownSide(app) {
  return app.sides[app.held] || app.sides.b || app.sides.a;
}

/** The workplaces on screen are many: naming them takes a line. */
export function hasLongZones(app) {
  const side = shownSide(app);
  return Boolean(side) && app.label(side.zones).length > 24;
}

/** The segments of a side's map: those of the territory, then those of the lines that its scenario adds. */
export function railOf(app, side) {
  const own = app.boot.rail || [];
  if (!side || !(side.rail || []).length) return own;
  if (!side.allRail || side.allRail.own !== own) side.allRail = { own, list: [...own, ...side.rail] };
  return side.allRail.list;
}

/** What a segment's line is called; a new line says so. */
export function lineName(app, segment) {
  return segment.fr ? app.t("line_new", { line: app.label(segment) }) : app.t("line_named", { line: segment.line });
}

/** The names of the lines that a side's scenario adds. */
export function newLines(app, side) {
  return [...new Set((side && side.rail ? side.rail : []).map((segment) => lineName(app, segment)))];
}

/** A comparison that is stored holds no loads of trains: its map shows no lines. */
export function hasTrains(app) {
  return !app.stored || Boolean(readAt(shownSide(app), "segment", "peak_riders", { by: "year" }));
}

/** Show A or B at once, without a fade, as long as its key is down. */
export function hold(app, side) {
  if (app.held === side) return;
  app.held = side;
  app.emit("held", side);
}

/** @typedef {{ by: "day", day: number } | { by: "week", weekday: number } | { by: "year" }} Moment */

const TYPED = { u1: Uint8Array, u2: Uint16Array, f4: Float32Array };
const MISSING = { u1: 255, u2: 65535 };

/** View the model's bytes, whatever the host hands over, as one Uint8Array. */
function asBytes(bytes) {
  if (bytes instanceof Uint8Array) return bytes;
  if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Decode one side: { key, name, days, dates, fields: Map("what:name" → Field), … }.
 * A Field has codes (typed array, no copy where alignment allows), days, count, scale, offset.
 * Returns null while the bytes do not yet match their description.
 */
export function decodeSide(meta, bytes) {
  const raw = asBytes(bytes);
  const fields = new Map();
  for (const field of meta.fields || []) {
    if (field.start + field.length > raw.byteLength) return null;
    const Kind = TYPED[field.dtype];
    const at = raw.byteOffset + field.start;
    const aligned = at % Kind.BYTES_PER_ELEMENT === 0;
    const codes = aligned
      ? new Kind(raw.buffer, at, field.length / Kind.BYTES_PER_ELEMENT)
      : new Kind(raw.slice(field.start, field.start + field.length).buffer);
    fields.set(`${field.what}:${field.name}`, {
      ...field, codes, days: field.shape[0], count: field.shape[1] || 1, means: new Map(),
      scale: field.scale ?? 1, offset: field.offset ?? 0, missing: MISSING[field.dtype],
    });
  }
  const weekdays = meta.days.map(weekdayOf);
  return { ...meta, fields, weekdays, meta };
}

/** The field of a side, or undefined. */
export function fieldOf(side, what, name) {
  return side ? side.fields.get(`${what}:${name}`) : undefined;
}

/** The value of one place on one day; NaN where missing. */
export function valueAt(field, day, place = 0) {
  const code = field.codes[day * field.count + place];
  return code === field.missing || code === undefined ? NaN : field.offset + field.scale * code;
}

/**
 * The values of all places for a moment: Float32Array of length field.count, kept once computed.
 * A moment is {by: "day", day}, {by: "week", weekday} (mean of these weekdays) or {by: "year"}.
 */
export function valuesAt(side, field, moment) {
  const key = momentKey(moment);
  if (field.means.has(key)) return field.means.get(key);
  const values = moment.by === "day" ? oneDay(field, moment.day) : readyMean(side, field, moment) || meanOf(side, field, moment);
  // Single days are cheap to decode; only means are worth keeping.
  if (moment.by !== "day") field.means.set(key, values);
  return values;
}

/** The values of all places for a moment, from the days or, without them, the mean there is; or null. */
export function readAt(side, what, name, moment) {
  const field = fieldOf(side, what, name);
  if (field) return valuesAt(side, field, moment);
  return side ? readyMean(side, { what, name }, moment) : null;
}

function momentKey(moment) {
  return moment.by === "week" ? `w${moment.weekday}` : moment.by === "year" ? "y" : `d${moment.day}`;
}

function oneDay(field, day) {
  const values = new Float32Array(field.count);
  for (let place = 0; place < field.count; place += 1) values[place] = valueAt(field, day, place);
  return values;
}

/** Means that Python computed itself: those of rates need the workers behind each day. */
function readyMean(side, field, moment) {
  const ready = side.fields.get(`${field.what}_${moment.by}:${field.name}`);
  return ready ? oneDay(ready, moment.by === "week" ? Math.min(moment.weekday, ready.days - 1) : 0) : null;
}

function meanOf(side, field, moment) {
  const sums = new Float64Array(field.count);
  const counts = new Uint32Array(field.count);
  for (let day = 0; day < field.days; day += 1) {
    if (moment.by === "week" && side.weekdays[day] !== moment.weekday) continue;
    for (let place = 0; place < field.count; place += 1) {
      const value = valueAt(field, day, place);
      if (value === value) {
        sums[place] += value;
        counts[place] += 1;
      }
    }
  }
  return Float32Array.from(sums, (sum, place) => (counts[place] ? sum / counts[place] : NaN));
}

/** The whole-département value of a name at a moment; NaN if the side has none. */
export function totalAt(side, name, moment) {
  const values = readAt(side, "day", name, moment);
  return values ? values[0] : NaN;
}

/**
 * The moment the page shows now on a side, from the shared state.
 * @returns {Moment}
 */
export function momentOf(app, side) {
  const by = app.state.by || "day";
  if (by === "year") return { by: "year" };
  const day = dayIndexOf(app, side);
  if (by === "typical week") return { by: "week", weekday: side.weekdays[day] };
  return { by: "day", day };
}

/** The row of the shown day in a side: the day itself or the nearest one simulated before it. */
export function dayIndexOf(app, side) {
  const days = side.days;
  const wanted = app.state.day || days[0];
  let low = 0;
  let high = days.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (days[middle] <= wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * Whether days run from the first working week of a year to the last one of it or of a later year.
 * @param {string[]} days
 */
export function isWholeYears(days) {
  return days[0].slice(5) <= "01-07" && days[days.length - 1].slice(5) >= "12-24";
}

/** The days of a side as one period: a month, years, or from one day to another. */
function periodText(app, { days }) {
  const [first, last] = [days[0], days[days.length - 1]];
  const [year, end] = [first.slice(0, 4), last.slice(0, 4)];
  if (isWholeYears(days)) return app.t("moment_year", { year: year === end ? year : `${year}–${end}` });
  if (first.slice(0, 7) === last.slice(0, 7)) {
    return app.t("moment_month", { month: app.fmt.monthName(Number(first.slice(5, 7)) - 1), year });
  }
  const { dayMonth, dateShort } = app.fmt;
  return app.t("moment_between", { first: year === end ? dayMonth(first) : dateShort(first), last: dateShort(last) });
}

/** The text of the moment: "mardi 18 novembre 2014", "un mardi moyen", "année 2014, en moyenne". */
export function momentText(app, side) {
  const moment = momentOf(app, side);
  if (moment.by === "year") return periodText(app, side);
  if (moment.by === "week") return app.t("moment_week", { weekday: app.fmt.weekdayName(moment.weekday) });
  return app.fmt.date(side.days[moment.day]);
}
