// The map of Explore: indicator, legend, tooltips, what a click offers, the table behind it.

/** Mount the map with its controls in an element; returns {destroy, map}. */
function mountExploreMap(app, el) {
  const view = { app, el, classes: null };
  buildExploreMap(view);
  const refresh = frameOnce(() => paintExplore(view));
  const stops = [
    app.on(["sides", "compare", "state:day", "state:by", "state:indicator", "held", "playing"], refresh),
    app.on(["state:indicator", "state:by", "held", "sides", "compare"], frameOnce(() => showLegend(view))),
    app.on("map:zoom", (factor) => (factor ? view.map.view.zoom(factor) : view.map.view.home())),
    app.on("focus:map", () => view.map.focus()),
    app.on("table", () => openCommuneTable(view)),
    app.on("state:place", () => showPlace(view)),
  ];
  showLegend(view);
  paintExplore(view);
  showPlace(view);
  return {
    map: view.map,
    destroy: () => {
      stops.forEach((stop) => stop());
      view.map.destroy();
    },
  };
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
  view.legend = h("div.s77-leg");
  view.badge = h("p.s77-heldbadge", { hidden: true });
  fill(view.el, view.map.el, h("div.s77-ind", view.indicator), view.legend, view.badge);
}

/** A comparison that is stored holds no loads of trains: its map shows no lines. */
function hasTrains(app) {
  return !app.stored || Boolean(readAt(shownSide(app), "segment", "peak_riders", { by: "year" }));
}

