// What a map says of a place in a tooltip, and what a click on it offers.

import { h } from "../core/dom.js";
import { lineName, momentOf, railOf, readAt, shownSide } from "../state/sides.js";
import { scaleOf, valueText } from "../state/scales.js";
import { fewRows, levelsAt } from "../state/comparison.js";
import { siteLabel, sitesAt } from "../state/places.js";
import { closeMenu, openMenu } from "../widgets/menu.js";
import { tipLine } from "./pointer.js";

export function describePlace(app, side, kind, index) {
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
    const values = levelsAt(app, app.sides[name], scale.indicator.name, moment);
    return values ? tipLine(app.sides.a ? name.toUpperCase() : "", valueText(app, scale, values[row])) : null;
  });
  return [
    h("b", { lang: "fr" }, communes.name[row]),
    h("p.s77-small", app.label(scale.indicator)), ...lines,
    fewRows(app).includes(row) ? h("p.s77-small", `▨ ${app.t("cmp_few")}`) : null,
    communes.workers[row] ? tipLine(app.t("workers_living_here"), app.fmt.num(communes.workers[row])) : h("p", app.t("no_worker")),
  ].filter(Boolean);
}

export function describeSite(app, site) {
  const { fmt } = app;
  if (!site) return [];
  if (site.status !== "open") return [h("b", { lang: "fr" }, siteLabel(app, site)), h("p", app.t(`site_${site.status}`))];
  return [
    h("b", { lang: "fr" }, siteLabel(app, site)),
    tipLine(app.t("desks"), fmt.num(site.desks)),
    ...(app.boot.few_desks ? [] : [tipLine(app.t("occupied"), fmt.pct(site.share, 0)), tipLine(app.t("refusals"), fmt.num(site.refusals))]),
  ];
}

function describeSegment(app, side, row, moment) {
  const rail = railOf(app, side)[row];
  const at = (name) => (readAt(side, "segment", name, moment) || [])[row];
  return [
    h("b", lineName(app, rail)), h("p", { lang: "fr" }, `${rail.from} – ${rail.to}`),
    tipLine(app.t("riders_peak"), app.fmt.num(at("peak_riders"))), tipLine(app.t("seats"), app.fmt.num(at("seats"))),
  ];
}

/** A click offers what can be done there; lines change the load profile at once. */
export function pickPlace(view, kind, index, point) {
  const { app, map } = view;
  if (kind === "segment") {
    const { line, branch } = railOf(app, shownSide(app))[index];
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
  openMenu(app, view.el, point, h("span", { lang: "fr" }, siteLabel(app, site)), describeSite(app, site).slice(1),
    app.stored ? null : h("button.s77-btn.s77-pri", { type: "button", onclick: toggle }, app.t(toOpen ? "site_open" : isClosed ? "site_reopen" : "site_close")),
    app.stored ? null : h("button.s77-btn", { type: "button", onclick: () => goWhy(app, { kind: "telecentre", id: site.id }) }, app.t("why_here")));
}

function goWhy(app, place) {
  closeMenu(app, false);
  app.set({ place, view: "why" });
}
