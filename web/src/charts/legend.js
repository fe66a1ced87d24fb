// Legends of maps: colours with their breaks, lines by load.

import { h, s } from "../core/dom.js";

// Legends ----------------------------------------------------------------------------------------

/** The colours of a scale with its breaks: title, unit, swatches, numbers between them. */
export function legendScale(app, scale, { title = "", note = "", veil = false } = {}) {
  const box = h("div.s77-scale", title ? h("h2.s77-legtitle", title) : null, note ? h("p.s77-mut", note) : null);
  const wide = 100 / scale.classes;
  const numbers = scale.shown.map((value, at) =>
    h("span", { style: `left:${(at + 1) * wide}%` }, app.fmt[scale.difference ? "signed" : "num"](value, scale.breakDecimals)));
  box.append(
    h("div.s77-swatches", { "aria-hidden": "true" },
      Array.from({ length: scale.classes }, (_, at) => h("i", { class: `${scale.prefix}${at}` })),
      veil ? h("i.s77-veilswatch") : null),
    h("div.s77-breaks", numbers, h("span.s77-unit", { style: "left:100%" }, scale.unit === "%" ? "%" : scale.unit)));
  return box;
}

export function railLegend(app) {
  const rail = (width, key, core) => h("li",
    s("svg.s77-key", { viewBox: "0 0 34 12", "aria-hidden": "true" },
      s("g.s77-line", s("line", { x1: 2, x2: 32, y1: 6, y2: 6, style: `stroke-width:${width}px` })),
      core ? s("g.s77-core", s("line", { x1: 2, x2: 32, y1: 6, y2: 6, style: "stroke-width:2px" })) : null),
    app.t(key));
  return h("ul.s77-legmore", rail(1.5, "legend_rail_1000"), rail(4, "legend_rail_5000"), rail(6.5, "legend_rail_full", true), h("li.s77-mut", app.t("legend_schematic")));
}
