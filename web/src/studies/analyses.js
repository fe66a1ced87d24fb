// What the analyses of a study say: factors that matter, pairs, conditions found, regret.

import { h, setText } from "../core/dom.js";
import { capital } from "../core/words.js";
import { decimalsFor } from "../core/numbers.js";
import { table } from "../widgets/table.js";
import { chartFigure } from "../widgets/dialog.js";
import { bars, barWithInterval, endsOf } from "../charts/bars.js";
import { factorOf, factorText, outcomeOf, outcomeUnit, shownFactor } from "./points.js";
import { showFactor } from "./scatter.js";

const MOST_PAIRS = 6;
const MOST_REGRETS = 6;

export function mattersFigures(view, found) {
  const { app } = view;
  if (!found.rows) return h("figure.s77-figure", h("h3", app.t("stu_head_matters")), h("p.s77-small", app.label(found.why_not)));
  const pairs = (found.pairs || []).filter((row) => Number.isFinite(row.value));
  const named = (row) => capital(app.label(factorOf(view, row.factor)));
  const hasTotal = found.rows.some((row) => Number.isFinite(row.total));
  const content = [h("p.s77-small", app.t(`stu_measure_${found.method}`, { unit: outcomeUnit(app, outcomeOf(view), [1]).unit }), hasTotal ? ` ${app.t("stu_total_too")}` : ""),
    shareBars(view, found, found.rows, (row) => h("button.s77-barlabel", {
      type: "button", dataset: { factor: row.factor }, title: `${named(row)}${app.fmt.colon}${app.t("stu_show_factor")}`, "aria-pressed": String(row.factor === shownFactor(view).name), onclick: () => app.set({ factor: row.factor }),
    }, named(row))),
    h("p.s77-small", app.label(found.order)), h("p.s77-small.s77-mut", app.label(found.noise))];
  if (!app.state.factor) showFactor(view);
  return [
    chartFigure(app, { title: app.t("stu_head_matters"), content: h("div.s77-figbody", content), makeTable: () => mattersTable(view, found), className: "s77-sensitivity" }),
    pairs.length ? chartFigure(app, {
      title: app.t("stu_pairs"), makeTable: () => pairsTable(view, pairs), className: "s77-pairs",
      content: h("div.s77-figbody", h("p.s77-small", app.t("stu_pairs_note")), shareBars(view, found, pairs.slice(0, MOST_PAIRS), (row) => h("span.s77-barlabel", { title: pairName(view, row) }, pairName(view, row)))),
    }) : null,
  ];
}

function pairName(view, row) {
  return `${capital(view.app.label(factorOf(view, row.factor)))} × ${view.app.label(factorOf(view, row.other))}`;
}

/** A bar with its interval; a wider pale bar for the total, if there is one. */
function shareMarks(row) {
  const positive = (value) => (Number.isFinite(value) ? Math.max(0, value) : NaN);
  return [
    { kind: "total", from: 0, to: positive(row.total) },
    { kind: "totalwhisker", from: positive(row.total_low), to: positive(row.total_high) },
    ...barWithInterval("share", { value: positive(row.value), low: positive(row.low), high: positive(row.high) }),
  ];
}

/** Rows of factors, or of pairs of them: shares of one whole, so that they share a scale. */
function shareBars(view, found, rows, label) {
  const { app } = view;
  // Shares are shown in hundredths; effects of Morris have the size of the outcome.
  const largest = Math.max(...rows.flatMap((row) => [row.value, row.high, row.total, row.total_high]).filter(Number.isFinite), 1e-12);
  const decimals = found.method === "morris" ? decimalsFor(largest, 3, 3) : 2;
  const ends = endsOf([...found.rows, ...(found.pairs || [])].flatMap(shareMarks));
  return bars(rows.map((row) => {
    const range = Number.isFinite(row.low) ? `${app.t("cmp_interval")}${app.fmt.colon}${app.fmt.interval(row.low, row.high, decimals)}` : null;
    return {
      label: label(row), title: range, value: [app.fmt.num(row.value, decimals), range ? h("span.s77-sr", ` (${range})`) : null],
      marks: shareMarks(row),
    };
  }), "", ends);
}

