// What a map says of a place in a tooltip, and what a click on it offers.

import { fill, frameOnce, h } from "../core/dom.js";
import { lineName, momentOf, railOf, readAt, shownSide } from "../state/sides.js";
import { scaleOf, valueText } from "../state/scales.js";
import { fewRows, levelDraws, levelsAt } from "../state/comparison.js";
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
  const sides = ["b", "a"].filter((name) => app.sides[name]);
  // No finer than the classes of the map: the few who live in a commune bear no more.
  const level = { ...scale, decimals: scale.breakDecimals };
  const lines = sides.map((name) => {
    const values = levelsAt(app, app.sides[name], scale.indicator.name, moment);
    return values ? tipLine(app.sides.a ? name.toUpperCase() : "", valueText(app, level, values[row])) : null;
  });
  const n = Math.min(...sides.map((name) => levelDraws(app, app.sides[name], scale.indicator.name, moment)));
  return [
    h("b", { lang: "fr" }, communes.name[row]),
    h("p.s77-small", [app.label(scale.indicator), app.t(n > 1 ? "mean_of_draws" : "mean_of_draws_1", { n: app.fmt.num(n) })].join(", ")), ...lines,
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

/** What a card says, and what it offers, as they are now: levers and new figures change both under it. */
function openCard(view, point, title, facts, actions) {
  const { app } = view;
  const [above, below] = [h("div.s77-menu-part"), h("div.s77-menu-part")];
  const tell = () => fill(above, facts());
  const offer = () => {
    const focused = below.contains(document.activeElement) ? document.activeElement : null;
    fill(below, app.stored ? null : actions());
    if (focused) (focused.isConnected ? focused : below.querySelector("button")).focus();
  };
  tell();
  offer();
  openMenu(app, view.el, point, h("span", { lang: "fr" }, title), [above, below], [
    app.on(["sides", "compare", "held", "state:day", "state:by", "state:indicator"], frameOnce(tell)),
    app.on(["sides", "state:sites", "state:day", "state:by"], frameOnce(offer)),
  ]);
}

function whyButton(app, place) {
  return h("button.s77-btn", { type: "button", onclick: () => goWhy(app, place) }, app.t("why_here"));
}

/** The sites opened and closed by hand. */
function byHand(app) {
  return { opened: [], closed: [], ...app.state.sites };
}

function setSites(app, sites) {
  app.set({ sites });
  closeMenu(app);
}

function communeMenu(view, row, point) {
  const { app } = view;
  const code = app.boot.communes.code[row];
  const desks = h("select.s77-select", { "aria-label": app.t("desks") },
    [6, 12, 20, 40, 100].map((n) => h("option", { value: n, selected: n === 20 }, app.t("n_desks", { n }))));
  const facts = () => {
    const side = shownSide(app);
    return side ? describeCommune(app, row, momentOf(app, side)).slice(1) : null;
  };
  const actions = () => {
    const { opened, closed } = byHand(app);
    const isHere = (site) => site.commune === code;
    const change = opened.some(isHere)
      ? h("button.s77-btn.s77-pri", { type: "button", onclick: () => setSites(app, { opened: byHand(app).opened.filter((site) => !isHere(site)), closed }) }, app.t("site_close"))
      : h("div.s77-menu-row", h("button.s77-btn.s77-pri", {
        type: "button", onclick: () => setSites(app, { opened: [...byHand(app).opened, { commune: code, desks: Number(desks.value) }], closed }),
      }, app.t("open_here")), desks);
    return [change, whyButton(app, { kind: "commune", id: code })];
  };
  openCard(view, point, app.boot.communes.name[row], facts, actions);
}

function siteMenu(view, { id }, point) {
  const { app, map } = view;
  let last = (map.sites || []).find((site) => site.id === id);
  // A site that is taken away while its card is open stays what it last was.
  const now = () => (last = (map.sites || []).find((site) => site.id === id) || last);
  const isThis = (site) => (site.id || `new-${site.commune}`) === id;
  const actions = () => {
    const { opened, closed } = byHand(app);
    const { status, desks } = now();
    const isClosed = closed.includes(id), isOpened = opened.some(isThis);
    const toOpen = status === "planned" && !isClosed && !isOpened;
    const others = closed.filter((one) => one !== id);
    const toggle = () => setSites(app, toOpen ? { opened: [...opened, { id, desks }], closed: others }
      : { opened: opened.filter((site) => !isThis(site)), closed: isClosed || isOpened ? others : [...others, id] });
    return [
      h("button.s77-btn.s77-pri", { type: "button", onclick: toggle }, app.t(toOpen ? "site_open" : isClosed ? "site_reopen" : "site_close")),
      whyButton(app, { kind: "telecentre", id }),
    ];
  };
  openCard(view, point, siteLabel(app, now()), () => describeSite(app, now()).slice(1), actions);
}

function goWhy(app, place) {
  closeMenu(app, false);
  app.set({ place, view: "why" });
}
