// Values of levers: what B changes from A, how they are written.

import { emitBanner } from "../state/app.js";
import { unitText } from "../state/scales.js";

/** What a lever is set to in B: the page's value, else that of B's scenario. */
export function leverValue(app, spec) {
  const set = (app.state.levers || {})[spec.name];
  return set === undefined ? spec.default : set;
}

/**
 * True where B differs from A for this lever. Where it means nothing in A (the price of a desk,
 * without telecentres), only what is moved by hand counts.
 */
export function isChanged(app, spec) {
  const value = (app.state.levers || {})[spec.name];
  if (value !== undefined) return !same(value, spec.value_in_a);
  return (spec.value_in_a ?? null) !== null && !same(spec.default, spec.value_in_a);
}

export function isMoved(app, spec) {
  return (app.state.levers || {})[spec.name] !== undefined;
}

export function same(one, two) {
  return JSON.stringify(one ?? null) === JSON.stringify(two ?? null);
}

/** Set one lever, or take it back to B's scenario with undefined. */
export function setLever(app, spec, value) {
  const levers = { ...app.state.levers };
  if (value === undefined || same(value, spec.default)) delete levers[spec.name];
  else levers[spec.name] = value;
  app.set({ levers });
}

export function resetAll(app) {
  app.set({ levers: {}, sites: { opened: [], closed: [] } });
}

export function rangeText(app, spec) {
  if (!Number.isFinite(spec.low) || !Number.isFinite(spec.high)) return "";
  const { fmt } = app;
  const shown = shownNumbers(spec);
  return app.t("lever_from_to", {
    low: fmt.num(spec.low * shown.factor, shown.decimals),
    high: withLeverUnit(app, spec, spec.high * shown.factor, shown.decimals),
  });
}

/** How numbers of a lever are shown: shares from 0 to 1 in percent. */
export function shownNumbers(spec) {
  return { factor: spec.share ? 100 : 1, decimals: spec.decimals };
}

export function withLeverUnit(app, spec, value, decimals) {
  const unit = spec.share ? "%" : spec.unit === "€" ? "€" : unitText(app, spec.unit);
  return app.fmt.withUnit(value, unit, decimals);
}

/** The value of a lever in words, for notes, lists of differences and screen readers. */
export function leverText(app, spec, value) {
  if (value === null || value === undefined) return app.t("lever_none");
  if (Array.isArray(value) && spec.kind !== "weekdays") {
    return value.map((one) => leverText(app, spec, one.value)).join(", ") || app.t("lever_none");
  }
  if (spec.kind === "weekdays") {
    return value.map((day) => app.fmt.weekdayName(weekdayIndex(day))).join(", ") || app.t("lever_no_day");
  }
  if (spec.kind === "flag" || typeof value === "boolean") return app.t(value ? "yes" : "no");
  const { factor, decimals } = shownNumbers(spec);
  return withLeverUnit(app, spec, value * factor, decimals);
}

export function siteChanges(app) {
  const { opened = [], closed = [] } = app.state.sites || {};
  return opened.length + closed.length;
}

/** What was moved by hand, whatever else the two scenarios differ in. */
export function movedCount(app) {
  return Object.keys(app.state.levers || {}).length + siteChanges(app);
}

/** How many levers and sites differ from A. */
export function changedCount(app) {
  return allSpecs(app).filter((spec) => isChanged(app, spec)).length + siteChanges(app);
}

export const WEEKDAY_KEYS = ["monday", "tuesday", "wednesday", "thursday", "friday"];

export function weekdayIndex(day) {
  return typeof day === "number" ? day : WEEKDAY_KEYS.indexOf(day);
}

export function isDated(value) {
  return Array.isArray(value) && value.length > 0 && typeof value[0] === "object";
}

export function firstPeriod(app) {
  const days = (app.sides.b || app.sides.a || { days: [app.state.day] }).days;
  const from = app.state.day || days[0];
  return { from, until: days[Math.min(days.length - 1, days.indexOf(from) + 9)] || null };
}

/** The levers of the panel: each for all, followed by the targets for which it has been moved. */
export function allSpecs(app) {
  return app.levers.flatMap((spec) => [
    spec, ...(spec.targets || []).filter((target) => targetName(spec, target) in (app.state.levers || {})).map((target) => targetSpec(spec, target)),
  ]);
}

export function targetName(spec, target) {
  return `${spec.name}@${target.name}`;
}

function targetSpec(spec, target) {
  return {
    ...spec, name: targetName(spec, target), fr: `${spec.fr} : ${target.fr}`, en: `${spec.en}: ${target.en}`,
    default: target.default, value_in_a: target.value_in_a, targets: [],
  };
}

/** Which targets have a lever of their own: the panel is drawn again when this changes. */
export function targetsKey(app) {
  return Object.keys(app.state.levers || {}).filter((name) => name.includes("@")).sort().join();
}

/** Exchange the scenarios. Levers belong to B whatever B is: where some are moved, that is said. */
export function swapSides(app) {
  app.set({ scenario_a: app.state.scenario_b, scenario_b: app.state.scenario_a });
  if (movedCount(app)) emitBanner(app, { key: "cmp_swapped", kind: "notice" });
}