function estimateColumns(app, key, label) {
  const text = (value) => app.fmt.num(value, 3);
  const [low, high] = key === "value" ? ["low", "high"] : [`${key}_low`, `${key}_high`];
  return [{ key, label, numeric: true, text: (row) => text(row[key]) },
    { key: low, label: app.t("cmp_interval"), numeric: true, text: (row) => (Number.isFinite(row[low]) ? `${text(row[low])} – ${text(row[high])}` : "–") }];
}

function mattersTable(view, found) {
  const { app } = view;
  const label = (row) => capital(app.label(factorOf(view, row.factor)));
  return table([{ key: "factor", label: app.t("stu_factor"), text: label, sort: label }, ...estimateColumns(app, "value", app.t(`stu_index_${found.method}`)),
    ...(found.rows.some((row) => Number.isFinite(row.total)) ? estimateColumns(app, "total", app.t("stu_index_total")) : [])], found.rows, { caption: app.t("stu_head_matters"), sortBy: "value" });
}

function pairsTable(view, pairs) {
  const { app } = view;
  const label = (row) => pairName(view, row);
  return table([{ key: "factor", label: app.t("stu_pair"), text: label, sort: label }, ...estimateColumns(app, "value", app.t("stu_index_second"))], pairs, { caption: app.t("stu_pairs"), sortBy: "value" });
}

// Conditions --------------------------------------------------------------------------------------------

export function conditionFigures(view, found) {
  const { app } = view;
  const { box, leaves } = found;
  const words = box.limits ? [h("p", app.label(box.sentence)), bars(box.limits.map((limit) => limitRow(view, limit)), "s77-limits")] : h("p.s77-small", app.label(box.why_not));
  return [
    chartFigure(app, { title: app.t("stu_head_conditions"), content: h("div.s77-figbody", conditionForm(view, found), words), makeTable: box.limits && box.limits.length ? () => limitsTable(view, box) : null, className: "s77-box" }),
    leaves.rows ? chartFigure(app, { title: app.t("stu_leaves"), content: h("div.s77-figbody", h("p.s77-small", app.t("stu_leaves_note", { condition: app.label(found.condition) })), leafList(app, leaves.rows)), makeTable: () => leavesTable(app, leaves.rows), className: "s77-leaves" }) : null,
  ];
}

/** What is looked for: the outcome below or above a number that the viewer may set. */
function conditionForm(view, found) {
  const { app } = view;
  const outcome = outcomeOf(view);
  const told = outcomeUnit(app, outcome, view.study.points.mean.filter(Number.isFinite));
  const shown = found.number * told.factor;
  const sign = h("select.s77-select", { "aria-label": app.t("stu_sign") }, ["<", ">"].map((one) => h("option", { value: one, selected: found.sign.startsWith(one) }, one)));
  const box = h("input.s77-number", { type: "text", inputmode: "decimal", size: 8, "aria-label": app.t("stu_threshold"), autocomplete: "off", value: app.fmt.num(shown, decimalsFor(shown, 4, 3)) });
  const message = h("span.s77-small", { role: "status" });
  const commit = () => {
    const value = app.fmt.parse(box.value);
    if (!Number.isFinite(value)) return setText(message, app.t("stu_bad_number"));
    app.set({ where: `${sign.value}${plainNumber(value / told.factor)}` });
  };
  const form = h("form.s77-where", { onsubmit: (event) => { event.preventDefault(); commit(); } },
    h("span.s77-small", app.t("stu_where", { outcome: app.label(outcome.full) })), sign, box, h("span.s77-small", told.unit), h("button.s77-btn", { type: "submit" }, app.t("stu_look")), message);
  sign.addEventListener("change", commit);
  return form;
}

/** A number without thousands and without more digits than mean anything, for the address. */
function plainNumber(value) {
  return String(Number(value.toPrecision(9)));
}

/** A limit of the box as a range within the range of its factor. */
function limitRow(view, one) {
  const { app } = view;
  const factor = factorOf(view, one.factor);
  const span = factor.high - factor.low || 1;
  const [low, high] = [one.low ?? factor.low, one.high ?? factor.high];
  const within = { kind: "within", from: (low - factor.low) / span, to: (high - factor.low) / span };
  return {
    label: capital(app.label(factor)), value: app.label(one.text),
    marks: factor.text ? [] : [{ kind: "range", from: 0, to: 1 }, within],
  };
}

