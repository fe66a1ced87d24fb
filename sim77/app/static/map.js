// The map of the communes: drawn once as SVG, afterwards only what changes is touched.

/**
 * Make a map. Several may live on one page; maps given the same `view` zoom and pan together.
 *
 * options
 *   view       shared view from createMapView(app); a new one by default
 *   align      "xMaxYMid" (default, room on the left for Paris and the legend) or "xMidYMid"
 *   context    draw the neighbouring départements (default true)
 *   rails, rings, labels, buttons   draw them (default true)
 *   label()    text for screen readers
 *   describe(kind, index)   nodes of the tooltip; kind is "commune", "telecentre" or "segment"
 *   letter     height of the names in pixels, where they are larger than elsewhere
 *   over()     elements that lie over the map, under which no name is written
 *   pick(kind, index, point)   on click, tap or Enter; point is {x, y} in pixels of the map
 *
 * returns { el, svg, view, paint, paintRails, paintRings, veil, mark, select, relabel, focus, destroy }
 */
function createMap(app, options = {}) {
  const map = {
    app, options, view: options.view || createMapView(app), classes: null, selected: -1,
    scale: app.boot.path_scale || 1,
  };
  drawFrame(map);
  drawCommunes(map);
  if (options.rails !== false) drawRails(map);
  if (options.rings !== false) map.ringLayer = map.svg.appendChild(s("g.s77-rings"));
  if (options.labels !== false) map.labelLayer = map.svg.appendChild(s("g.s77-names", { "aria-hidden": "true" }));
  map.overLayer = map.svg.appendChild(s("g.s77-over"));
  map.rings = [];
  map.paint = (classes, prefix) => paintCommunes(map, classes, prefix);
  map.paintRails = (riders, seats) => paintRails(map, riders, seats);
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

/** A name no other element of the document has: several widgets may share one page. */
function uid(app) {
  app.uid = app.uid || `s77-${Math.random().toString(36).slice(2, 8)}`;
  app.count = (app.count || 0) + 1;
  return `${app.uid}-${app.count}`;
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

// Pointing and picking -----------------------------------------------------------------------

/** What is under an event: ["commune", 12], ["telecentre", 3], ["segment", 40] or null. */
function targetOf(event) {
  const node = event.target.closest("[data-row],[data-site],[data-segment]");
  if (!node) return null;
  if (node.dataset.site !== undefined) return ["telecentre", Number(node.dataset.site)];
  if (node.dataset.segment !== undefined) return ["segment", Number(node.dataset.segment)];
  return ["commune", Number(node.dataset.row)];
}

function addTooltip(map) {
  if (!map.options.describe) return;
  map.svg.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch" || map.view.dragging) return hideTip(map);
    const target = targetOf(event);
    hoverCommune(map, target && target[0] === "commune" ? target[1] : -1);
    if (!target) return hideTip(map);
    const box = map.el.getBoundingClientRect();
    showTip(map, target, event.clientX - box.left, event.clientY - box.top);
  });
  map.svg.addEventListener("pointerleave", () => {
    hideTip(map);
    hoverCommune(map, -1);
  });
}

function hoverCommune(map, row) {
  if (map.hovered === row) return;
  map.hovered = row;
  map.hover.setAttribute("d", row >= 0 ? map.app.boot.communes.path[row] : "");
}

/** Show the tooltip of a target beside a point of the map box, inside its edges. */
function showTip(map, [kind, index], x, y) {
  const key = `${kind}${index}`;
  if (map.tipKey !== key) fill(map.tip, map.options.describe(kind, index));
  map.tipKey = key;
  map.tip.hidden = false;
  const { clientWidth: width, clientHeight: height } = map.el;
  const left = x + 16 + map.tip.offsetWidth > width ? x - 16 - map.tip.offsetWidth : x + 16;
  const top = Math.min(Math.max(y - 12, 4), height - map.tip.offsetHeight - 4);
  map.tip.style.transform = `translate(${Math.max(4, Math.round(left))}px, ${Math.round(Math.max(4, top))}px)`;
}

function hideTip(map) {
  map.tip.hidden = true;
  map.tipKey = null;
}

function addPicking(map) {
  map.svg.addEventListener("click", (event) => {
    const target = targetOf(event);
    if (!target || map.view.moved || !map.options.pick) return;
    const box = map.el.getBoundingClientRect();
    hideTip(map);
    map.options.pick(target[0], target[1], { x: event.clientX - box.left, y: event.clientY - box.top });
  });
}

// Keyboard: one tab stop, arrows walk over communes --------------------------------------------

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function addMapKeys(map) {
  map.walk = -1;
  map.el.addEventListener("keydown", (event) => {
    if (event.target !== map.el || event.ctrlKey || event.metaKey || event.altKey) return;
    const done = mapKey(map, event.key);
    if (done) {
      event.preventDefault();
      event.stopPropagation();
    }
  });
  map.el.addEventListener("blur", () => {
    hoverCommune(map, -1);
    hideTip(map);
  });
}

function mapKey(map, key) {
  if (key in ARROWS) return walkCommunes(map, ARROWS[key]);
  if (key === "+" || key === "=") return map.view.zoom(1.6) || true;
  if (key === "-" || key === "−") return map.view.zoom(1 / 1.6) || true;
  if (key === "0") return map.view.home() || true;
  if (key === "Enter" && map.walk >= 0 && map.options.pick) {
    hideTip(map);
    map.options.pick("commune", map.walk, pixelOf(map, map.walk));
    return true;
  }
  if (key === "Escape" && !map.tip.hidden) return hideTip(map) || true;
  return false;
}

/** Go to the nearest commune within 60° of an arrow's direction, and say it. */
function walkCommunes(map, [dx, dy]) {
  const { x, y, workers } = map.app.boot.communes;
  if (map.walk < 0) {
    map.walk = map.selected >= 0 ? map.selected : workers.indexOf(Math.max(...workers));
  } else {
    map.walk = nextCommune(x, y, map.walk, dx, dy);
  }
  hoverCommune(map, map.walk);
  map.view.keepInSight(x[map.walk], y[map.walk]);
  if (map.options.describe) {
    const point = pixelOf(map, map.walk);
    showTip(map, ["commune", map.walk], point.x, point.y);
    setText(map.voice, [...map.tip.children].map((node) => node.innerText || node.textContent).join(", "));
  }
  return true;
}

function nextCommune(x, y, from, dx, dy) {
  let best = from;
  let least = Infinity;
  for (let row = 0; row < x.length; row += 1) {
    const along = (x[row] - x[from]) * dx + (y[row] - y[from]) * dy;
    const across = Math.abs((x[row] - x[from]) * dy) + Math.abs((y[row] - y[from]) * dx);
    if (along <= 0 || across > 1.73 * along) continue;
    const cost = along + 2 * across;
    if (cost < least) [best, least] = [row, cost];
  }
  return best;
}

/** Where the middle of a commune is, in pixels of the map box. */
function pixelOf(map, row) {
  const { x, y } = map.app.boot.communes;
  const matrix = map.svg.getScreenCTM();
  const box = map.el.getBoundingClientRect();
  return { x: matrix.a * x[row] + matrix.e - box.left, y: matrix.d * y[row] + matrix.f - box.top };
}
