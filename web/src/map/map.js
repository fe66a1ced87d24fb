// The map of the communes: drawn once as SVG, afterwards only what changes is touched.

import { h, s, uid } from "../core/dom.js";
import { addMapKeys, addPicking, addTooltip } from "./pointer.js";
import { attachView, createMapView } from "./view.js";
import { drawAdded, drawRails, paintRails } from "./rails.js";
import { paintRings } from "./rings.js";
import { placeLabels } from "./names.js";

/**
 * Make a map. Several may live on one page; maps given the same `view` zoom and pan together.
 *
 * options
 *   view       shared view from createMapView(app); a new one by default
 *   align      "xMaxYMid" (default, room on the left for Paris and the legend) or "xMidYMid"
 *   context    draw the neighbouring départements (default true)
 *   rails, rings, labels, buttons   draw them (default true); without rails, `drawAdded` shows new lines
 *   label()    text for screen readers
 *   describe(kind, index)   nodes of the tooltip; kind is "commune", "telecentre" or "segment"
 *   first      rows of communes to be named before all others
 *   scrolls    leave the wheel to the page, unless Ctrl is held
 *   letter     height of the names in pixels, where they are larger than elsewhere
 *   over()     elements that lie over the map, under which no name is written
 *   pick(kind, index, point)   on click, tap or Enter; point is {x, y} in pixels of the map
 *
 * returns { el, svg, view, paint, paintRails, drawAdded, paintRings, veil, mark, select, relabel, focus, destroy }
 */
export function createMap(app, options = {}) {
  const map = {
    app, options, view: options.view || createMapView(app), classes: null, selected: -1,
    scale: app.boot.path_scale || 1,
  };
  drawFrame(map);
  drawCommunes(map);
  if (options.rails !== false) drawRails(map);
  else map.added = map.svg.appendChild(s("g.s77-rail.s77-added", { "aria-hidden": "true" }));
  if (options.rings !== false) map.ringLayer = map.svg.appendChild(s("g.s77-rings"));
  if (options.labels !== false) map.labelLayer = map.svg.appendChild(s("g.s77-names", { "aria-hidden": "true" }));
  map.overLayer = map.svg.appendChild(s("g.s77-over"));
  map.rings = [];
  map.paint = (classes, prefix) => paintCommunes(map, classes, prefix);
  map.paintRails = (riders, seats, { most = app.boot.rail_most, rail = app.boot.rail || [] } = {}) => paintRails(map, riders, seats, most, rail);
  map.drawAdded = (rail) => drawAdded(map, rail);
  map.paintRings = (sites) => paintRings(map, sites);
  map.veil = (rows) => drawVeil(map, rows);
  map.mark = (rows) => markCommunes(map, rows);
  map.select = (row) => selectCommune(map, row);
  map.relabel = () => placeLabels(map);
  map.focus = () => map.el.focus();
  addTooltip(map);
  addPicking(map);
  addMapKeys(map);
  attachView(map);
  return map;
}

/** Zoom and focus a map by the keys of the page; `current()` gives it, or nothing. Returns what stops that. */
export function followKeys(app, current) {
  return [
    app.on("map:zoom", (factor) => {
      const map = current();
      if (map && factor) map.view.zoom(factor);
      else if (map) map.view.home();
    }),
    app.on("focus:map", () => {
      const map = current();
      if (map) map.focus();
    }),
  ];
}

function drawFrame(map) {
  const { app, options } = map;
  map.svg = s("svg.s77-map", {
    preserveAspectRatio: `${options.align || "xMaxYMid"} meet`,
    role: "img", "aria-label": options.label ? options.label() : "",
  });
  map.tip = h("div.s77-tip", { hidden: true });
  map.el = h("div.s77-mapbox", {
    tabindex: "0", role: "group", "aria-label": app.t("map_group"),
    "aria-describedby": `${uid(app)}-keys`,
  }, map.svg, map.tip);
  if (options.buttons !== false) map.el.append(zoomButtons(map));
  // Said when the keyboard moves over communes; the page's live region is for titles only.
  map.voice = h("p.s77-sr", { "aria-live": "polite" });
  map.el.append(map.voice, h("p.s77-sr", { id: map.el.getAttribute("aria-describedby") }, app.t("map_keys")));
  if (options.context !== false) drawContext(map);
}

function zoomButtons(map) {
  const button = (sign, key, action) =>
    h("button", { type: "button", "aria-label": map.app.t(key), title: map.app.t(key), onclick: action }, sign);
  map.homeButton = button("⤢", "map_zoom_all", () => map.view.home());
  return h("div.s77-zoom",
    button("+", "map_zoom_in", () => map.view.zoom(1.6)),
    button("−", "map_zoom_out", () => map.view.zoom(1 / 1.6)),
    map.homeButton);
}

