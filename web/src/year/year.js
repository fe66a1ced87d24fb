// The year: a line by day, a weekday × week grid, dated policies.

import { capital } from "../core/words.js";
import { append, fill, h, mounted, onResize, s, setText } from "../core/dom.js";
import { dayNumberOf, nearestDay } from "../core/dates.js";
import { clamp, decimalsFor, decimalsOf } from "../core/numbers.js";
import { dayIndexOf, fieldOf, momentText, valueAt } from "../state/sides.js";
import { scaleOf } from "../state/scales.js";
import { dailyLine, dayFrame, gridShades, valueAxis, valueRange, weekGrid, weekLine, weekMeans } from "../charts/days.js";
import { yearMarks } from "./marks.js";
import { drawPlayBar, showPlayBar } from "./playbar.js";

/** Mount the strip in an element; returns {destroy}. */
export function mountYear(app, el) {
  const strip = { app, el };
  drawPlayBar(strip);
  strip.chart = s("svg.s77-cal", { role: "img" });
  strip.slider = h("input.s77-dateslider", { type: "range", "aria-label": app.t("date") });
  strip.slider.addEventListener("input", () => pickDate(strip, Number(strip.slider.value)));
  strip.box = h("div.s77-calbox", strip.chart, strip.slider);
  append(el, [strip.bar, strip.more, strip.box]);
  addDragOnYear(strip);
  const stops = [
    onResize(strip.box, () => drawYear(strip)),
    app.on(["sides", "compare", "state:indicator"], () => drawYear(strip)),
    app.on(["state:day", "state:by", "sides"], () => moveCursor(strip)),
    app.on(["state:by", "state:speed", "state:levers", "state:sites", "levers", "playing"], () => showPlayBar(strip)),
  ];
  // The chart waits for the observer, which comes with the first layout and needs no second one.
  moveCursor(strip);
  showPlayBar(strip);
  return mounted(stops);
}

function drawYear(strip) {
  const { app, chart, slider } = strip;
  const side = app.sides.b || app.sides.a;
  if (!side || strip.box.clientWidth < 200 || strip.box.clientHeight < 60) return;
  const frame = dayFrame(strip.box, side, { left: 46, right: 14, top: 16, grid: true });
  strip.frame = frame;
  const scale = scaleOf(app, app.state.indicator);
  chart.setAttribute("viewBox", `0 0 ${frame.width} ${frame.height}`);
  chart.setAttribute("aria-label", app.t("year_chart", { indicator: app.label(scale.indicator) }));
  const series = /** @type {("a" | "b")[]} */ (["a", "b"]).map((name) => ({ name, values: dailySeries(app.sides[name], scale) })).filter(({ values }) => values);
  strip.shades = gridShades(series.map(({ values }) => values));
  const range = valueRange(series.map(({ values }) => values));
  const y = (value) => frame.bottom - ((frame.bottom - frame.top) * (value - range.low)) / (range.high - range.low);
  strip.cursor = s("line.s77-cursor", { y1: 2, y2: frame.height - 16 });
  strip.cell = s("rect.s77-cellnow", { width: frame.wide / frame.weeks, height: frame.rows + 1 });
  fill(chart,
    valueAxis(frame, y, range.ticks.map((value, at) => ({ value, text: axisText(app, scale, value, at === range.ticks.length - 1) }))),
    weekGrid(app.fmt, frame, side, dailySeries(side, scale), strip.shades), yearMarks(app, frame, side),
    series.map(({ name, values }) => [name === "b" ? dailyLine(frame, app.sides[name], values, y) : null,
      weekLine(frame, weekMeans(frame, app.sides[name], values), y, name === "b" ? { name, label: "B" } : { name })]),
    strip.cell, strip.cursor);
  slider.min = frame.first;
  slider.max = frame.first + 7 * frame.weeks - 1;
  slider.style.left = `${frame.left}px`;
  slider.style.width = `${frame.wide}px`;
  slider.style.height = `${frame.gridTop}px`;
  showYearLegend(strip, scale);
  moveCursor(strip);
}

/** The uppermost number carries the percent sign, if there is one. */
function axisText(app, scale, value, isLast) {
  return app.fmt.num(value, decimalsOf([value], 2)) + (isLast && scale.unit === "%" ? app.fmt.percentSign : "");
}

/**
 * The whole-département values by day in shown units, or null.
 * @returns {any}
 */
function dailySeries(side, scale) {
  const field = fieldOf(side, "day", scale.indicator.name);
  if (!field) return null;
  return Float32Array.from({ length: field.days }, (_, day) => valueAt(field, day) * scale.factor);
}

function showYearLegend(strip, scale) {
  const { app } = strip;
  const { a, b } = app.sides;
  // The panel of levers names both scenarios, for which there is no room here.
  fill(strip.legend, `${app.label(scale.indicator)}${scale.unit ? `, ${scale.unit}` : ""}${app.fmt.colon}`,
    b ? h("b.s77-isb", { title: app.label(b) }, "— B") : null, b && a ? ", " : null, a ? h("span.s77-mut", { title: app.label(a) }, "- - A") : null);
  const { low, high } = strip.shades;
  const decimals = decimalsFor(high, 3, 2);
  fill(strip.shadekey, app.fmt.num(low, decimals), [0, 1, 2, 3, 4, 5].map((kind) => h(`i.s77-g${kind}`)),
    app.fmt.withUnit(high, scale.unit === "%" ? "%" : "", decimals));
}

/** Move the cursor and the date: all that a frame of playback changes here. */
function moveCursor(strip) {
  const { app, frame, slider } = strip;
  const side = app.sides.b || app.sides.a;
  if (!side) return;
  setText(strip.date, capital(momentText(app, side)));
  if (!frame) return;
  const at = dayIndexOf(app, side);
  const day = side.days[at];
  const x = frame.x(day).toFixed(1);
  strip.cursor.setAttribute("transform", `translate(${x} 0)`);
  const week = Math.floor((dayNumberOf(day) - frame.first) / 7);
  strip.cell.setAttribute("x", (frame.left + (week * frame.wide) / frame.weeks).toFixed(1));
  strip.cell.setAttribute("y", frame.gridTop - 0.5 + side.weekdays[at] * (frame.rows + 1));
  strip.chart.classList.toggle("s77-whole", app.state.by === "year");
  slider.value = dayNumberOf(day);
  slider.setAttribute("aria-valuetext", app.fmt.date(day));
}

/** Go to the simulated day nearest to a day number. */
function pickDate(strip, number) {
  const { app } = strip;
  const side = app.sides.b || app.sides.a;
  const now = dayIndexOf(app, side);
  const nearest = nearestDay(side.days, number);
  // An arrow key over a week-end must still move on.
  const aim = nearest === now && number !== dayNumberOf(side.days[now]) ? now + Math.sign(number - dayNumberOf(side.days[now])) : nearest;
  app.set({ day: side.days[clamp(aim, 0, side.days.length - 1)], by: app.state.by === "year" ? "day" : app.state.by });
}

function addDragOnYear(strip) {
  const { app, chart } = strip;
  chart.addEventListener("click", (event) => {
    const cell = event.target.closest("[data-day]");
    const side = app.sides.b || app.sides.a;
    if (cell && side) app.set({ day: side.days[Number(cell.dataset.day)], by: "day" });
  });
}
