// The design points of a study as a scatter: one factor across, the outcome up.

import { fill, h, s, setText, uid } from "../core/dom.js";
import { capital } from "../core/words.js";
import { clamp, decimalsOf, ticks } from "../core/numbers.js";
import { table } from "../widgets/table.js";
import { openDialog } from "../widgets/dialog.js";
import { LINE, acrossAxis, namesInLines, plotFrame, upAxis } from "../charts/plot.js";
import { tipLine } from "../map/pointer.js";
import {
  boxLimits, factorText, isInBox, keptPoints, outcomeOf, outcomeUnit, pointRows, shownFactor,
} from "./points.js";

const MOST_WHISKERS = 400;

export function buildScatter(view) {
  const { app, study } = view;
  const kinds = ["effect", "level", "baseline"].map((kind) => [kind, study.outcomes.filter((one) => one.kind === kind)]).filter(([, list]) => list.length);
  const option = (one) => h("option", { value: one.name, selected: one.name === study.outcome }, capital(app.label(one)));
  const outcome = h("select.s77-select", { "aria-label": app.t("stu_outcome"), dataset: { choice: "outcome" }, onchange: () => app.set({ outcome: outcome.value, where: "" }) },
    kinds.length > 1 ? kinds.map(([kind, list]) => h("optgroup", { label: app.t(`stu_kind_${kind}`) }, list.map(option))) : kinds[0][1].map(option));
  view.factorSelect = h("select.s77-select", { "aria-label": app.t("stu_factor"), dataset: { choice: "factor" }, onchange: () => app.set({ factor: view.factorSelect.value }) },
    study.factors.map((one) => h("option", { value: one.name }, app.label(one))));
  view.scatter = h("div.s77-scatterbox", { tabindex: "0", role: "group", "aria-describedby": `${uid(app)}-keys`, onkeydown: (event) => scatterKey(view, event), onblur: () => leavePoint(view) });
  view.pointTip = h("div.s77-tip", { hidden: true });
  view.pointVoice = h("p.s77-sr", { "aria-live": "polite" });
  view.scatterNote = h("p.s77-small");
  fill(view.main,
    h("div.s77-scatterhead", h("label", h("span.s77-small", `↑ ${app.t("stu_outcome")}`), outcome), h("label", h("span.s77-small", `→ ${app.t("stu_factor")}`), view.factorSelect),
      h("button.s77-link.s77-small", { type: "button", onclick: () => openPointsTable(view) }, app.t("table"))),
    view.scatter, view.pointVoice, h("p.s77-sr", { id: view.scatter.getAttribute("aria-describedby") }, app.t("stu_scatter_keys")), view.scatterNote);
  view.scatter.addEventListener("pointermove", (event) => pointAt(view, event));
  view.scatter.addEventListener("pointerleave", () => leavePoint(view));
  showFactor(view);
}

export function showFactor(view) {
  const factor = shownFactor(view);
  view.factorSelect.value = factor.name;
  drawScatter(view);
  for (const button of view.reasons.querySelectorAll("[data-factor]")) button.setAttribute("aria-pressed", String(button.dataset.factor === factor.name));
}

export function drawScatter(view) {
  const { app, study, scatter } = view;
  if (!scatter || !study) return;
  const [width, height] = [scatter.clientWidth, scatter.clientHeight];
  if (width < 120 || height < 120) return;
  const factor = shownFactor(view);
  const { points } = study;
  const outcome = outcomeOf(view);
  const means = points.mean.filter(Number.isFinite);
  const ends = [...points.low, ...points.high].filter(Number.isFinite);
  const told = outcomeUnit(app, outcome, means);
  const frame = scatterFrame(app, factor, { means, ends }, told, width, height);
  view.isCut = ends.some((value) => value * told.factor < frame.low || value * told.factor > frame.high);
  const rows = points.mean.map((_, at) => at).filter((at) => Number.isFinite(points.mean[at]));
  const whiskers = rows.length <= MOST_WHISKERS;
  view.drawn = { factor, frame, told, outcome };
  view.dots = rows.map((at) => scatterDot(view, frame, factor, told, at, whiskers));
  const cut = `${uid(app)}-cut`;
  view.dotLayer = s("g", { "clip-path": `url(#${cut})` });
  view.ring = s("circle.s77-pointring", { r: 6.5, cx: -99, cy: -99 });
  const svg = s("svg.s77-scatter", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" },
    s("clipPath", { id: cut }, s("rect", { x: 0, y: frame.top - 6, width, height: frame.bottom - frame.top + 12 })),
    scatterAxes(app, frame, factor, outcome, told), boxBand(view, frame, factor), thresholdLine(view, frame, told), view.dotLayer, view.ring);
  fill(scatter, svg, view.pointTip);
  showKept(view);
}