function mapSentence(view) {
  const { app } = view;
  const side = shownSide(app);
  return app.t("map_sentence", {
    n: app.fmt.num(app.boot.communes.code.length), place: app.boot.place,
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
  if (field) {
    if (!view.classes || view.classes.length !== field.count) view.classes = new Int8Array(field.count);
    map.paint(classesAt(side, field, scale, moment, view.classes), scale.prefix);
  } else {
    const values = readAt(side, "commune", scale.indicator.name, moment);
    if (values) map.paint(classesOf(scale, values), scale.prefix);
  }
  const [riders, seats] = ["peak_riders", "seats"].map((name) => readAt(side, "segment", name, moment));
  if (riders) map.paintRails(riders, seats);
  map.paintRings(sitesAt(app, side, moment));
  if (!app.playing) map.svg.setAttribute("aria-label", mapSentence(view));
}

// Tooltip and menu ---------------------------------------------------------------------------------

function describePlace(app, side, kind, index) {
  if (!side) return [h("b", { lang: "fr" }, app.boot.communes.name[index] || "")];
  const moment = momentOf(app, side);
  if (kind === "telecentre") return describeSite(app, sitesAt(app, side, moment)[index]);
  if (kind === "segment") return describeSegment(app, side, index, moment);
  return describeCommune(app, index, moment);
}

function describeCommune(app, row, moment) {
  const { communes } = app.boot;
  const scale = scaleOf(app, app.state.indicator);
  const lines = ["b", "a"].filter((name) => app.sides[name]).map((name) => {
    const values = readAt(app.sides[name], "commune", scale.indicator.name, moment);
    return values ? tipLine(app.sides.a ? name.toUpperCase() : "", valueText(app, scale, values[row])) : null;
  });
  return [
    h("b", { lang: "fr" }, communes.name[row]),
    h("p.s77-small", app.label(scale.indicator)), ...lines,
    communes.workers[row] ? tipLine(app.t("workers_to_paris"), app.fmt.num(communes.workers[row])) : h("p", app.t("no_worker")),
  ].filter(Boolean);
}

function tipLine(name, value) {
  return h("p.s77-tipline", h("span", name), h("b", value));
}

function describeSite(app, site) {
  const { fmt } = app;
  if (!site) return [];
  if (site.status !== "open") return [h("b", { lang: "fr" }, site.name), h("p", app.t(`site_${site.status}`))];
  return [
    h("b", { lang: "fr" }, site.name),
    tipLine(app.t("desks"), fmt.num(site.desks)), tipLine(app.t("occupied"), fmt.pct(site.share, 0)),
    tipLine(app.t("refusals"), fmt.num(site.refusals)),
  ];
}

function describeSegment(app, side, row, moment) {
  const rail = app.boot.rail[row];
  const at = (name) => (readAt(side, "segment", name, moment) || [])[row];
  return [
    h("b", app.t("line_named", { line: rail.line })), h("p", { lang: "fr" }, `${rail.from} – ${rail.to}`),
    tipLine(app.t("riders_peak"), app.fmt.num(at("peak_riders"))), tipLine(app.t("seats"), app.fmt.num(at("seats"))),
  ];
}

/** A click offers what can be done there; lines change the load profile at once. */
function pickPlace(view, kind, index, point) {
  const { app, map } = view;
  if (kind === "segment") {
    const { line, branch } = app.boot.rail[index];
    app.set({ place: { kind: "line", id: branch ? `${line}/${branch}` : line } });
    return;
  }
  if (kind === "telecentre") return siteMenu(view, map.sites[index], point);
  map.select(index);
  communeMenu(view, index, point);
}

function communeMenu(view, row, point) {
  const { app } = view;
  const code = app.boot.communes.code[row];
  const side = shownSide(app);
  const desks = h("select.s77-select", { "aria-label": app.t("desks") },
    [6, 12, 20, 40, 100].map((n) => h("option", { value: n, selected: n === 20 }, app.t("n_desks", { n }))));
  const open = () => {
    const { opened = [], closed = [] } = app.state.sites || {};
    app.set({ sites: { opened: [...opened, { commune: code, desks: Number(desks.value) }], closed } });
    closeMenu(app);
  };
  openMenu(app, view.el, point, h("span", { lang: "fr" }, app.boot.communes.name[row]),
    side ? describeCommune(app, row, momentOf(app, side)).slice(1) : null,
    app.stored ? null : h("div.s77-menu-row", h("button.s77-btn.s77-pri", { type: "button", onclick: open }, app.t("open_here")), desks),
    app.stored ? null : h("button.s77-btn", { type: "button", onclick: () => goWhy(app, { kind: "commune", id: code }) }, app.t("why_here")));
}

function siteMenu(view, site, point) {
  const { app } = view;
  const { opened = [], closed = [] } = app.state.sites || {};
  const isClosed = closed.includes(site.id);
  const toOpen = site.status === "planned" && !isClosed;
  const toggle = () => {
    const others = closed.filter((id) => id !== site.id);
    if (toOpen) app.set({ sites: { opened: [...opened, { id: site.id, desks: site.desks }], closed: others } });
    else app.set({ sites: { opened, closed: isClosed ? others : [...others, site.id] } });
    closeMenu(app);
  };
  openMenu(app, view.el, point, h("span", { lang: "fr" }, site.name), describeSite(app, site).slice(1),
    app.stored ? null : h("button.s77-btn.s77-pri", { type: "button", onclick: toggle }, app.t(toOpen ? "site_open" : isClosed ? "site_reopen" : "site_close")),
    app.stored ? null : h("button.s77-btn", { type: "button", onclick: () => goWhy(app, { kind: "telecentre", id: site.id }) }, app.t("why_here")));
}

function goWhy(app, place) {
  closeMenu(app, false);
  app.set({ place, view: "why" });
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
  const rail = (width, key, core) => h("li",
    s("svg.s77-key", { viewBox: "0 0 34 12", "aria-hidden": "true" },
      s("g.s77-line", s("line", { x1: 2, x2: 32, y1: 6, y2: 6, style: `stroke-width:${width}px` })),
      core ? s("g.s77-core", s("line", { x1: 2, x2: 32, y1: 6, y2: 6, style: "stroke-width:2px" })) : null),
    app.t(key));
  fill(view.legend,
    legendScale(app, scale, { title: capital(app.label(scale.indicator)), note: app.t(`legend_${scale.indicator.kind}`) }),
    h("ul.s77-legmore",
      h("li", ringIcon(100, 0.7), app.t("legend_ring")), h("li", ringIcon(12, 1, 3), app.t("legend_refusal")),
      hasTrains(app) ? [
        rail(1.5, "legend_rail_1000"), rail(4, "legend_rail_5000"), rail(6.5, "legend_rail_full", true),
        h("li.s77-mut", app.t("legend_schematic")),
      ] : null));
  view.badge.hidden = !app.held;
  if (app.held) setText(view.badge, `${app.held.toUpperCase()} : ${app.label(side)}`);
}

/** The table behind the map: the same values, sortable. */
function openCommuneTable(view) {
  const { app } = view;
  const side = shownSide(app);
  if (!side) return;
  const scale = scaleOf(app, app.state.indicator);
  const moment = momentOf(app, side);
  const values = (name) => readAt(app.sides[name], "commune", scale.indicator.name, moment);
  const [a, b] = [values("a"), values("b")];
  const { communes } = app.boot;
  const rows = communes.name.map((name, row) => ({ name, workers: communes.workers[row], a: a && a[row], b: b && b[row] }));
  const column = (key) => ({ key, label: key.toUpperCase(), numeric: true, text: (row) => valueText(app, scale, row[key]) });
  openDialog(app, `${capital(app.label(scale.indicator))}, ${momentText(app, side)}`, table(app, [
    { key: "name", label: app.t("commune"), lang: "fr" },
    { key: "workers", label: app.t("workers_to_paris"), numeric: true, text: (row) => app.fmt.num(row.workers) },
    a ? column("a") : null, b ? column("b") : null,
  ].filter(Boolean), rows, { caption: mapSentence(view), sortBy: b ? "b" : "a" }), { wide: true });
}
