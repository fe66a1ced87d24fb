// Explore: the map of a day under B (or A while its key is held), levers, figures and the year.

import { append, frameOnce, h, later, mounted, setText } from "../core/dom.js";
import { dayIndexOf, momentOf, shownSide, totalAt } from "../state/sides.js";
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
  return mounted([...stops, ...parts.map((part) => part.destroy)]);
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
