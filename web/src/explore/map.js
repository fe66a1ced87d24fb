// The map of Explore: indicator, legend, the table behind it.

import { fill, frameOnce, h, mounted, setText } from "../core/dom.js";
import { capital } from "../core/words.js";
import { fieldOf, hasTrains, momentOf, momentText, railOf, readAt, shownSide } from "../state/sides.js";
import { classesAt, classesOf, indicatorOf, scaleOf, valueText } from "../state/scales.js";
import { sitesAt } from "../state/places.js";
import { fewRows, levelsAt } from "../state/comparison.js";
import { table } from "../widgets/table.js";
import { openDialog } from "../widgets/dialog.js";
import { legendScale, longestBreak } from "../charts/legend.js";
import { createMap, followKeys } from "../map/map.js";
import { mapKeys } from "../map/keys.js";
import { describePlace, pickPlace } from "../map/places.js";

/** Mount the map with its controls in an element; returns {destroy}. */
export function mountExploreMap(app, el) {
  const view = { app, el, classes: null };
  buildExploreMap(view);
  const refresh = frameOnce(() => paintExplore(view));
  const stops = [
    app.on(["sides", "compare", "state:day", "state:by", "state:indicator", "held", "playing"], refresh),
    app.on(["state:indicator", "state:by", "held", "sides", "compare"], frameOnce(() => showLegend(view))),
    ...followKeys(app, () => view.map),
    app.on("table", () => openCommuneTable(view)),
    app.on("state:place", () => showPlace(view)),
  ];
  showLegend(view);
  paintExplore(view);
  showPlace(view);
  return mounted([...stops, view.map.destroy]);
}

function buildExploreMap(view) {
  const { app } = view;
  view.map = createMap(app, {
    rails: hasTrains(app),
    label: () => mapSentence(view),
    describe: (kind, index) => describePlace(app, shownSide(app), kind, index),
    pick: (kind, index, point) => pickPlace(view, kind, index, point),
  });
  view.indicator = h("select.s77-select", {
    "aria-label": app.t("indicator"), onchange: () => app.set({ indicator: view.indicator.value }),
  }, (app.boot.indicators || []).filter((one) => !one.difference_only)
    .map((one) => h("option", { value: one.name }, capital(app.label(one)))));
  // Where the territory fills its frame the legend lies over it.
  view.legend = h(app.boot.centre ? "div.s77-leg" : "div.s77-leg.s77-onmap");
  view.badge = h("p.s77-heldbadge", { hidden: true });
  fill(view.el, view.map.el, h("div.s77-ind", view.indicator), view.legend, view.badge);
}

function mapSentence(view) {
  const { app } = view;
  const side = shownSide(app);
  return app.t("map_sentence", {
    n: app.fmt.num(app.boot.communes.code.length), place: app.label(app.boot.place),
    indicator: app.label(indicatorOf(app, app.state.indicator)),
    moment: side ? momentText(app, side) : "",
  });
}

/** Draw the moment: at every frame of playback, so it touches only what differs. */
function paintExplore(view) {
  const { app, map } = view;
  const side = shownSide(app);
  if (!side) return;
  const moment = momentOf(app, side);
  const scale = scaleOf(app, app.state.indicator);
  const field = fieldOf(side, "commune", scale.indicator.name);
  if (field && moment.by !== "year") {
    if (!view.classes || view.classes.length !== field.count) view.classes = new Int8Array(field.count);
    map.paint(classesAt(side, field, scale, moment, view.classes), scale.prefix);
  } else {
    const values = levelsAt(app, side, scale.indicator.name, moment);
    if (values) map.paint(classesOf(scale, values), scale.prefix);
  }
  const [riders, seats] = ["peak_riders", "seats"].map((name) => readAt(side, "segment", name, moment));
  if (riders) map.paintRails(riders, seats, { rail: railOf(app, side) });
  map.paintRings(sitesAt(app, side, moment));
  if (app.playing) return;
  map.veil(fewRows(app));
  map.svg.setAttribute("aria-label", mapSentence(view));
}

function showPlace(view) {
  const place = view.app.state.place;
  view.map.select(place && place.kind === "commune" ? view.app.boot.communes.code.indexOf(place.id) : -1);
}

// Legend and table ----------------------------------------------------------------------------------

function showLegend(view) {
  const { app } = view;
  const scale = scaleOf(app, app.state.indicator);
  const side = shownSide(app);
  view.indicator.value = scale.indicator.name;
  // Persons have no unit but "a day", which the note says and which would cover the last break.
  const unit = scale.unit === app.t("unit_persons_a_day") ? "" : scale.unit;
  const colours = legendScale(app.fmt, { ...scale, unit }, { title: capital(app.label(scale.indicator)), note: app.t(`legend_${scale.indicator.kind}`) });
  colours.classList.toggle("s77-roomy", longestBreak(app.fmt, scale) > 4);
  fill(view.legend, colours,
    h("ul.s77-legmore", mapKeys(app, { side, sites: side ? sitesAt(app, side, momentOf(app, side)) : null })));
  view.badge.hidden = !app.held;
  if (app.held) setText(view.badge, `${app.held.toUpperCase()}${app.fmt.colon}${app.label(side)}`);
}

/** The table behind the map: the same values, sortable. */
function openCommuneTable(view) {
  const { app } = view;
  const side = shownSide(app);
  if (!side) return;
  const scale = scaleOf(app, app.state.indicator);
  const moment = momentOf(app, side);
  const values = (name) => levelsAt(app, app.sides[name], scale.indicator.name, moment);
  const [a, b] = [values("a"), values("b")];
  const { communes } = app.boot;
  const rows = communes.name.map((name, row) => ({ name, workers: communes.workers[row], a: a && a[row], b: b && b[row] }));
  const column = (key) => ({ key, label: key.toUpperCase(), numeric: true, text: (row) => valueText(app, { ...scale, decimals: scale.breakDecimals }, row[key]) });
  openDialog(app, `${capital(app.label(scale.indicator))}, ${momentText(app, side)}`, table([
    { key: "name", label: app.t("commune"), lang: "fr" },
    { key: "workers", label: app.t("workers_living_here"), numeric: true, text: (row) => app.fmt.num(row.workers) },
    a ? column("a") : null, b ? column("b") : null,
  ].filter(Boolean), rows, { caption: mapSentence(view), sortBy: b ? "b" : "a" }), { wide: true });
}
