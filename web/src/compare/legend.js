// Legends beside the maps of Compare, and the table behind them.

import { fill, h, setText } from "../core/dom.js";
import { capital } from "../core/words.js";
import { numberOf } from "../core/numbers.js";
import { momentOf, momentText, newLines } from "../state/sides.js";
import { sitesAt } from "../state/places.js";
import { scaleOf, valueText } from "../state/scales.js";
import { differenceOf, differenceScale, differenceText } from "../state/comparison.js";
import { table } from "../widgets/table.js";
import { openDialog } from "../widgets/dialog.js";
import { addedKeys, legendScale } from "../charts/legend.js";
import { mapKeys } from "../map/keys.js";
import { compareSentence, differenceLegend, legendNote } from "./paint.js";

export function showCompareLegends(maps, layer, level) {
  const { app } = maps;
  maps.indicator.value = level.indicator.name;
  const only = level.indicator.difference_only;
  fill(maps.legend, only ? h("p.s77-small", app.t("cmp_only_difference"))
    : [legendScale(app.fmt, level), h("p.s77-small", `${capital(app.label(level.indicator))}, ${app.t(`legend_${level.indicator.kind}`)}`)]);
  const held = app.held && app.sides[app.held];
  const side = held || app.sides.b;
  setText(maps.heading, held ? `${app.held.toUpperCase()}${app.fmt.colon}${app.label(held)}` : maps.swipe ? app.t("cmp_swipe_head") : app.t("cmp_difference"));
  maps.heading.classList.toggle("s77-held", Boolean(held));
  const moment = side ? momentText(app, side) : "";
  const keys = markKeys(app, side);
  if (held || maps.swipe) {
    return fill(maps.bigLegend, only ? null : legendScale(app.fmt, level), keys, h("p.s77-small", capital(moment)));
  }
  fill(maps.bigLegend, differenceLegend(app, layer), keys, h("p.s77-small", legendNote(app, layer, moment)));
}

/** What rings and new lines on the large map mean; the few workers of a commune have a key of their own. */
function markKeys(app, side) {
  const sites = side ? sitesAt(app, side, momentOf(app, side)) : [];
  const added = newLines(app, side);
  if (!sites.length && !added.length) return null;
  return h("ul.s77-legmore.s77-keys", mapKeys(app, { side, sites: sites.length ? sites : null, few: false, rails: false }), addedKeys(added));
}

/** The table behind the maps: the same values, sortable. */
export function openDifferenceTable(app) {
  const layer = differenceOf(app);
  if (!layer) return;
  const [level, scale] = [scaleOf(app, app.state.indicator), differenceScale(app)];
  const { communes } = app.boot;
  const rows = communes.name.map((name, row) => ({
    name, row, workers: communes.workers[row], a: numberOf(layer.a[row]), b: numberOf(layer.b[row]), diff: numberOf(layer.diff[row]),
  }));
  const value = (key) => ({ key, label: key.toUpperCase(), numeric: true, text: (row) => valueText(app, level, row[key]) });
  const caption = compareSentence({ app }, "big");
  openDialog(app, `${capital(app.label(level.indicator))}, B − A`, table([
    { key: "name", label: app.t("commune"), lang: "fr" },
    { key: "workers", label: app.t("workers_living_here"), numeric: true, text: (row) => app.fmt.num(row.workers) },
    ...(level.indicator.difference_only ? [] : [value("a"), value("b")]),
    { key: "diff", label: "B − A", numeric: true, text: (row) => differenceText(app, scale, layer, row.row) },
    { key: "note", label: app.t("cmp_sure"), sort: (row) => layer.veil[row.row], text: (row) => (layer.veil[row.row] ? app.t(layer.few[row.row] ? "cmp_few_short" : "cmp_noise") : "") },
  ], rows, { caption, sortBy: "diff" }), { wide: true });
}
