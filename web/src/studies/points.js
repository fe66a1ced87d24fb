// The design points of a study: factors, outcomes, which points the filters keep.

import { h } from "../core/dom.js";
import { decimalsApart, decimalsFor, decimalsOf } from "../core/numbers.js";

export function factsOf(view) {
  const { app, study } = view;
  return h("details.s77-facts", h("summary", app.t("stu_design")), h("dl", app.label(study.facts).map(([name, value]) => [h("dt", name), h("dd", value)])));
}

export function plainNumbers(row) {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value === null || typeof value === "number"));
}

export function factorOf(view, name) {
  return view.study.factors.find((one) => one.name === name);
}

/** A value of a factor as text: numbers with the unit, texts as they are. */
export function factorText(app, factor, value) {
  if (typeof value === "string") return app.label((factor.labels || {})[value]) || value;
  const decimals = Math.min(decimalsOf([value], 6), factor.values.length ? 6 : decimalsFor(factor.high - factor.low || value, 4, 3));
  if (factor.unit.en === "share") return app.fmt.pct(value, Math.max(decimals - 2, 0));
  return app.fmt.withUnit(value, app.label(factor.unit), decimals);
}

/** A range of a factor as text, with the unit once. */
export function factorRange(app, factor, low, high) {
  const bare = factor.unit.en === "share" ? factor : { ...factor, unit: { fr: "", en: "" } };
  return app.t("stu_between", { low: factorText(app, bare, low).trim(), high: factorText(app, factor, high) });
}

/** Whether a design point lies in all the ranges chosen; factors that this study has not count for nothing. */
function isKept(view, at) {
  const { factors } = view.study.points;
  return Object.entries(view.app.state.filters || {}).every(([name, range]) => {
    if (!factors[name]) return true;
    const value = factors[name][at];
    return typeof value === "string" ? range.includes(value) : value >= range[0] - 1e-9 && value <= range[1] + 1e-9;
  });
}

export function keptPoints(view) {
  return view.study.points.mean.map((_, at) => at).filter((at) => isKept(view, at));
}

export function outcomeOf(view) {
  const { study } = view;
  return study.outcomes.find((one) => one.name === study.outcome) || study.outcomes[0];
}

/** How numbers of an outcome are written: {factor, unit, decimals}. */
export function outcomeUnit(app, outcome, values) {
  const size = Math.max(...values.map(Math.abs), 0);
  const factor = outcome.share ? 100 : 1;
  const unit = !outcome.share ? app.label(outcome.unit) : outcome.kind === "effect" ? app.t("unit_points") : "%";
  return { factor, unit, decimals: decimalsApart([Math.min(...values) * factor, Math.max(...values) * factor], decimalsFor(size * factor, 4, 3)) };
}

/** The factor across: the one chosen, else the one that matters most, else the first. */
export function shownFactor(view) {
  const { app, study, parts } = view;
  const best = ((parts.study_matters || {}).rows || [])[0];
  return factorOf(view, app.state.factor) || (best && factorOf(view, best.factor)) || study.factors[0];
}

/** The limits of the condition found, or none. */
export function boxLimits(view) {
  return ((view.parts.study_conditions || {}).box || {}).limits || [];
}

export function isInBox(view, at) {
  const limits = boxLimits(view);
  return limits.length > 0 && limits.every(({ factor, low, high, values }) => {
    const value = view.study.points.factors[factor][at];
    if (values.length) return values.includes(value);
    return (low === null || value >= low) && (high === null || value <= high);
  });
}

/** The points kept as plain rows, in full precision. */
export function pointRows(view) {
  const { study } = view;
  return keptPoints(view).map((at) => ({
    ...Object.fromEntries(study.factors.map((factor) => [factor.name, study.points.factors[factor.name][at]])),
    outcome: study.outcome, mean: study.points.mean[at], low: study.points.low[at], high: study.points.high[at], n: study.points.n[at],
  }));
}
