// What a comparison says: differences, intervals, who changes; as numbers and short texts.

import { classOf, decimalsApart, decimalsFor, decimalsOf, effectDecimals, FINEST, numberOf } from "../core/numbers.js";
import { momentOf, readAt, totalAt } from "./sides.js";
import { indicatorOf, scaleOf, unitText } from "./scales.js";

export function hasComparison(app) {
  return Boolean(app.compare && app.compare.effects);
}

/** A single draw says nothing of chance: until a second one there is no interval. */
export function drawsOf(app) {
  return hasComparison(app) ? (app.compare.seeds || [1]).length : 0;
}

/** More draws are to come, or other runs: the numbers on screen will change; never those of a notebook. */
export function isProvisional(app) {
  const { phase } = app.status;
  return Boolean(phase) && !["idle", "error"].includes(phase);
}

export function drawsText(app) {
  const n = drawsOf(app), soon = isProvisional(app);
  if (n > 1) return app.t(soon ? "cmp_draws_soon" : "cmp_draws", { n: app.fmt.num(n) });
  return app.t(soon ? "cmp_one_draw" : "cmp_one_draw_only");
}

/** The effects behind a side on screen, if they are means of several draws; else none. */
function drawnEffects(app, side) {
  const shown = app.sides[side];
  // A comparison with other runs than those on screen tells nothing about them.
  return drawsOf(app) > 1 && shown && shown.key === app.compare[`key_${side}`] ? app.compare.effects : [];
}

/**
 * The level of a figure on a side: {value, low, high, n}. The first answer is one draw, without an
 * interval; once others have come, the mean over all draws and its 95 % interval.
 */
export function levelOf(app, side, name) {
  const row = drawnEffects(app, side).find((one) => one.name === name);
  if (row) return { value: numberOf(row[side]), low: numberOf(row[`${side}_low`]), high: numberOf(row[`${side}_high`]), n: drawsOf(app) };
  return { value: numberOf(((app.sides[side] || {}).summary || {})[name]), low: NaN, high: NaN, n: 1 };
}

/**
 * How many are where at the moment on screen, on a side: commuters by place, all workers, and the users
 * of telecentres, `own` of whom work at home for themselves. Over the year as in Compare: the mean over
 * all draws, once they have come.
 */
export function presenceOf(app, side) {
  const moment = momentOf(app, side);
  const letter = side === app.sides.a ? "a" : "b";
  const effects = moment.by === "year" ? drawnEffects(app, letter) : [];
  const sum = (holds) => effects.filter(({ name }) => holds(name)).reduce((whole, one) => whole + numberOf(one[letter]), 0);
  const read = (name) => (effects.length ? sum((one) => one === name) : totalAt(side, name, moment));
  const byMode = (name) => (effects.length ? sum((one) => one.startsWith(`${name}_`)) : totalAt(side, name, moment));
  const [workers, home, telecentre] = ["workers_at_work", "home", "telecentre"].map(read);
  const [office, half] = ["office", "half"].map(byMode);
  const own = effects.length ? read("centre_users") - telecentre - half : totalAt(side, "home_based", moment);
  return { workers, office, home, telecentre, half, own, users: telecentre + half + own };
}

/** The effects shown first: the title's minutes of travel, the load of the line among the key figures. */
export function headlines(app, effects) {
  const load = app.boot.key_figures.find((name) => name.startsWith("load_factor_"));
  const names = ["travel_min", "co2e_travel_kg", "home", "centre_users", load, app.boot.few_desks ? null : "refusals"];
  return names.map((name) => effects.find((one) => one.name === name)).filter(Boolean);
}

const MINUTES_AS_HOURS = 60_000;