/** Neighbours fade into the paper on the left and at the top: they must not compete. */
function drawContext(map) {
  const { boot } = map.app;
  const group = s("g", { "aria-hidden": "true", transform: pathTransform(map) });
  for (const other of boot.neighbours || []) {
    group.append(s(other.code === "75" ? "path.s77-par" : "path.s77-dep", { d: other.path }));
  }
  const [x, y, width, height] = boot.viewbox;
  const id = uid(map.app);
  const stop = (offset, opacity) => s("stop", { offset, "stop-color": "var(--paper)", "stop-opacity": opacity });
  const far = 4 * width;
  map.svg.append(
    s("defs",
      s("linearGradient", { id: `${id}l`, gradientUnits: "userSpaceOnUse", x1: x - 80, x2: x + 110, y1: 0, y2: 0 }, stop(0, 1), stop(1, 0)),
      s("linearGradient", { id: `${id}t`, gradientUnits: "userSpaceOnUse", x1: 0, x2: 0, y1: y, y2: y + 70 }, stop(0, 1), stop(1, 0)),
      s("linearGradient", { id: `${id}b`, gradientUnits: "userSpaceOnUse", x1: 0, x2: 0, y1: y + height, y2: y + height - 70 }, stop(0, 1), stop(1, 0)),
      s("linearGradient", { id: `${id}r`, gradientUnits: "userSpaceOnUse", x1: x + width, x2: x + width - 70, y1: 0, y2: 0 }, stop(0, 1), stop(1, 0))),
    group,
    s("rect", { x: x - far, y: y - far, width: far + 110, height: 2 * far + height, fill: `url(#${id}l)` }),
    s("rect", { x: x - far, y: y - far, width: 2 * far + width, height: far + 70, fill: `url(#${id}t)` }),
    s("rect", { x: x - far, y: y + height - 70, width: 2 * far + width, height: far, fill: `url(#${id}b)` }),
    s("rect", { x: x + width - 70, y: y - far, width: far, height: 2 * far + height, fill: `url(#${id}r)` }));
}

function pathTransform(map) {
  return map.scale === 1 ? null : `scale(${map.scale})`;
}

function drawCommunes(map) {
  const { communes, outline } = map.app.boot;
  map.paths = communes.path.map((d, row) => s("path.s77-none", { d, "data-row": row }));
  map.communeLayer = s("g.s77-communes", { transform: pathTransform(map) }, map.paths);
  map.classes = new Int8Array(map.paths.length).fill(-2);
  map.veilId = uid(map.app);
  map.veilPath = s("path.s77-veil", { fill: `url(#${map.veilId})` });
  map.hatch = s("pattern", { id: map.veilId, width: 7, height: 7, patternUnits: "userSpaceOnUse" },
    s("rect.s77-veilbg", { width: 7, height: 7 }), s("path.s77-hatch", { d: "M0 0V7", "stroke-width": 1.6 }));
  map.hover = s("path.s77-hover");
  map.chosen = s("path.s77-chosen");
  map.markPath = s("path.s77-mark");
  const thin = (...nodes) => s("g.s77-noevents", { transform: pathTransform(map) }, nodes);
  map.svg.append(
    s("defs", map.hatch), map.communeLayer, thin(map.veilPath),
    thin(s("path.s77-outline", { d: outline || "" }), map.markPath, map.chosen, map.hover));
}

/** Colour the communes: classes is an Int8Array, prefix "s77-q" or "s77-v". */
function paintCommunes(map, classes, prefix) {
  const known = map.classes;
  const all = map.prefix !== prefix;
  map.prefix = prefix;
  for (let row = 0; row < classes.length; row += 1) {
    if (all || known[row] !== classes[row]) {
      known[row] = classes[row];
      map.paths[row].setAttribute("class", classes[row] < 0 ? "s77-none" : prefix + classes[row]);
    }
  }
}

/** Hatch communes whose value must not be quoted: one merged path, or none. */
function drawVeil(map, rows) {
  map.veilPath.setAttribute("d", joinPaths(map, rows));
}

/** Draw communes of a story or a list with a strong border. */
function markCommunes(map, rows) {
  map.markPath.setAttribute("d", joinPaths(map, rows));
}

function joinPaths(map, rows) {
  return (rows || []).map((row) => map.app.boot.communes.path[row]).join("");
}

function selectCommune(map, row) {
  map.selected = row;
  map.chosen.setAttribute("d", row >= 0 ? map.app.boot.communes.path[row] : "");
}
