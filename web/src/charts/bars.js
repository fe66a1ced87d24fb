// Bars from zero with intervals as whiskers.

import { clamp, h } from "../core/dom.js";
import { decimalsApart, decimalsFor } from "../core/numbers.js";

/** Bars from a common zero with whiskers and numbers; a list that is its own table. */
export function barList(app, rows, good) {
  const all = rows.flatMap((row) => [row.value, row.low, row.high]).filter(Number.isFinite);
  const [low, high] = [Math.min(0, ...all), Math.max(0, ...all)];
  const span = high - low || 1;
  const at = (value) => (100 * (value - low)) / span;
  // One number of decimals for the list, from its largest bar: figures to compare must line up.
  const values = rows.map((row) => row.value || 0);
  const decimals = decimalsApart(values, decimalsFor(Math.max(...values.map(Math.abs)), 5, 2));
  return h("ul.s77-bars", rows.map((row) => {
    const known = Number.isFinite(row.low) && Number.isFinite(row.high);
    const noise = known && row.low <= 0 && row.high >= 0 && row.value !== 0;
    const kind = noise ? "s77-barnoise" : (good < 0 ? -row.value : row.value) >= 0 ? "s77-bargain" : "s77-barloss";
    const start = Math.min(at(0), at(row.value));
    return h("li", h("span.s77-barlabel", { lang: row.lang || null, title: row.label }, row.label),
      h("span.s77-barbox", { "aria-hidden": "true" },
        h("i", { class: kind, style: `left:${start}%;width:${Math.abs(at(row.value) - at(0))}%` }),
        known ? h("i.s77-whisker", { style: `left:${at(row.low)}%;width:${at(row.high) - at(row.low)}%` }) : null,
        h("i.s77-barzero", { style: `left:${at(0)}%` })),
      h("span.s77-barvalue", { class: noise ? "s77-mut" : "", title: known ? app.fmt.interval(row.low, row.high, decimals, true) : null },
        app.fmt.signed(row.value, decimals), noise ? h("span.s77-sr", `, ${app.t("cmp_noise")}`) : null));
  }));
}

/** Bars from zero with their intervals as whiskers; a wider pale bar for the total, if there is one. */
export function shareBars(view, found, rows, label) {
  const { app } = view;
  const top = Math.max(...rows.flatMap((row) => [row.value, row.high, row.total, row.total_high]).filter(Number.isFinite), 1e-12);
  const x = (value) => `${((100 * clamp(value, 0, top)) / top).toFixed(2)}%`;
  // Shares are told in hundredths; effects of Morris have the size of the outcome.
  const decimals = found.method === "morris" ? decimalsFor(top, 3, 3) : 2;
  const whisker = (low, high, kind = "") => (Number.isFinite(low) ? h("i.s77-whisker", { class: kind, style: `left:${x(low)};width:calc(${x(high)} - ${x(low)})` }) : null);
  return h("ul.s77-bars", rows.map((row) => {
    const range = Number.isFinite(row.low) ? `${app.t("cmp_interval")} : ${app.fmt.interval(row.low, row.high, decimals)}` : null;
    return h("li", label(row), h("span.s77-barbox", { title: range },
      Number.isFinite(row.total) ? [h("i.s77-bartotal", { style: `left:0;width:${x(row.total)}` }), whisker(row.total_low, row.total_high, "s77-totalwhisker")] : null,
      h("i.s77-barshare", { style: `left:0;width:${x(row.value)}` }), whisker(row.low, row.high)),
    h("span.s77-barvalue", app.fmt.num(row.value, decimals), range ? h("span.s77-sr", ` (${range})`) : null));
  }));
}
