// Days as ISO texts: their weekday and their place on an axis. In UTC, whatever the browser's zone.

/**
 * [year, month, day] as numbers.
 * @param {string} iso
 */
export function parts(iso) {
  return iso.split("-").map(Number);
}

/**
 * 0 for Monday. Computed in UTC: a browser's time zone must not move a day.
 * @param {string} iso
 */
export function weekdayOf(iso) {
  const [year, month, day] = parts(iso);
  return (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7;
}

/**
 * Days since 1970, to place dates on an axis.
 * @param {string} iso
 */
export function dayNumberOf(iso) {
  const [year, month, day] = parts(iso);
  return Math.round(Date.UTC(year, month - 1, day) / 86400000);
}

/**
 * The place in a list of days of the one nearest to a day number.
 * @param {string[]} days
 * @param {number} number
 */
export function nearestDay(days, number) {
  const far = (/** @type {number} */ at) => Math.abs(dayNumberOf(days[at]) - number);
  return days.reduce((best, _day, at) => (far(at) < far(best) ? at : best), 0);
}
