// How many decimals a number deserves, and round numbers for axes.

/**
 * A number that Python may have sent as null, which stands for NaN.
 * @param {any} value
 */
export function numberOf(value) {
  return value === null || value === undefined ? NaN : Number(value);
}

export const FINEST = 9; // decimals at most: what is below is a rounding error of the arithmetic

/**
 * Decimals that show a value with two significant digits, never more than `most`.
 * @param {number} value
 */
export function decimalsFor(value, most = 3, digits = 2) {
  return Math.min(most, Math.max(0, placesFor(value, digits)));
}

/**
 * Decimals that leave so many significant digits, below 0 for tens and so on.
 * @param {number} value
 * @param {number} digits
 */
export function placesFor(value, digits) {
  const size = Math.abs(value);
  if (!Number.isFinite(size) || Number(size.toFixed(FINEST)) === 0) return 0;
  return digits - 1 - Math.floor(Math.log10(size));
}

/**
 * A number with so many decimals; below 0, to tens and so on.
 * @param {number} value
 * @param {number} decimals
 */
export function roundTo(value, decimals) {
  if (decimals >= 0) return Number(value.toFixed(decimals));
  const step = 10 ** -decimals;
  return Math.sign(value) * Math.round(Math.abs(value) / step) * step;
}

/**
 * The fewest decimals, from those given on, that show numbers that differ, also from zero, as different.
 * @param {number[]} values
 * @param {number} decimals
 */
export function decimalsApart(values, decimals) {
  const exact = [0, ...values.filter(Number.isFinite).map((value) => Number(value.toPrecision(12)))];
  const distinct = (/** @type {number} */ places) => new Set(exact.map((value) => roundTo(value, places) + 0)).size;
  const all = distinct(FINEST);
  let places = decimals;
  while (places < FINEST && distinct(places) < all) places += 1;
  return places;
}

const EFFECT_FINEST = 5;

/**
 * Decimals of an effect and its interval, below 0 for tens: two significant digits, more where the interval is
 * narrow or its ends would look alike, else none finer than the second digit of half the interval. Reports and the
 * texts of stories round so too (`places` in sim77/report/compare/text.py).
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
export function effectDecimals(value, low, high) {
  const half = Math.abs(high - low) / 2;
  const [wanted, finest] = [placesFor(value, 2), placesFor(half, 2)];
  const known = half > 0 && Number(half.toFixed(FINEST)) !== 0;
  const decimals = !known ? wanted : value ? Math.min(Math.max(wanted, finest - 1), finest) : finest;
  return decimalsApart([value, low, high], Math.min(decimals, EFFECT_FINEST));
}

/**
 * The least decimals that tell the breaks of a scale apart and show each exactly.
 * @param {number[]} values
 */
export function decimalsOf(values, most = 3) {
  for (let decimals = 0; decimals < most; decimals += 1) {
    const scale = 10 ** decimals;
    if (values.every((value) => Math.abs(Math.round(value * scale) - value * scale) < 1e-6)) {
      return decimals;
    }
  }
  return most;
}

/**
 * The first step that is large enough, else the last.
 * @param {number[]} steps
 * @param {(step: number) => boolean} isEnough
 */
function firstOf(steps, isEnough) {
  return steps.find(isEnough) ?? steps[steps.length - 1];
}

/**
 * A round number at or above a value, for the top of an axis.
 * @param {number} value
 */
export function niceCeiling(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * firstOf([1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10], (step) => step * power >= value * 0.999);
}

/**
 * Round ticks between low and high, about `count` of them.
 * @param {number} low
 * @param {number} high
 */
export function ticks(low, high, count = 3) {
  const span = high - low;
  if (!(span > 0)) return [low];
  const raw = span / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * firstOf([1, 2, 2.5, 5, 10], (one) => one * power >= raw);
  const found = [];
  for (let at = Math.ceil(low / step - 1e-9) * step; at <= high + 1e-9 * step; at += step) {
    found.push(Math.abs(at) < 1e-12 ? 0 : at);
  }
  return found;
}

/**
 * Those of them that are not zero: at least one, so that the size can be read, where the range has any size.
 * @param {number} low
 * @param {number} high
 * @returns {number[]}
 */
export function ticksBesideZero(low, high, count = 3) {
  const found = ticks(low, high, count).filter((value) => value !== 0);
  return found.length || count > 9 ? found : ticksBesideZero(low, high, count + 1);
}

/**
 * The value, or the nearer end where it lies outside.
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
export function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}

/**
 * The class of a value: how many breaks it reaches; -1 where it is missing.
 * @param {number[]} breaks
 * @param {number} value
 */
export function classOf(breaks, value) {
  if (Number.isNaN(value)) return -1;
  let found = 0;
  while (found < breaks.length && value >= breaks[found]) found += 1;
  return found;
}
