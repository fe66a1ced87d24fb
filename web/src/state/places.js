// Communes and telecentres: names, the sites of a side at a moment.

import { fieldOf, readAt, valueAt } from "./sides.js";

/** The département without Paris: three maps side by side have no room for the road there. */
export function territoryFrame(app) {
  const { x, y } = app.boot.communes;
  const pad = 34;
  const [left, top] = [Math.min(...x) - pad, Math.min(...y) - pad];
  return [left, top, Math.max(...x) + pad - left, Math.max(...y) + pad - top];
}

/** Telecentres of a side at a moment, as the rings want them. */
export function sitesAt(app, side, moment) {
  const rows = allSites(app, side);
  const [desks, occupied, refusals, open] = ["desks", "occupied", "refusals", "open"]
    .map((name) => readAt(side, "telecentre", name, moment));
  return rows.map((row, at) => {
    // Over a year or typical days, means are of the days on which the site is open.
    const days = open[at] > 0.001 ? open[at] : 1;
    return {
      ...row, desks: (moment.by === "day" && desks[at]) || row.desks || 0,
      // A small sample says nothing of single desks.
      share: app.boot.few_desks ? 0 : occupied[at] / days, refusals: app.boot.few_desks ? 0 : refusals[at] / days,
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

/** The name of a telecentre of the territory, or of one that a side's scenario opens; its id if neither is known. */
export function siteName(app, id) {
  const { b, a } = app.sides || {};
  const known = [app.boot, b, a].flatMap((from) => (from && from.telecentres) || []);
  return siteLabel(app, known.find((site) => site.id === id) || { name: id });
}

/** The name of a telecentre, which may differ by language. */
export function siteCalled(app, site) {
  const own = (app.boot.site_names || {})[site.id];
  return app.label(own || { fr: site.name, en: site.name });
}

/** The name of a telecentre, and that its site is assumed where it is. */
export function siteLabel(app, site) {
  return site.assumed ? `${siteCalled(app, site)} (${app.t("site_assumed")})` : siteCalled(app, site);
}

export function communeName(communes, code) {
  const row = communes.code.indexOf(code);
  return row < 0 ? code : communes.name[row];
}
