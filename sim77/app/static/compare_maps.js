// The maps of Compare: A and B small, the difference large or one map under a swipe, all linked.

/** Mount A and B in one element and the large map in another; returns {destroy}. */
function mountCompareMaps(view, pairEl, bigEl) {
  const { app } = view;
  const maps = { app, view, swipe: false, at: 50, sight: createMapView(app, territoryFrame(app)), classes: {} };
  buildSmallMaps(maps, pairEl);
  buildBigMap(maps, bigEl);
  const refresh = frameOnce(() => paintCompare(maps));
  const stops = [
    app.on("sides", () => comparisonFits(app) && refresh()),
    app.on(["compare", "phase", "state:day", "state:by", "state:indicator", "held"], refresh),
    app.on("map:zoom", (factor) => (factor ? maps.sight.zoom(factor) : maps.sight.home())),
    app.on("focus:map", () => maps.big.focus()),
    app.on("table", () => openDifferenceTable(app)),
    app.on("state:place", () => selectPlaces(maps)),
  ];
  paintCompare(maps);
  selectPlaces(maps);
  return {
    destroy: () => {
      stops.forEach((stop) => stop());
      allMaps(maps).forEach((map) => map.destroy());
    },
  };
}

/** The runs on screen are those compared: B alone is not painted beside its old difference. */
function comparisonFits(app) {
  return !hasComparison(app) || ["a", "b"].every((side) => app.sides[side] && app.sides[side].key === app.compare[`key_${side}`]);
}

function allMaps(maps) {
  return [maps.a, maps.b, maps.big, maps.over].filter(Boolean);
}

/** The département without Paris: three maps side by side have no room for the road there. */
function territoryFrame(app) {
  const { x, y } = app.boot.communes;
  const pad = 34;
  const [left, top] = [Math.min(...x) - pad, Math.min(...y) - pad];
  return [left, top, Math.max(...x) + pad - left, Math.max(...y) + pad - top];
}

// What is shown ---------------------------------------------------------------------------------

/**
 * The difference of the moment by commune: {diff, low, high, veil, few, a, b}, or null.
 * The mean of the year comes from the comparison with its intervals; a day is one draw.
 */
function differenceOf(app, name = app.state.indicator) {
  const layer = hasComparison(app) ? (app.compare.communes || {})[name] : null;
  const year = (app.state.by || "year") === "year";
  if (layer && (year || indicatorOf(app, name).difference_only)) return { ...layer, exact: true };
  const values = ["a", "b"].map((side) => {
    return app.sides[side] ? readAt(app.sides[side], "commune", name, momentOf(app, app.sides[side])) : null;
  });
  if (!values[0] || !values[1] || values[0].length !== values[1].length) return layer ? { ...layer, exact: true } : null;
  return {
    a: values[0], b: values[1], diff: Float32Array.from(values[1], (value, row) => value - values[0][row]),
    low: [], high: [], veil: layer ? layer.few : [], few: layer ? layer.few : [], exact: false,
  };
}

/** Brown is always the loss: where less is better the two ends change places. */
function differenceScale(app, name = app.state.indicator) {
  const scale = scaleOf(app, name, { difference: true });
  const fitted = ((app.compare || {}).breaks || {})[name];
  const decimals = Math.max(scale.breakDecimals, fitted ? 0 : scale.decimals);
  return { ...scale, decimals, prefix: scale.indicator.good < 0 ? "s77-w" : "s77-v" };
}

/** A difference and its interval in words: "+0,35 min, +0,32 à +0,38". */
function differenceText(app, scale, layer, row) {
  const value = numberOf(layer.diff[row]);
  if (!Number.isFinite(value)) return app.t("no_value");
  const [low, high] = [layer.low[row], layer.high[row]].map(numberOf);
  const known = Number.isFinite(low) && Number.isFinite(high);
  const decimals = clampDecimals(value * scale.factor, known ? low * scale.factor : NaN, known ? high * scale.factor : NaN);
  const text = app.fmt.withUnit(value * scale.factor, scale.unit, decimals, true);
  if (!known) return text;
  return `${text} (${app.fmt.interval(low * scale.factor, high * scale.factor, decimals, true)})`;
}

