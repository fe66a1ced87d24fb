// What the marks on a map mean, beside its colours: the same words under every map that draws them.

import { h } from "../core/dom.js";
import { hasTrains, newLines, railOf } from "../state/sides.js";
import { fewRows } from "../state/comparison.js";
import { railKeys } from "../charts/legend.js";
import { ringIcon } from "./rings.js";

/**
 * The keys of a map that shows a side, as items of a list: of rings for the sites given, of communes with few workers
 * and of lines where they are drawn.
 * @param {any} app
 * @param {{ side?: any, sites?: any[] | null, few?: boolean, rails?: boolean }} drawn
 */
export function mapKeys(app, { side, sites = null, few = true, rails = true }) {
  const { few_desks: fewDesks } = app.boot;
  return [
    !sites ? null : fewDesks ? h("li", ringIcon(100, 0), app.t("legend_ring_only"))
      : [h("li", ringIcon(100, 0.7), app.t("legend_ring")), h("li", ringIcon(12, 1, 3), app.t("legend_refusal"))],
    sites && sites.some((site) => site.status === "planned") ? h("li", ringIcon(12, 0, 0, "planned"), app.t("legend_planned")) : null,
    few && fewRows(app).length ? h("li", h("i.s77-veilswatch", { "aria-hidden": "true" }), app.t("cmp_few_short")) : null,
    rails && hasTrains(app) && railOf(app, side).length ? railKeys(app.t, app.fmt, app.boot.rail_most, newLines(app, side)) : null,
  ];
}
