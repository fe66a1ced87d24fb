// How an indicator is shown: unit, decimals, classes of a map.

import { classOf, decimalsOf } from "../core/numbers.js";
import { valuesAt } from "./sides.js";

/** How an indicator is shown: breaks in its own unit, frozen for A, B and the year. */
export function scaleOf(app, name, { difference = false } = {}) {
  const indicator = indicatorOf(app, name);
  const share = indicator.kind === "share";
  const factor = indicator.factor ?? (share ? 100 : 1);
  // Classes fitted to the pair of scenarios, once known; both sides and all days share them.
  const fitted = ((app.compare || {}).breaks || {})[indicator.name] || indicator;
  const breaks = (difference ? fitted.breaks_diff : steadyBreaks(app, indicator.name, fitted.breaks)) || indicator.breaks || [];
  // Python gives breaks in the values' own unit (shares 0–1); shown ones are multiplied.
  const shown = breaks.map((one) => one * factor);
  const kind = difference || indicator.difference_only ? "v" : "q";
  // Shares are multiplied by 100 and so read in percent, or in points for a difference.
  const unit = share ? (difference ? app.tOr("unit_points", "pt") : "%") : unitText(app, indicator.unit);
  return {
    indicator, difference, factor, breaks, shown, kind, unit,
    prefix: kind === "v" ? "s77-v" : "s77-q",
    classes: breaks.length + 1,
    decimals: Math.max(decimalsOf(shown), indicator.decimals ?? 1),
    breakDecimals: decimalsOf(shown),
  };
}

/** Further apart than this, the last breaks of two fits show different things. */
const OTHER_SIZE = 2.5;

/**
 * Classes of levels stay as they are while scenario A does: a lever must not recolour the map by a step of rounding.
 * Those of a comparison are of all its pairs once they are there, so that one address has one map.
 */
export function steadyBreaks(app, name, fitted) {
  if (!app.compare || !fitted) return fitted;
  const { key, key_a: a, seeds = [1] } = app.compare;
  app.levelBreaks ||= new Map();
  const kept = app.levelBreaks.get(`${a}|${name}`);
  const times = kept ? fitted[fitted.length - 1] / kept.breaks[kept.breaks.length - 1] : Infinity;
  const stays = times < OTHER_SIZE && times > 1 / OTHER_SIZE && !(kept.key === key && seeds.length > kept.pairs);
  if (stays) return kept.breaks;
  app.levelBreaks.set(`${a}|${name}`, { key, pairs: seeds.length, breaks: fitted });
  return fitted;
}

export function indicatorOf(app, name) {
  const all = app.boot.indicators || [];
  return all.find((one) => one.name === name) || all[0] || { name, kind: "mean", breaks: [], unit: "" };
}

/** The classes of an array of values, into an Int8Array. */
export function classesOf(scale, values, into = new Int8Array(values.length)) {
  for (let row = 0; row < values.length; row += 1) into[row] = classOf(scale.breaks, values[row]);
  return into;
}

/** A value of an indicator as text with its unit. */
export function valueText(app, scale, value, signed = scale.difference) {
  if (!(value === value)) return app.t("no_value");
  return app.fmt.withUnit(value * scale.factor, scale.unit, scale.decimals, signed);
}

/** A unit in the page's language: the registry writes them in English. */
export function unitText(app, unit) {
  return unit ? app.tOr(`unit_${unit.replace(/[^a-zA-Z0-9€%]+/g, "_")}`, unit) : "";
}

/**
 * The classes of all places at a moment. Codes of a day go through a table of classes made once
 * for the scale, so that a frame of playback decodes nothing.
 */
export function classesAt(side, field, scale, moment, into = new Int8Array(field.count)) {
  if (moment.by !== "day" || field.dtype === "f4") {
    return classesOf(scale, valuesAt(side, field, moment), into);
  }
  const key = scale.breaks.join();
  if (field.lutKey !== key) {
    field.lutKey = key;
    field.lut = Int8Array.from({ length: field.missing + 1 }, (_, code) =>
      classOf(scale.breaks, code === field.missing ? NaN : field.offset + field.scale * code));
  }
  const start = moment.day * field.count;
  for (let place = 0; place < field.count; place += 1) into[place] = field.lut[field.codes[start + place]];
  return into;
}