/** How an effect is written: shares in points, many kilograms as tonnes, many minutes as hours. */
function effectUnit(app, effect) {
  const size = Math.max(...[effect.diff, effect.low, effect.high].map((one) => Math.abs(numberOf(one)) || 0));
  if (effect.unit === "share" || effect.name.startsWith("load_factor")) return { factor: 100, unit: app.t("unit_points") };
  if (effect.unit === "minutes a day" && size >= MINUTES_AS_HOURS) return { factor: 1 / 60, unit: app.t("unit_hours_a_day") };
  if (effect.unit.startsWith("kg CO2e")) {
    const day = effect.unit.endsWith("a day");
    if (size >= 1000) return { factor: 0.001, unit: app.t(day ? "unit_t_a_day" : "unit_t") };
    return { factor: 1, unit: app.t(day ? "cmp_kg_day" : "unit_kg_CO2e") };
  }
  return { factor: 1, unit: unitText(app, effect.unit) };
}

export function effectNumbers(app, effect) {
  const { factor, unit } = effectUnit(app, effect);
  const [diff, low, high] = [effect.diff, effect.low, effect.high].map((one) => numberOf(one) * factor);
  const known = Number.isFinite(low) && Number.isFinite(high);
  const decimals = effectDecimals(diff, low, high);
  // Of one draw nobody knows which digits mean something.
  return { diff, low, high, known, unit, factor, decimals: known ? decimals : Math.min(decimals, levelPlaces(effect, factor)) };
}

/** Decimals of levels that chance may have made: two, or four digits where they are small. */
function levelPlaces(effect, factor) {
  const largest = Math.max(...[effect.a, effect.b].map((one) => Math.abs(numberOf(one) * factor) || 0));
  return Math.max(2, decimalsFor(largest, FINEST, 4));
}

/** Not a clear change: its interval holds zero. */
export function isNoise(effect) {
  const [low, high] = [numberOf(effect.low), numberOf(effect.high)];
  return Number.isFinite(low) && low <= 0 && high >= 0 && !effect.nothing;
}

/** The level of an indicator in A or B, with digits enough to tell the two apart. */
export function levelText(app, effect, key, factor) {
  const levels = [effect.a, effect.b].map((one) => numberOf(one) * factor);
  const few = decimalsFor(numberOf(effect[key]) * factor, 3, 3);
  const isClear = Number.isFinite(numberOf(effect.low)) && !isNoise(effect);
  return app.fmt.num(numberOf(effect[key]) * factor, Math.min(decimalsApart(levels, few), isClear ? FINEST : levelPlaces(effect, factor)));
}

/** The flows that are not from a place to itself: [{from, to, value, half, minutes}]. */
export function changersOf(app) {
  const { kinds, matrix, half_width: half, minutes } = app.compare.transitions;
  return kinds.flatMap((from, row) => kinds.map((to, column) => ({
    from, to, value: numberOf(matrix[row][column]) || 0, half: numberOf(half[row][column]), minutes: numberOf(minutes[row][column]),
  }))).filter((flow) => flow.from !== flow.to && flow.value > 0);
}

/** The runs on screen are those compared: B alone is not painted beside its old difference. */
export function comparisonFits(app) {
  return !hasComparison(app) || ["a", "b"].every((side) => app.sides[side] && app.sides[side].key === app.compare[`key_${side}`]);
}

/**
 * The difference of the moment by commune: {diff, low, high, veil, few, a, b}, or null.
 * The mean of the year comes from the comparison with its intervals; a day is one draw.
 */
export function differenceOf(app, name = app.state.indicator) {
  const layer = hasComparison(app) ? (app.compare.communes || {})[name] : null;
  const year = (app.state.by || "year") === "year";
  if (layer && (year || indicatorOf(app, name).difference_only)) return { ...layer, exact: true };
  const values = ["a", "b"].map((side) => {
    return app.sides[side] ? readAt(app.sides[side], "commune", name, momentOf(app, app.sides[side])) : null;
  });
  if (!values[0] || !values[1] || values[0].length !== values[1].length) return layer ? { ...layer, exact: true } : null;
  return {
    a: values[0], b: values[1], diff: Float32Array.from(values[1], (value, row) => value - values[0][row]),
    low: [], high: [], veil: layer ? layer.few : [], few: layer ? layer.few : [], exact: false,
  };
}

