// The year of Compare: B − A by day and week, with playback, moment, and the keys A and B.

import { append, fill, frameOnce, h, mounted, onResize, s, setText } from "../core/dom.js";
import { capital } from "../core/words.js";
import { nearestDay } from "../core/dates.js";
import { decimalsFor, decimalsOf, ticksBesideZero } from "../core/numbers.js";
import { dayIndexOf, fieldOf, hold, momentText, valueAt } from "../state/sides.js";
import { differenceScale } from "../state/comparison.js";
import { table } from "../widgets/table.js";
import { openDialog } from "../widgets/dialog.js";
import { dailyLine, dayFrame, valueAxis, weekLine, weekMeans } from "../charts/days.js";
import { yearMarks } from "./marks.js";
import { drawPlayBar, showPlayBar } from "./playbar.js";

/** Mount the strip in an element; returns {destroy}. */
export function mountDifferenceYear(app, el) {
  el.classList.add("s77-cmpyear");
  const strip = { app, el };
  drawPlayBar(strip);
  strip.caption = h("p.s77-small");
  strip.chart = s("svg.s77-cal", { role: "img" });
  strip.box = h("div.s77-calbox", strip.chart);
  append(el, [strip.bar, strip.more, h("div.s77-cmpchart", h("div.s77-fighead", strip.caption,
    h("span.s77-totable", h("button.s77-link.s77-small", { type: "button", onclick: () => openYearTable(app) }, app.t("table")))), strip.box), holdButtons(app)]);
  strip.chart.addEventListener("click", (event) => pickDifferenceDay(strip, event));
  const draw = frameOnce(() => drawDifferenceYear(strip));
  const stops = [
    onResize(strip.box, () => drawDifferenceYear(strip)),
    app.on(["sides", "compare", "state:indicator"], draw), // the classes of a difference come with the comparison
    app.on(["state:day", "state:by", "sides"], () => moveDifferenceCursor(strip)),
    app.on(["state:by", "state:speed", "state:levers", "state:sites", "levers", "playing"], () => showPlayBar(strip)),
  ];
  showPlayBar(strip);
  moveDifferenceCursor(strip);
  return mounted(stops);
}

/** What the keys do, as buttons for a hand: held, they show A or B on the large map. */
function holdButtons(app) {
  const one = (side) => h("button.s77-btn.s77-hold", {
    type: "button", "aria-label": app.t("cmp_hold_side", { side: side.toUpperCase() }),
    title: app.t("cmp_hold_side", { side: side.toUpperCase() }),
    onpointerdown: (event) => {
      event.currentTarget.setPointerCapture(event.pointerId);
      hold(app, side);
    },
    onpointerup: () => hold(app, null), onpointercancel: () => hold(app, null),
    onkeydown: (event) => { if (event.key === "Enter" || event.key === " ") hold(app, side); },
    onkeyup: () => hold(app, null), onblur: () => { if (app.held) hold(app, null); },
  }, side.toUpperCase());
  return h("div.s77-holds.s77-x", h("span", app.t("cmp_hold")), one("a"), one("b"));
}

/** B − A by day in shown units, or null where a side has no such field. */
function dailyDifference(app) {
  const scale = differenceScale(app);
  const fields = ["a", "b"].map((side) => fieldOf(app.sides[side], "day", scale.indicator.name));
  if (!fields[0] || !fields[1] || fields[0].days !== fields[1].days) return null;
  return Float32Array.from({ length: fields[1].days }, (_, day) => (valueAt(fields[1], day) - valueAt(fields[0], day)) * scale.factor);
}

function drawDifferenceYear(strip) {
  const { app, chart, box } = strip;
  const side = app.sides.b;
  const values = side ? dailyDifference(app) : null;
  const scale = differenceScale(app);
  const caption = values ? "cmp_year_caption" : app.sides.a && side ? "cmp_year_none" : "map_coming";
  setText(strip.caption, app.t(caption, { indicator: capital(app.label(scale.indicator)), unit: scale.unit ? `, ${scale.unit}` : "" }));
  strip.caption.title = strip.caption.textContent;
  if (!values || box.clientWidth < 150 || box.clientHeight < 40) return fill(chart);
  const frame = dayFrame(box, side, { left: 52, right: 10, top: 6 });
  strip.frame = frame;
  const known = [...values].filter(Number.isFinite);
  const [low, high] = [Math.min(0, ...known), Math.max(0, ...known)];
  const room = (high - low || 1) * 0.1;
  const y = (value) => frame.bottom - ((frame.bottom - frame.top) * (value - low + room)) / (high - low + 2 * room);
  chart.setAttribute("viewBox", `0 0 ${frame.width} ${frame.height}`);
  chart.setAttribute("aria-label", strip.caption.textContent);
  strip.cursor = s("line.s77-cursor", { y1: 0, y2: frame.height - 15 });
  const marks = ticksBesideZero(low, high, 2);
  const decimals = decimalsOf(marks, 4);
  fill(chart,
    valueAxis(frame, y, [...marks.map((value) => ({ value, text: app.fmt.signed(value, decimals) })), { value: 0, text: "0", kind: "s77-base" }]),
    yearMarks(app, frame, side), dailyLine(frame, side, values, y), weekLine(frame, weekMeans(frame, side, values), y, { name: "b" }), strip.cursor);
  moveDifferenceCursor(strip);
}

function moveDifferenceCursor(strip) {
  const { app, frame } = strip;
  const side = app.sides.b || app.sides.a;
  if (!side) return;
  setText(strip.date, capital(momentText(app, side)));
  if (!frame || !strip.cursor) return;
  const x = frame.x(side.days[dayIndexOf(app, side)]).toFixed(1);
  strip.cursor.setAttribute("transform", `translate(${x} 0)`);
  strip.chart.classList.toggle("s77-whole", app.state.by === "year");
}

function pickDifferenceDay(strip, event) {
  const { app, frame } = strip;
  const side = app.sides.b;
  if (!frame || !side) return;
  const box = strip.chart.getBoundingClientRect();
  const at = frame.first + (7 * frame.weeks * (event.clientX - box.left - frame.left)) / frame.wide;
  app.set({ day: side.days[nearestDay(side.days, at)], by: app.state.by === "year" ? "day" : app.state.by });
}

function openYearTable(app) {
  const values = app.sides.b && dailyDifference(app);
  if (!values) return;
  const scale = differenceScale(app);
  const rows = app.sides.b.days.map((day, at) => ({ day, value: values[at] }));
  openDialog(app, `${capital(app.label(scale.indicator))}, B − A`, table([
    { key: "day", label: app.t("date"), text: (row) => app.fmt.date(row.day) },
    { key: "value", label: "B − A", numeric: true, text: (row) => app.fmt.withUnit(row.value, scale.unit, decimalsFor(row.value, 4, 2), true) },
  ], rows, { caption: app.t("year") }));
}