/** Show which points the filters keep: those left out are pale and lie below. */
export function showKept(view) {
  const { app, study, drawn } = view;
  if (!drawn || !view.dots) return;
  const kept = new Set(keptPoints(view));
  for (const dot of view.dots) {
    dot.kept = kept.has(dot.at);
    dot.g.setAttribute("class", !dot.kept ? "s77-left-out" : isInBox(view, dot.at) ? "s77-inbox" : "s77-point");
  }
  fill(view.dotLayer, [...view.dots].sort((one, two) => one.kept - two.kept).map((dot) => dot.g));
  view.walk = view.dots.filter((dot) => dot.kept).sort((one, two) => one.x - two.x || one.y - two.y);
  leavePoint(view);
  view.scatter.setAttribute("aria-label", app.t("stu_scatter_of", { outcome: app.label(drawn.outcome.full), factor: app.label(drawn.factor), n: app.fmt.num(kept.size) }));
  const hasInterval = study.points.low.some(Number.isFinite);
  setText(view.scatterNote, [app.t(hasInterval ? "stu_scatter_note" : "stu_scatter_one"), view.isCut ? app.t("stu_cut") : "", boxLimits(view).length ? app.t("stu_in_box") : "",
    study.total > view.dots.length ? app.t("stu_some_points", { n: app.fmt.num(view.dots.length), all: app.fmt.num(study.total) }) : ""].filter(Boolean).join(" "));
}

/** From where to where the picture goes: all means, and of their intervals as much as lets the means be told apart. */
function scatterReach(means, ends) {
  const [low, high] = [Math.min(...means), Math.max(...means)];
  const room = 0.75 * (high - low || Math.abs(high) || 1);
  return [Math.max(Math.min(low, ...ends), low - room), Math.min(Math.max(high, ...ends), high + room)];
}

function scatterFrame(app, factor, { means, ends }, told, width, height) {
  const under = LINE * Math.max(0, ...namesAcross(app, factor, width).map((lines) => lines.length - 1));
  const [right, top, bottom] = [width - 14, 26, height - 46 - under];
  let [low, high] = scatterReach(means, ends).map((value) => value * told.factor);
  // Zero belongs to the picture unless it would press the points together.
  if (low > 0 && low < 0.7 * high) low = 0;
  if (high < 0 && high > 0.7 * low) high = 0;
  const room = (high - low || Math.abs(high) || 1) * 0.06;
  [low, high] = [low === 0 ? 0 : low - room, high === 0 ? 0 : high + room];
  return plotFrame(app.fmt, { from: factor.low, to: factor.high, texts: factor.text ? factor.values : [] },
    { right, top, bottom, low, high, edge: factor.values.length ? 22 : 10 });
}

function scatterDot(view, frame, factor, told, at, whiskers) {
  const { points } = view.study;
  // Points of one text or one listed number would hide each other: a small step aside, always the same.
  const aside = factor.values.length ? (((at * 0.618) % 1) - 0.5) * 22 : 0;
  const x = frame.x(points.factors[factor.name][at]) + aside;
  const y = (value) => frame.y(value * told.factor);
  const [low, high] = [points.low[at], points.high[at]];
  const known = whiskers && Number.isFinite(low) && Number.isFinite(high);
  const place = { x: x.toFixed(1), y: y(points.mean[at]).toFixed(1) };
  const g = s("g", known ? s("line", { x1: place.x, x2: place.x, y1: y(low).toFixed(1), y2: y(high).toFixed(1) }) : null,
    s("circle", { cx: place.x, cy: place.y, r: 3.6 }));
  return { at, g, x, y: y(points.mean[at]), kept: true };
}

/** The names of a factor's texts in lines; none of numbers. */
function namesAcross(app, factor, width) {
  return factor.text ? namesInLines(factor.values.map((value) => factorText(app, factor, value)), (width - 80) / factor.values.length) : [];
}

function scatterAxes(app, frame, factor, outcome, told) {
  const { left, right, top, bottom } = frame;
  const across = factor.text ? factor.values : factor.values.length && factor.values.length <= 8 ? factor.values : ticks(factor.low, factor.high, Math.max(2, Math.min(8, Math.round((right - left) / 110))));
  const decimals = factor.text ? 0 : decimalsOf(across, 4);
  const names = namesAcross(app, factor, right + 14);
  const unit = app.label(factor.unit);
  return [
    s("text.s77-t3", { x: 4, y: 13 }, capital(app.label(outcome.full)) + (told.unit ? `, ${told.unit}` : "")),
    upAxis(app.fmt, frame), acrossAxis(frame, across, factor.text ? names : across.map((value) => app.fmt.num(value, decimals))),
    s("text.s77-t3", { x: right, y: bottom + 37 + LINE * Math.max(0, ...names.map((lines) => lines.length - 1)), "text-anchor": "end" }, `${app.label(factor)}${unit ? `, ${unit}` : ""}`),
    s("line.s77-grid", { x1: left, x2: left, y1: top, y2: bottom }),
  ];
}

