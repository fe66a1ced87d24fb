// Explore: the map of a day under B (or A while its key is held), levers, figures and the year.

/** Mount the view in an element; returns {destroy}. */
function mountExplore(app, el) {
  el.classList.add("s77-explore");
  const title = h("h1", { id: "s77-title", tabindex: "-1" });
  const queue = h("p.s77-queue", { hidden: true });
  const levers = h("aside.s77-lev", { "aria-label": app.t("levers") });
  const map = h("main.s77-mp", { id: "s77-mapplace", "aria-label": app.t("map") });
  const figures = h("section.s77-fig", { id: "s77-figures", "aria-label": app.t("key_figures"), tabindex: "-1" });
  const year = h("section.s77-yr", { id: "s77-year", "aria-label": app.t("year"), tabindex: "-1" });
  append(el, [h("div.s77-ttl", { role: "region", "aria-labelledby": "s77-title" }, title, queue), levers, map, figures, year]);
  const showTitle = frameOnce(() => setText(title, findingText(app)));
  const stops = [
    app.on(["sides", "state:day", "state:by", "held"], showTitle),
    app.on(["sides", "told", "state:by"], later(() => app.announce(title.textContent), 400)),
    addLeverSheet(app, levers),
  ];
  setText(title, findingText(app));
  const parts = [
    mountLevers(app, levers), mountQueue(app, queue), mountExploreMap(app, map),
    mountFigures(app, figures), mountYear(app, year),
  ];
  return {
    destroy: () => {
      stops.forEach((stop) => stop());
      parts.forEach((part) => part.destroy());
    },
  };
}

/** The side on screen: B, or A while its key is held or as long as B has not come. */
function shownSide(app) {
  return app.sides[app.held] || app.sides.b || app.sides.a;
}

/** On a phone the levers are a sheet over the page, opened from the play bar. */
function addLeverSheet(app, levers) {
  const close = h("button.s77-btn.s77-sheet-close", { type: "button", onclick: () => toggle(false) }, app.t("close"));
  const toggle = (open) => {
    levers.classList.toggle("s77-open", open);
    if (!open) return;
    levers.prepend(close);
    close.focus();
  };
  levers.addEventListener("keydown", (event) => {
    if (event.key === "Escape") toggle(false);
  });
  return app.on("sheet", () => toggle(!levers.classList.contains("s77-open")));
}

/** The finding of the moment on screen, with its number and its denominator. */
function findingText(app) {
  const side = shownSide(app);
  if (!side) return app.t("map_coming");
  const moment = momentOf(app, side);
  const total = (name) => totalAt(side, name, moment);
  const [workers, home, telecentre, half] = ["workers_at_work", "home", "telecentre", "half"].map(total);
  const { fmt } = app;
  if (!Number.isFinite(workers)) return app.label(side);
  const at = moment.by === "year" ? null : side.weekdays[dayIndexOf(app, side)];
  return app.t(`explore_title_${moment.by}`, {
    weekday: at === null ? "" : fmt.weekdayName(at),
    away: fmt.num(home + telecentre), workers: fmt.num(workers), home: fmt.num(home),
    telecentre: fmt.num(telecentre), half: fmt.num(half),
  });
}

/** Telecentres of a side at a moment, as the rings want them. */
function sitesAt(app, side, moment) {
  const rows = allSites(app, side);
  const [desks, occupied, refusals, open] = ["desks", "occupied", "refusals", "open"]
    .map((name) => readAt(side, "telecentre", name, moment));
  return rows.map((row, at) => {
    // Over a year or typical days, means are of the days on which the site is open.
    const days = open[at] > 0.001 ? open[at] : 1;
    return {
      ...row, desks: (moment.by === "day" && desks[at]) || row.desks || 0,
      share: occupied[at] / days, refusals: refusals[at] / days,
      status: open[at] > 0.001 ? "open" : siteStatus(side, at, moment),
    };
  });
}

/** Sites in the order of the fields: the territory's own, then those opened by hand. */
function allSites(app, side) {
  if (side.sites) return side.sites;
  side.sites = (app.boot.telecentres || []).map((site) => ({ ...site }));
  for (const row of side.telecentres || []) side.sites[row.index] = { ...side.sites[row.index], ...row };
  return side.sites;
}

/** A centre that is not open was closed if it had been open before, else it is only planned. */
function siteStatus(side, at, moment) {
  const field = fieldOf(side, "telecentre", "open");
  if (moment.by !== "day") return "planned";
  for (let day = 0; day < moment.day; day += 1) if (valueAt(field, day, at) > 0) return "closed";
  return "planned";
}