function numberOf(value) {
  return value === null || value === undefined ? NaN : Number(value);
}

/** Two digits, none finer than the interval: false precision is a lie. */
function clampDecimals(value, low, high) {
  return Number.isFinite(low) && Number.isFinite(high) ? effectDecimals(value, low, high) : decimalsFor(value, FINEST, 2);
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

function compareSentence(maps, kind) {
  const { app } = maps;
  const side = app.sides[kind] || app.sides.b;
  return app.t(kind === "a" || kind === "b" ? "cmp_map_of" : "cmp_map_difference", {
    side: kind.toUpperCase(), name: side ? app.label(side) : "", indicator: app.label(indicatorOf(app, app.state.indicator)),
    moment: side ? momentText(app, side) : "",
  });
}

function buildSmallMaps(maps, el) {
  const { app } = maps;
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
  maps.mode = segmented(app, app.t("cmp_mode"), [["difference", "B − A", app.t("cmp_difference")], ["swipe", app.t("cmp_swipe"), app.t("cmp_swipe_long")]],
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

function paintLevel(maps, map, kind, layer, scale) {
  const { app } = maps;
  const side = app.sides[kind];
  clearMarks(map);
  setCallout(map, -1);
  if (side) map.paintRings(sitesAt(app, side, momentOf(app, side)));
  const only = scale.indicator.difference_only;
  const values = layer && !only ? Float32Array.from(layer[kind], numberOf) : new Float32Array(app.boot.communes.code.length).fill(NaN);
  map.paint(classesOf(scale, values), scale.prefix);
  map.svg.setAttribute("aria-label", compareSentence(maps, kind));
}

function paintDifference(maps, layer) {
  const { app, big } = maps;
  const scale = differenceScale(app);
  clearMarks(big);
  big.svg.setAttribute("aria-label", compareSentence(maps, "big"));
  const side = app.sides.b;
  if (side) big.paintRings(sitesAt(app, side, momentOf(app, side)));
  if (!layer) return;
  big.paint(classesOf(scale, Float32Array.from(layer.diff, numberOf)), scale.prefix);
  big.veil([...layer.veil].flatMap((veiled, row) => (veiled ? [row] : [])));
  nameLoser(maps, layer, scale);
}

function clearMarks(map) {
  map.veil([]);
  map.mark([]);
  fill(map.overLayer);
}

/** The commune that loses most among those that may be quoted: fairness must be visible. */
function worstOf(app, layer, scale) {
  const sign = scale.indicator.good < 0 ? -1 : 1;
  if (!layer || !scale.indicator.good) return -1;
  let worst = -1;
  for (let row = 0; row < layer.diff.length; row += 1) {
    const value = sign * numberOf(layer.diff[row]);
    // One draw names nobody: the loss must hold over draws, outside the veil.
    if (layer.veil[row] || !Number.isFinite(numberOf(layer.low[row])) || !(value < -1e-9)) continue;
    if (worst < 0 || value < sign * layer.diff[worst]) worst = row;
  }
  // A loss that the map colours as "nothing" is no loss worth a name.
  return worst >= 0 && classOf(scale, layer.diff[worst]) !== 3 ? worst : -1;
}

function nameLoser(maps, layer, scale) {
  const { app, big } = maps;
  const row = worstOf(app, layer, scale);
  if (row < 0) return setCallout(big, -1);
  big.mark([row]);
  const text = `${app.boot.communes.name[row]}, ${app.fmt.withUnit(layer.diff[row] * scale.factor, scale.unit, decimalsFor(layer.diff[row] * scale.factor, 3, 2), true)}`;
  setCallout(big, row, text);
}

function selectPlaces(maps) {
  const { place } = maps.app.state;
  const row = place && place.kind === "commune" ? maps.app.boot.communes.code.indexOf(place.id) : -1;
  allMaps(maps).forEach((map) => map.select(row));
}
