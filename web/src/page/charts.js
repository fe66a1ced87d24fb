// The charts of a report page, drawn from the data that stand beside its tables.

import { fill, h, onResize, s } from "../core/dom.js";
import { weekdayOf } from "../core/dates.js";
import { classOf, decimalsOf, niceCeiling, numberOf, ticksBesideZero } from "../core/numbers.js";
import { fillIn } from "../core/words.js";
import { drawMarks, endsOf, stack } from "../charts/bars.js";
import { dayFrame, flagsOf, monthNames, valueAxis, weekBand, weekGrid, weekLine } from "../charts/days.js";
import { drawFlows } from "../charts/flows.js";
import { legendScale, railKey } from "../charts/legend.js";
import { effectMark } from "../charts/marks.js";
import { drawDensity, drawFactor } from "../charts/plot.js";
import { moveProfile, profileFrame } from "../charts/profile.js";
import { railWidth } from "../map/rails.js";
import { ringIcon } from "../map/rings.js";

const LETTER = 12.5; // pixels of a chart's text
const [UNIT, RING] = [0.66, 0.45]; // pixels of a map unit in legends, for lines and for rings

/** @returns {any[]} */
const all = (selector, within) => [...within.querySelectorAll(selector)];
const read = (node, name) => JSON.parse(node.dataset[name]);
const panel = (width, height, ...parts) => s("svg.s77-panel", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" }, parts);

/** Draw all charts of one language; those in a closed fold wait until they are seen. */
export function drawCharts(main, fmt) {
  for (const list of all(".tracks", main)) drawTracks(list, false);
  for (const table of all("[data-shades]", main)) shadeCells(table);
  for (const host of all("[data-legend]", main)) fill(host, drawLegend(fmt, read(host, "legend")));
  for (const host of all("[data-key]", main)) {
    const [kind, ...given] = read(host, "key");
    fill(host, KEYS[kind](...given));
  }
  for (const host of all("[data-stack]", main)) fill(host, stack(read(host, "stack").map(([kind, share]) => ({ kind, share }))));
  for (const host of all("[data-chart]", main)) {
    const { kind, ...data } = read(host, "chart");
    let drawn = 0;
    onResize(host, () => {
      const width = host.clientWidth;
      if (width && width !== drawn) fill(host, CHARTS[kind](data, fmt, width));
      drawn = width;
    });
  }
}

// Rows of marks, coloured cells, legends and keys -----------------------------------------------

/** Rows without ends of their own share one scale with zero on it; `wider` shows the unpaired intervals of effects. */
export function drawTracks(list, wider) {
  const tracks = all("[data-track]", list).map((host) => ({ host, ...read(host, "track") }));
  const rows = tracks.filter(({ marks }) => marks).map(({ marks, ...track }) => (
    { ...track, marks: marks.map(([kind, from, to = from]) => ({ kind, from: numberOf(from), to: numberOf(to) })) }));
  const shared = endsOf(rows.filter(({ ends }) => !ends).flatMap(({ marks }) => marks));
  for (const { host, marks, ends } of rows) fill(host, drawMarks(ends ? marks : [{ kind: "zero", from: 0 }, ...marks], ends ?? shared));
  for (const { host, effect } of tracks.filter((track) => track.effect)) {
    const [low, high] = effect.interval.map(numberOf);
    fill(host, effectMark({ value: effect.value, low, high, noise: effect.noise, free: wider ? effect.unpaired.map(numberOf) : [] }));
  }
}

function shadeCells(table) {
  const { values, breaks, prefix } = read(table, "shades");
  [...table.tBodies[0].rows].forEach((row, at) => [...row.cells].slice(1).forEach((cell, column) => {
    const shade = classOf(breaks, numberOf(values[at][column]));
    cell.className = shade < 0 ? "s77-none" : `s77-${prefix}${shade}`;
  }));
}

function drawLegend(fmt, { breaks, prefix, signed }) {
  return legendScale(fmt, { shown: breaks, breakDecimals: decimalsOf(breaks, 6), classes: breaks.length + 1, prefix: `s77-${prefix}`, unit: "", difference: signed });
}

const keyMark = (...marks) => () => h("span.s77-barbox", drawMarks(marks.map(([kind, from, to = from]) => ({ kind, from, to })), [0, 1]));
const keyLine = (spec, dot = false) => () => s("svg.s77-linekey", { viewBox: "0 0 40 16" }, s(`line.${spec}`, { x1: 2, x2: 38, y1: 8, y2: 8 }), dot ? s("circle.s77-effdot", { cx: 20, cy: 8, r: 4 }) : null);

/** What the marks of charts look like, by the names that a page gives them. */
const KEYS = {
  ...Object.fromEntries(["share", "total", "spread", "whisker", "agree"].map((kind) => [kind, keyMark([kind, 0, 1])])),
  model: keyMark(["whisker", 0, 1], ["dot", 0.5]), check: keyMark(["ring", 0.5]),
  mean: keyLine("s77-week-b", true), interval: keyLine("s77-interval", true), prior: keyLine("s77-prior"), seats: keyLine("s77-seats"), places: keyLine("s77-aline"),
  density: () => s("svg.s77-linekey", { viewBox: "0 0 40 16" }, s("rect.s77-densitybar", { x: 2, y: 3, width: 36, height: 10 })),
  site: ringIcon, veil: () => h("i.s77-veilswatch"),
  // As wide beside each other as on the map.
  ring: (...given) => {
    const icon = ringIcon(...given);
    const [wide, high] = icon.getAttribute("viewBox").split(" ").slice(2).map((size) => `${(RING * size).toFixed(0)}px`);
    Object.assign(icon.style, { width: wide, height: high });
    return icon;
  },
  rail: (riders, most, full) => railKey(UNIT * railWidth(riders, most), full),
  points: () => s("svg.s77-linekey", { viewBox: "0 0 40 16" }, [12, 28].map((cx) => s("circle.s77-designpoint", { cx, cy: 8, r: 2.2 }))),
};

// Charts ----------------------------------------------------------------------------------------

const scaleY = (frame, low, high) => (value) => frame.bottom - ((frame.bottom - frame.top) * (value - low)) / (high - low);

/** The share by week over the grid of its days. */
function drawYear({ days, values, free, weeks, breaks, flags }, fmt, width) {
  const calendar = { days, weekdays: days.map(weekdayOf), holidays: free };
  const frame = dayFrame({ clientWidth: width, clientHeight: 260 }, calendar, { left: 46, right: 12, top: 34, grid: true });
  const top = niceCeiling(Math.max(...weeks.map(([, value]) => numberOf(value)).filter(Number.isFinite)));
  const y = scaleY(frame, 0, top);
  const decimals = decimalsOf([top / 2, top]);
  return panel(width, frame.height,
    valueAxis(frame, y, [0, top / 2, top].map((value) => ({ value, text: fmt.num(value, value ? decimals : 0) + (value === top ? fmt.percentSign : ""), kind: value ? "s77-grid" : "s77-base" }))),
    weekGrid(fmt, frame, calendar, values, { of: (value) => classOf(breaks, numberOf(value)) }), monthNames(fmt, frame, calendar),
    flagsOf(frame, calendar, flags.map(([date, text]) => ({ date, text, title: `${fmt.dateShort(date)}${fmt.colon}${text}` })), LETTER),
    weekLine(frame, weeks.map(([day, value]) => [day, numberOf(value)]), y, { name: "b" }));
}

/** An effect by week with its interval. */
function drawWeeks({ days, mean, low, high }, fmt, width) {
  const calendar = { days, weekdays: days.map(weekdayOf) };
  const frame = dayFrame({ clientWidth: width, clientHeight: 170 }, calendar, { left: 58, right: 12, top: 12 });
  const known = [...mean, ...low, ...high].filter((value) => value !== null);
  const [least, most] = [Math.min(0, ...known), Math.max(0, ...known)];
  const room = (most - least || 1) * 0.06;
  const y = scaleY(frame, least - room, most + room);
  const weekly = (values) => days.map((day, at) => [day, numberOf(values[at])]);
  const marks = ticksBesideZero(least, most, 3);
  return panel(width, frame.height,
    valueAxis(frame, y, [...marks.map((value) => ({ value, text: fmt.signed(value, decimalsOf(marks, 4)) })), { value: 0, text: "0", kind: "s77-base" }]),
    monthNames(fmt, frame, calendar), weekBand(frame, weekly(low), weekly(high), y), weekLine(frame, weekly(mean), y, { name: "b" }));
}

/** The load along a line. */
function drawProfile({ segments, to, most, axis, seats, riders, places, capacity }, fmt, width) {
  const top = niceCeiling(most);
  const svg = panel(width, 172);
  const frame = profileFrame(svg, { segments, to, top, seats, half: fmt.num(top / 2), full: fillIn(axis, { riders: fmt.num(top) }) }, width, 172);
  moveProfile(frame, { riders, seats: capacity, outline: places });
  return svg;
}

/** @type {Record<string, (data: any, fmt: any, width: number) => Element>} */
const CHARTS = {
  year: drawYear, weeks: drawWeeks, profile: drawProfile,
  factor: (data, fmt, width) => drawFactor(data, fmt, width, 208),
  density: (data, fmt, width) => drawDensity(data, fmt, width, 150),
  flows: ({ names, heads, flows }, fmt, width) => drawFlows({
    kinds: Object.keys(names), heads, label: "", name: (kind) => names[kind],
    flows: flows.map(([from, to, value, title]) => ({ from, to, value, title })),
  }, fmt, width, 250, LETTER),
};
