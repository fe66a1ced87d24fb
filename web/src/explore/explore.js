// Explore: the map of a day under B (or A while its key is held), levers, figures and the year.

import { append, frameOnce, h, later, mounted, setText } from "../core/dom.js";
import { presenceOf } from "../state/comparison.js";
import { dayIndexOf, hasLongZones, momentOf, shownSide } from "../state/sides.js";
import { mountQueue } from "../widgets/queue.js";
import { addLeverSheet, mountLevers } from "../levers/panel.js";
import { mountYear } from "../year/year.js";
import { mountExploreMap } from "./map.js";
import { mountFigures } from "./figures.js";

/** Mount the view in an element; returns {destroy}. */
export function mountExplore(app, el) {
  el.classList.add("s77-explore");
  const title = h("h1", { id: "s77-title", tabindex: "-1" });
  const queue = h("p.s77-queue", { hidden: true });
  const levers = h("aside.s77-lev", { "aria-label": app.t("levers") });
  const map = h("main.s77-mp", { id: "s77-mapplace", "aria-label": app.t("map") });
  const figures = h("section.s77-fig", { id: "s77-figures", "aria-label": app.t("key_figures"), tabindex: "-1" });
  const year = h("section.s77-yr", { id: "s77-year", "aria-label": app.t("year"), tabindex: "-1" });
  append(el, [h("div.s77-ttl", { role: "region", "aria-labelledby": "s77-title" }, title, queue), levers, map, figures, year]);
  const showTitle = frameOnce(() => {
    setText(title, findingText(app));
    // So that the figures below keep their room. By the names of places, which do not change while playing.
    title.classList.toggle("s77-long", hasLongZones(app));
  });
  const say = later(() => app.announce(title.textContent), 400);
  const stops = [
    say.cancel,
    app.on(["sides", "compare", "state:day", "state:by", "held"], showTitle),
    app.on(["sides", "told", "state:by"], say),
    addLeverSheet(app, levers),
  ];
  showTitle();
  const parts = [
    mountLevers(app, levers), mountQueue(app, queue), mountExploreMap(app, map),
    mountFigures(app, figures), mountYear(app, year),
  ];
  return mounted([...stops, ...parts.map((part) => part.destroy)]);
}

/** The finding of the moment on screen, with its number and its denominator. */
function findingText(app) {
  const side = shownSide(app);
  if (!side) return app.t("map_coming");
  const { fmt } = app;
  const { by } = momentOf(app, side);
  const there = presenceOf(app, side);
  if (!Number.isFinite(there.workers)) return app.label(side);
  const [home, telecentre, own] = [there.home, there.telecentre, there.own].map(Math.round);
  const weekday = fmt.weekdayName(side.weekdays[dayIndexOf(app, side)]);
  const text = counted(app, "explore_title", home + telecentre, {
    at: app.t(`explore_at_${by}`, { weekday }), workers: fmt.num(there.workers), zones: app.label(side.zones),
    home: counted(app, "explore_home", home), telecentre: counted(app, "explore_telecentre", telecentre),
    own: own > 0 ? counted(app, "explore_own", own) : "",
  });
  // Nobody may take A, which is there first, for what the levers do.
  return side === app.sides.a && app.held !== "a" ? app.t("explore_until_b", { text }) : text;
}

/** The text for a whole number {n}: in the plural, of one, or of nobody. */
function counted(app, key, n, args = {}) {
  const form = n === 0 ? "_0" : app.fmt.isOne(n) ? "_1" : "";
  return app.t(key + form, { n: app.fmt.num(n), ...args });
}