/** The layer of the comparison that holds the levels of a side at a moment: those of a year, once they are there. */
function comparedLayer(app, side, name, moment) {
  const letter = side === app.sides.a ? "a" : "b";
  // A lever that has just been moved has its side before its comparison.
  const compared = side && moment.by === "year" && hasComparison(app) && side.key === app.compare[`key_${letter}`];
  return compared && !indicatorOf(app, name).difference_only ? (app.compare.communes || {})[name] : null;
}

/** The levels of all communes on a side at a moment: over a year of all draws, once they are there; or null. */
export function levelsAt(app, side, name, moment) {
  const layer = comparedLayer(app, side, name, moment);
  return layer ? Float32Array.from(layer[side === app.sides.a ? "a" : "b"], numberOf) : readAt(side, "commune", name, moment);
}

/** Of how many draws these levels are the mean. */
export function levelDraws(app, side, name, moment) {
  return comparedLayer(app, side, name, moment) ? drawsOf(app) : 1;
}

/** Communes of too few workers simulated for a level to mean something. */
export function fewRows(app) {
  const layer = hasComparison(app) ? (app.compare.communes || {})[app.state.indicator] : null;
  return layer ? layer.few.flatMap((few, row) => (few ? [row] : [])) : [];
}

/** Up to here a difference per worker is told per thousand of them, for the sake of readable classes. */
const SMALL = 0.01;

/** Brown is always the loss: where less is better the two ends change places. */
export function differenceScale(app, name = app.state.indicator) {
  const scale = perThousand(app, scaleOf(app, name, { difference: true }));
  const fitted = ((app.compare || {}).breaks || {})[name];
  const decimals = Math.max(scale.breakDecimals, fitted ? 0 : scale.decimals);
  return { ...scale, decimals, prefix: scale.indicator.good < 0 ? "s77-w" : "s77-v" };
}

function perThousand(app, scale) {
  if (scale.indicator.kind !== "mean" || !scale.shown.length || Math.max(...scale.shown.map(Math.abs)) >= SMALL) return scale;
  const shown = scale.shown.map((value) => 1000 * value);
  const decimals = decimalsOf(shown);
  return {
    ...scale, shown, factor: 1000 * scale.factor, unit: app.t("per_thousand_workers", { unit: scale.unit }),
    decimals, breakDecimals: decimals,
  };
}

/** A difference and its interval in words: "+0,35 min, +0,32 à +0,38". */
export function differenceText(app, scale, layer, row) {
  const [value, low, high] = [layer.diff, layer.low, layer.high].map((each) => numberOf(each[row]) * scale.factor);
  if (!Number.isFinite(value)) return app.t("no_value");
  const known = Number.isFinite(low) && Number.isFinite(high);
  // One draw has no interval and deserves few digits: no more than the classes of the map.
  const decimals = Math.min(effectDecimals(value, low, high), known ? Infinity : scale.decimals);
  const text = app.fmt.withUnit(value, scale.unit, decimals, true);
  if (!known) return text;
  return `${text} (${app.fmt.interval(low, high, decimals, true)})`;
}

/** The commune that surely loses most, or -1: fairness must be visible. One day of one draw names nobody. */
export function worstOf(layer, scale) {
  const { good } = scale.indicator;
  if (!layer || !layer.exact || !good) return -1;
  const [worst] = (good < 0 ? layer.above : layer.below) || [];
  // A loss that the map colours as "nothing" is no loss worth a name.
  return worst !== undefined && classOf(scale.breaks, layer.diff[worst]) !== 3 ? worst : -1;
}

/** A picture leaves the room alone: where its numbers come from stays with it. */
export function sourceLine(app) {
  const name = (side) => app.label(app.sides[side]);
  if (!app.sides.a || !app.sides.b) return "";
  return app.t("pre_simulated", { a: name("a"), b: name("b"), seed: app.state.seed ?? 1, version: (app.boot.versions || {}).sim77 || "" });
}
