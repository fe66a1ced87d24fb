// The maps of Compare: A and B small, the difference large or one map under a swipe, all linked.

import { append, frameOnce, h, mounted, setText } from "../core/dom.js";
import { clamp } from "../core/numbers.js";
import { capital } from "../core/words.js";
import { scaleOf } from "../state/scales.js";
import { territoryFrame } from "../state/places.js";
import { comparisonFits, differenceOf } from "../state/comparison.js";
import { segmented } from "../widgets/segmented.js";
import { createMap, followKeys } from "../map/map.js";
import { createMapView } from "../map/view.js";
import { pickPlace } from "../map/places.js";
import { compareSentence, describeDifference, paintDifference, paintLevel } from "./paint.js";
import { openDifferenceTable, showCompareLegends } from "./legend.js";

/** Mount A and B in one element and the large map in another; returns {destroy}. */
export function mountCompareMaps(view, pairEl, bigEl) {
  const { app } = view;
  const maps = { app, view, swipe: false, at: 50, sight: createMapView(app, territoryFrame(app)), classes: {} };
  buildSmallMaps(maps, pairEl);
  buildBigMap(maps, bigEl);
  const refresh = frameOnce(() => paintCompare(maps));
  const stops = [
    app.on("sides", () => comparisonFits(app) && refresh()),
    app.on(["compare", "phase", "state:day", "state:by", "state:indicator", "held"], refresh),
    ...followKeys(app, () => maps.big),
    app.on("table", () => openDifferenceTable(app)),
    app.on("state:place", () => selectPlaces(maps)),
  ];
  paintCompare(maps);
  selectPlaces(maps);
  return mounted([...stops, () => allMaps(maps).forEach((map) => map.destroy())]);
}

function allMaps(maps) {
  return [maps.a, maps.b, maps.big, maps.over].filter(Boolean);
}

// Building ----------------------------------------------------------------------------------------

function mapOf(maps, kind, options) {
  const { app } = maps;
  return createMap(app, {
    view: maps.sight, align: "xMidYMid", context: false, rails: false,
    label: () => compareSentence(maps, kind),
    describe: (what, index) => describeDifference(maps, what, index),
    pick: (what, index, point) => pickPlace({ app, map: maps[kind], el: maps[kind].el.parentNode }, what, index, point),
    ...options,
  });
}

function buildSmallMaps(maps, el) {
  maps.names = {};
  const one = (kind) => {
    maps[kind] = mapOf(maps, kind, { labels: false, buttons: false });
    maps.names[kind] = h("span");
    return h("figure.s77-small-map",
      h("figcaption", h(`b.s77-badge-${kind}`, { "aria-hidden": "true" }, kind.toUpperCase()), maps.names[kind]),
      h("div.s77-mapplace", maps[kind].el));
  };
  maps.legend = h("div.s77-pairlegend");
  append(el, [one("a"), one("b"), maps.legend]);
}

function buildBigMap(maps, el) {
  const { app } = maps;
  maps.big = mapOf(maps, "big", {});
  maps.indicator = h("select.s77-select", {
    "aria-label": app.t("indicator"), onchange: () => app.set({ indicator: maps.indicator.value }),
  }, (app.boot.indicators || []).map((one) => h("option", { value: one.name }, capital(app.label(one)))));
  maps.mode = segmented(app.t("cmp_mode"), [["difference", "B − A", app.t("cmp_difference")], ["swipe", app.t("cmp_swipe"), app.t("cmp_swipe_long")]],
    (mode) => setSwipe(maps, mode === "swipe"));
  maps.mode.show("difference");
  maps.heading = h("h2.s77-bighead");
  maps.place = h("div.s77-mapplace", maps.big.el);
  maps.bigLegend = h("div.s77-biglegend");
  append(el, [
    h("div.s77-bigtop", maps.heading, h("span.s77-bigtools", maps.indicator, maps.mode.el)),
    maps.place, maps.bigLegend,
  ]);
}

// Swipe --------------------------------------------------------------------------------------------

/** One map: A left of the divider, B right of it; the divider is a slider for keyboard and hand. */
function setSwipe(maps, on) {
  maps.swipe = on;
  maps.mode.show(on ? "swipe" : "difference");
  if (on && !maps.over) buildSwipe(maps);
  for (const node of [maps.overBox, maps.divider, maps.swipeNames]) if (node) node.hidden = !on;
  if (on) moveDivider(maps, maps.at);
  paintCompare(maps);
}

function buildSwipe(maps) {
  const { app } = maps;
  maps.over = mapOf(maps, "over", { buttons: false });
  // The map below already is one tab stop; this one is its other half for the eye.
  maps.over.el.tabIndex = -1;
  maps.overBox = h("div.s77-overbox", maps.over.el);
  maps.swipeNames = h("div.s77-swipenames", { "aria-hidden": "true" },
    h("b.s77-badge-a", "A"), h("b.s77-badge-b", "B"));
  maps.divider = h("div.s77-divider", {
    tabindex: "0", role: "slider", "aria-label": app.t("cmp_divider"), "aria-valuemin": "0", "aria-valuemax": "100", "aria-orientation": "horizontal",
  }, h("span", { "aria-hidden": "true" }, "⟷"));
  maps.divider.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -2, ArrowRight: 2, PageDown: -10, PageUp: 10, Home: -100, End: 100 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    moveDivider(maps, maps.at + step);
  });
  maps.divider.addEventListener("pointerdown", (event) => {
    maps.divider.setPointerCapture(event.pointerId);
    event.preventDefault();
    maps.divider.focus();
  });
  maps.divider.addEventListener("pointermove", (event) => {
    if (!maps.divider.hasPointerCapture(event.pointerId)) return;
    const box = maps.place.getBoundingClientRect();
    moveDivider(maps, (100 * (event.clientX - box.left)) / box.width);
  });
  append(maps.place, [maps.overBox, maps.swipeNames, maps.divider]);
}

function moveDivider(maps, at) {
  maps.at = clamp(at, 0, 100);
  maps.overBox.style.clipPath = `inset(0 0 0 ${maps.at}%)`;
  maps.divider.style.left = `${maps.at}%`;
  maps.swipeNames.style.left = `${maps.at}%`;
  maps.divider.setAttribute("aria-valuenow", String(Math.round(maps.at)));
  maps.divider.setAttribute("aria-valuetext", maps.app.t("cmp_divider_at", { a: Math.round(maps.at), b: Math.round(100 - maps.at) }));
}

// Painting -----------------------------------------------------------------------------------------

function paintCompare(maps) {
  const { app } = maps;
  const layer = differenceOf(app);
  const level = scaleOf(app, app.state.indicator);
  for (const kind of ["a", "b"]) {
    paintLevel(maps, maps[kind], kind, layer, level);
    setText(maps.names[kind], app.sides[kind] ? app.label(app.sides[kind]) : "");
  }
  if (app.held && app.sides[app.held]) paintLevel(maps, maps.big, app.held, layer, level);
  else if (maps.swipe) paintLevel(maps, maps.big, "a", layer, level);
  else paintDifference(maps, layer);
  if (maps.swipe) paintLevel(maps, maps.over, app.held || "b", layer, level);
  showCompareLegends(maps, layer, level);
}

function selectPlaces(maps) {
  const { place } = maps.app.state;
  const row = place && place.kind === "commune" ? maps.app.boot.communes.code.indexOf(place.id) : -1;
  allMaps(maps).forEach((map) => map.select(row));
}