/** The part of the factor's range in which the condition was found, as a pale band. */
function boxBand(view, frame, factor) {
  const limit = boxLimits(view).find((one) => one.factor === factor.name);
  if (!limit || factor.text) return null;
  const [low, high] = [frame.x(limit.low ?? factor.low), frame.x(limit.high ?? factor.high)];
  return s("rect.s77-boxband", { x: low, y: frame.top, width: Math.max(2, high - low), height: frame.bottom - frame.top });
}

/** The threshold of the condition, where the picture reaches it. */
function thresholdLine(view, frame, told) {
  const { number } = view.parts.study_conditions || {};
  const value = number * told.factor;
  if (!Number.isFinite(value) || value <= frame.low || value >= frame.high) return null;
  return s("line.s77-threshold", { x1: frame.left, x2: frame.right, y1: frame.y(value), y2: frame.y(value) });
}

// One point -----------------------------------------------------------------------------------------

function pointAt(view, event) {
  const box = view.scatter.getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top];
  let best = null;
  let least = 18;
  for (const dot of view.walk || []) {
    const far = Math.hypot(dot.x - x, dot.y - y);
    if (far < least) [best, least] = [dot, far];
  }
  if (best) showPoint(view, best);
  else leavePoint(view);
}

function scatterKey(view, event) {
  const list = view.walk || [];
  const at = list.indexOf(view.point);
  const to = { ArrowRight: at + 1, ArrowUp: at + 1, ArrowLeft: at < 0 ? list.length - 1 : at - 1, ArrowDown: at < 0 ? list.length - 1 : at - 1, Home: 0, End: list.length - 1 }[event.key];
  if (event.key === "Escape" && view.point) leavePoint(view);
  else if (to !== undefined && list.length) {
    showPoint(view, list[clamp(to, 0, list.length - 1)]);
    setText(view.pointVoice, [...view.pointTip.children].map((node) => node.textContent).join(", "));
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

function showPoint(view, dot) {
  const { app, study, pointTip: tip, scatter } = view;
  view.point = dot;
  view.ring.setAttribute("cx", dot.x);
  view.ring.setAttribute("cy", dot.y);
  const { told, outcome } = view.drawn;
  const { points } = study;
  const number = (value) => app.fmt.num(value * told.factor, told.decimals);
  const [low, high] = [points.low[dot.at], points.high[dot.at]];
  fill(tip, h("b", capital(app.label(outcome.full))),
    tipLine(app.t("stu_mean"), `${number(points.mean[dot.at])} ${told.unit}`),
    Number.isFinite(low) ? tipLine(app.t("cmp_interval"), `${number(low)} – ${number(high)}`) : null,
    tipLine(app.t("stu_draws"), app.fmt.num(points.n[dot.at])),
    study.factors.map((one) => tipLine(app.label(one), factorText(app, one, points.factors[one.name][dot.at]))));
  tip.hidden = false;
  const left = dot.x + 14 + tip.offsetWidth > scatter.clientWidth ? dot.x - tip.offsetWidth - 14 : dot.x + 14;
  tip.style.transform = `translate(${Math.round(Math.max(2, left))}px, ${Math.round(clamp(dot.y - 20, 2, Math.max(2, scatter.clientHeight - tip.offsetHeight - 2)))}px)`;
}

function leavePoint(view) {
  if (!view.ring) return;
  view.point = null;
  view.ring.setAttribute("cx", -99);
  view.pointTip.hidden = true;
}

export function openPointsTable(view) {
  const { app, study } = view;
  const outcome = outcomeOf(view);
  const told = outcomeUnit(app, outcome, study.points.mean.filter(Number.isFinite));
  const number = (value) => app.fmt.num(value === null ? NaN : value * told.factor, told.decimals);
  const title = capital(app.label(outcome.full));
  openDialog(app, title, table([
    { key: "mean", label: `${app.t("stu_mean")}${told.unit ? `, ${told.unit}` : ""}`, numeric: true, text: (row) => number(row.mean) },
    { key: "low", label: app.t("cmp_interval"), numeric: true, text: (row) => (Number.isFinite(row.low) ? `${number(row.low)} – ${number(row.high)}` : "–") },
    { key: "n", label: app.t("stu_draws"), numeric: true, text: (row) => app.fmt.num(row.n) },
    ...study.factors.map((factor) => ({ key: factor.name, label: app.label(factor), numeric: !factor.text, text: (row) => factorText(app, factor, row[factor.name]) })),
  ], pointRows(view), { caption: title, sortBy: "mean" }), { wide: true });
}