function limitsTable(view, box) {
  const { app } = view;
  const label = (row) => capital(app.label(factorOf(view, row.factor)));
  return table([{ key: "factor", label: app.t("stu_factor"), text: label, sort: label }, { key: "text", label: app.t("stu_limit"), text: (row) => app.label(row.text), sort: (row) => app.label(row.text) },
    { key: "reproduced", label: app.t("stu_reproduced"), numeric: true, text: (row) => app.fmt.pct(row.reproduced, 0) }], box.limits, { caption: app.t("stu_head_conditions") });
}

/** The boxes of the tree, the densest first: how often the condition holds, and where. */
function leafList(app, rows) {
  return h("ul.s77-leaflist", rows.map((row) => h("li",
    h("span.s77-leafbar", { "aria-hidden": "true" }, h("i", { style: `width:${(100 * row.density).toFixed(1)}%` })),
    h("b", app.fmt.pct(row.density, 0)), h("span", app.label(row.rule)), h("span.s77-small", app.t(row.n === 1 ? "stu_of_points_1" : "stu_of_points", { n: app.fmt.num(row.n) })))));
}

function leavesTable(app, rows) {
  const share = (key) => (row) => app.fmt.pct(row[key], 0);
  const rule = (row) => app.label(row.rule);
  return table([{ key: "rule", label: app.t("stu_rule"), text: rule, sort: rule }, { key: "density", label: app.t("stu_density"), numeric: true, text: share("density") },
    { key: "low", label: app.t("cmp_interval"), numeric: true, text: (row) => `${app.fmt.pct(row.low, 0)} – ${app.fmt.pct(row.high, 0)}` },
    { key: "coverage", label: app.t("stu_coverage"), numeric: true, text: share("coverage") }, { key: "n", label: app.t("stu_points"), numeric: true, text: (row) => app.fmt.num(row.n) }], rows, { caption: app.t("stu_leaves"), sortBy: "density" });
}

// Regret ------------------------------------------------------------------------------------------------

export function regretFigures(view, found) {
  const { app } = view;
  if (!found.rows) return h("figure.s77-figure", h("h3", app.t("stu_head_regret")), h("p.s77-small", app.label(found.why_not)));
  const short = regretTable(view, found, found.rows.slice(0, MOST_REGRETS), false);
  return chartFigure(app, { title: app.t("stu_head_regret"), content: h("div.s77-figbody", h("p", app.label(found.sentence)), short, h("p.s77-small.s77-mut", app.t("stu_regret_note", { n: app.fmt.num(Math.min(MOST_REGRETS, found.rows.length)), all: app.fmt.num(found.combinations) }))), makeTable: () => regretTable(view, found, found.rows, true), className: "s77-regret" });
}

function regretTable(view, found, rows, whole) {
  const { app } = view;
  const told = outcomeUnit(app, outcomeOf(view), rows.flatMap((row) => [row.mean, row.max_regret]));
  const number = (value) => app.fmt.num(value * told.factor, told.decimals);
  const column = (key, label) => ({ key, label: app.t(label), numeric: true, text: (row) => number(row[key]) });
  const levers = found.levers.map((name, at) => {
    const factor = factorOf(view, name);
    return { key: name, label: capital(app.label(factor)), numeric: !factor.text, text: (row) => factorText(app, factor, row.levers[at]), sort: (row) => row.levers[at] };
  });
  const interval = { key: "max_regret_low", label: app.t("cmp_interval"), numeric: true, text: (row) => (Number.isFinite(row.max_regret_low) ? `${number(row.max_regret_low)} – ${number(row.max_regret_high)}` : "–") };
  return table([...levers, column("mean", "stu_mean"), ...(whole ? [column("worst", "stu_worst")] : []), column("max_regret", "stu_max_regret"), ...(whole ? [interval, column("mean_regret", "stu_mean_regret"), column("regret_q90", "stu_regret_q90")] : [])],
    rows, { caption: app.t("stu_head_regret"), sortBy: "max_regret", descending: false });
}
