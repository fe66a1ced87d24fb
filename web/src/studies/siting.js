// A search for sites: the map of what a centre would bring, the plans compared, the sites.

import { fill, h } from "../core/dom.js";
import { decimalsApart, decimalsFor, decimalsOf, effectDecimals, niceCeiling } from "../core/numbers.js";
import { siteLabel } from "../state/places.js";
import { classesOf } from "../state/scales.js";
import { table } from "../widgets/table.js";
import { chartFigure, openDialog } from "../widgets/dialog.js";
import { bars } from "../charts/bars.js";
import { legendScale } from "../charts/legend.js";
import { createMap } from "../map/map.js";
import { tipLine } from "../map/pointer.js";
import { ringIcon } from "../map/rings.js";
import { plainNumbers } from "./points.js";

const MEASURES_OF_CANDIDATES = ["surplus_eur", "use", "minutes"];

export function showSiting(view) {
  const { app, study } = view;
  view.plan = study.plans[0].plan;
  view.measure = MEASURES_OF_CANDIDATES[0];
  const measure = h("select.s77-select", { "aria-label": app.t("stu_candidates"), onchange: () => { view.measure = measure.value; paintSiting(view); } },
    MEASURES_OF_CANDIDATES.map((name) => h("option", { value: name }, app.t(`stu_alone_${name}`))));
  view.map = createMap(app, {
    context: true, label: () => app.label(study.title),
    describe: (kind, index) => describeCandidate(view, kind, index),
    pick: (kind, index) => kind === "commune" && app.set({ place: { kind, id: app.boot.communes.code[index] } }),
  });
  view.legend = h("div.s77-sitelegend");
  view.planList = h("ul.s77-planlist", { "aria-label": app.t("stu_plans") });
  fill(view.side, h("h2", app.t("stu_plans")), h("p.s77-small", app.t("stu_plans_note", { measure: app.label(study.measure), unit: app.label(study.unit) })), view.planList);
  fill(view.main, h("div.s77-scatterhead", h("label", h("span.s77-small", app.t("stu_candidates")), measure), view.legend), h("div.s77-mapplace", { id: "s77-mapplace" }, view.map.el));
  view.openTable = () => openDialog(app, app.t("stu_sites"), sitesTable(view, true), { wide: true });
  fill(view.reasons, sitingFigures(view));
  showPlans(view);
  paintSiting(view);
}

function planOf(view) {
  return view.study.plans.find((one) => one.plan === view.plan);
}

/** The plans as buttons, with their gain and its interval; random networks as one, the best. */
function showPlans(view) {
  const { app, study } = view;
  const decimals = gainDecimals(study);
  const drawn = study.plans.filter((one) => one.kind === "random");
  const best = [...drawn].sort((one, two) => two.value - one.value)[0];
  const shown = study.plans.filter((one) => one.kind !== "random" || one === best);
  fill(view.planList, shown.map((one) => h("li", h("button", {
    type: "button", dataset: { plan: one.plan }, "aria-pressed": String(one.plan === view.plan),
    onclick: () => { view.plan = one.plan; showPlans(view); paintSiting(view); },
  }, h("span", one === best ? app.t("stu_best_random", { n: app.fmt.num(drawn.length) }) : app.label(one)),
  h("b", app.fmt.signed(one.value, decimals)), h("span.s77-small", Number.isFinite(one.low) ? app.fmt.interval(one.low, one.high, decimals, true) : "")))));
}

function gainDecimals(study) {
  const [kept] = study.plans;
  const values = study.plans.map((one) => one.value);
  return decimalsApart(values, effectDecimals(kept.value, numberOr(kept.low), numberOr(kept.high)));
}

function numberOr(value) {
  return Number.isFinite(value) ? value : NaN;
}

function candidateValues(view) {
  const { app, study, measure } = view;
  const known = new Map(study.candidates.code.map((code, at) => [code, study.candidates[measure][at]]));
  return Float32Array.from(app.boot.communes.code, (code) => numberOr(known.get(code)));
}

/** Six classes of the candidates' own values, at round numbers. */
function candidateScale(values, unit) {
  const sorted = [...values].filter(Number.isFinite).sort((one, two) => one - two);
  const top = sorted.length ? sorted[Math.floor(0.98 * (sorted.length - 1))] : 1;
  const step = niceCeiling(Math.max(top, 1e-9) / 6);
  const breaks = [1, 2, 3, 4, 5].map((times) => Number((times * step).toPrecision(6)));
  return { breaks, shown: breaks, classes: 6, prefix: "s77-q", factor: 1, unit, decimals: decimalsOf(breaks), breakDecimals: decimalsOf(breaks), difference: false };
}

function paintSiting(view) {
  const { app, study, map } = view;
  view.values = candidateValues(view);
  const scale = candidateScale(view.values, app.t(`stu_alone_unit_${view.measure}`));
  map.paint(classesOf(scale, view.values), "s77-q");
  map.paintRails(new Float32Array((app.boot.rail || []).length));
  map.paintRings(sitesOnMap(view));
  fill(view.legend, legendScale(app.fmt, scale),
    h("p.s77-small.s77-ringkey", ringIcon(20, 1), app.t("stu_new_site")), study.sites.some((one) => !one.new) ? h("p.s77-small.s77-ringkey", ringIcon(6, 0, 0, "planned"), app.t("stu_old_site")) : null);
}

/** The sites of the chosen plan with their rank, and the telecentres that are there already. */
function sitesOnMap(view) {
  const { app, study } = view;
  const { communes } = app.boot;
  const recommended = view.plan === study.plans[0].plan;
  const known = new Map(study.sites.map((one) => [one.commune, one]));
  const fresh = planOf(view).sites.map((site) => {
    const row = communes.code.indexOf(site.commune);
    const own = recommended ? known.get(site.commune) : null;
    return row < 0 ? null : { id: `new-${site.commune}`, name: site.name, x: communes.x[row], y: communes.y[row], desks: site.desks, share: own ? own.share_occupied : 1, refusals: own ? own.refusals : 0, status: "open", number: own ? own.rank : "", site: own };
  }).filter(Boolean);
  const old = study.sites.filter((one) => !one.new).map((one) => ({ id: one.id, name: siteLabel(app, one), x: one.x, y: one.y, desks: one.desks, share: 0, refusals: 0, status: "planned", site: one }));
  return [...fresh, ...old];
}

function describeCandidate(view, kind, index) {
  const { app, study, map } = view;
  if (kind === "telecentre") {
    const { name, desks, site } = map.sites[index];
    return [h("b", { lang: "fr" }, site && site.rank ? `${site.rank}. ${name}` : name), tipLine(app.t("desks"), app.fmt.num(desks)),
      ...(site ? [tipLine(app.t("stu_users"), app.fmt.num(site.users, 1)), tipLine(app.t("stu_refusals"), app.fmt.num(site.refusals, 1)), tipLine(app.t("stu_margin"), app.fmt.withUnit(site.margin_eur_per_year, "€"))] : [])];
  }
  if (kind !== "commune") return [];
  const at = study.candidates.code.indexOf(app.boot.communes.code[index]);
  return [h("b", { lang: "fr" }, app.boot.communes.name[index]),
    ...(at < 0 ? [h("p.s77-small", app.t("stu_no_candidate"))] : MEASURES_OF_CANDIDATES.map((name) => tipLine(app.t(`stu_alone_${name}`), app.fmt.withUnit(study.candidates[name][at], app.t(`stu_alone_unit_${name}`), decimalsFor(study.candidates[name][at], 2, 3)))))];
}

// The right column ----------------------------------------------------------------------------------

function sitingFigures(view) {
  const { app, study } = view;
  return [
    chartFigure(app, { title: app.t("stu_plans_gain", { measure: app.label(study.measure), unit: app.label(study.unit) }), content: h("div.s77-figbody", plansChart(view), app.label(study.sentences).map((text) => h("p.s77-small", text))), makeTable: () => plansTable(view), className: "s77-plansfig" }),
    chartFigure(app, { title: app.t("stu_sites"), content: h("div.s77-figbody", sitesTable(view, false)), makeTable: () => sitesTable(view, true), className: "s77-sites" }),
    h("figure.s77-figure", h("h3", app.t("stu_gains")), gainsTable(view)),
    study.regret.length ? h("figure.s77-figure", h("h3", app.t("stu_head_regret")), h("p.s77-small", app.t("stu_regret_draws", { n: app.fmt.num(study.regret[0].draws), unit: app.label(study.unit) })), regretOfPlans(view)) : null,
  ];
}

/** A dot and its interval a plan, on one scale; random networks are one row of dots. */
function plansChart(view) {
  const { app, study } = view;
  const decimals = gainDecimals(study);
  const main = study.plans.filter((one) => !["random", "runner-up"].includes(one.kind));
  const drawn = study.plans.filter((one) => one.kind === "random");
  const mean = drawn.reduce((sum, one) => sum + one.value, 0) / (drawn.length || 1);
  const rows = main.map((one) => ({
    label: app.label(one), marks: [{ kind: "whisker", from: one.low, to: one.high }, { kind: "dot", from: one.value }],
    value: app.fmt.signed(one.value, decimals) + (Number.isFinite(one.low) ? ` (${app.fmt.interval(one.low, one.high, decimals, true)})` : ""),
  }));
  const random = {
    label: app.t("stu_randoms", { n: app.fmt.num(drawn.length) }), value: app.t("stu_mean_of", { value: app.fmt.signed(mean, decimals) }),
    marks: drawn.map((one) => ({ kind: "drawn", from: one.value })),
  };
  return bars(drawn.length ? [...rows, random] : rows, "s77-planbars");
}

function plansTable(view) {
  const { app, study } = view;
  const decimals = gainDecimals(study);
  const label = (one) => app.label(one);
  const range = (one) => (Number.isFinite(one.low) ? app.fmt.interval(one.low, one.high, decimals, true) : "–");
  return table([{ key: "plan", label: app.t("stu_plan"), text: label, sort: label }, { key: "value", label: `${app.label(study.measure)}, ${app.label(study.unit)}`, numeric: true, text: (one) => app.fmt.signed(one.value, decimals) },
    { key: "low", label: app.t("cmp_interval"), numeric: true, text: range }, { key: "behind", label: app.t("stu_behind"), numeric: true, sort: (one) => -one.behind.value, text: (one) => app.fmt.signed(-one.behind.value, decimals) },
    { key: "cost", label: app.t("stu_cost"), numeric: true, text: (one) => app.fmt.num(one.cost) }, { key: "desks", label: app.t("desks"), numeric: true, text: (one) => app.fmt.num(one.desks) },
    { key: "sites", label: app.t("stu_places"), plain: true, lang: "fr", text: (one) => one.sites.map((site) => `${site.name} (${site.desks})`).join(", ") }], study.plans, { caption: app.t("stu_plans"), sortBy: "value" });
}

function sitesTable(view, whole) {
  const { app, study } = view;
  const rows = whole ? study.sites : study.sites.filter((one) => one.new);
  const number = (key, decimals = 0) => (one) => app.fmt.num(one[key], decimals);
  const name = (one) => (one.rank ? `${one.rank}. ${one.name}` : siteLabel(app, one));
  return table([
    { key: "name", label: app.t("commune"), lang: "fr", text: name, sort: (one) => one.name }, { key: "desks", label: app.t("desks"), numeric: true, text: number("desks") },
    { key: "users", label: app.t("stu_users"), numeric: true, text: number("users", 1) }, { key: "refusals", label: app.t("stu_refusals"), numeric: true, text: number("refusals", 1) },
    { key: "share_occupied", label: app.t("stu_occupied"), numeric: true, text: (one) => app.fmt.pct(one.share_occupied, 0) }, { key: "margin_eur_per_year", label: app.t("stu_margin_year"), numeric: true, text: number("margin_eur_per_year") },
    ...(whole ? [{ key: "years_to_closing", label: app.t("stu_years"), numeric: true, sort: (one) => one.years_to_closing ?? Infinity, text: (one) => (one.years_to_closing === null ? app.t("stu_never") : app.fmt.num(one.years_to_closing, 1)) }] : []),
  ], rows, { caption: app.t("stu_sites"), sortBy: "users" });
}

function gainsTable(view) {
  const { app, study } = view;
  const text = (one) => {
    const decimals = effectDecimals(one.value, numberOr(one.low), numberOr(one.high));
    return [app.fmt.signed(one.value, decimals), Number.isFinite(one.low) ? app.fmt.interval(one.low, one.high, decimals, true) : "–"];
  };
  return table([{ key: "name", label: app.t("stu_change"), text: (one) => `${app.label(one)}${app.label(one.unit) ? `, ${app.label(one.unit)}` : ""}`, sort: (one) => app.label(one) },
    { key: "value", label: app.t("stu_mean"), numeric: true, text: (one) => text(one)[0] }, { key: "low", label: app.t("cmp_interval"), numeric: true, text: (one) => text(one)[1] }], study.gains, { caption: app.t("stu_gains") });
}

function regretOfPlans(view) {
  const { app, study } = view;
  const decimals = decimalsFor(Math.max(...study.regret.map((one) => one.most)), 2, 2);
  return table([{ key: "plan", label: app.t("stu_plan"), text: (one) => app.label(one), sort: (one) => app.label(one) }, { key: "most", label: app.t("stu_max_regret"), numeric: true, text: (one) => app.fmt.num(one.most, decimals) },
    { key: "mean", label: app.t("stu_mean_regret"), numeric: true, text: (one) => app.fmt.num(one.mean, decimals) }, { key: "best", label: app.t("stu_best_in"), numeric: true, text: (one) => app.fmt.pct(one.best / one.draws, 0) }], study.regret, { caption: app.t("stu_head_regret"), sortBy: "most", descending: false });
}

/** The tables of a search as plain rows, for files. */
export function sitingTables(view) {
  const { app, study } = view;
  const named = (name, rows) => ({ name, label: app.t(`exp_csv_${name}`), rows });
  return [
    named("plans", study.plans.map((one) => ({ plan: one.plan, kind: one.kind, gain: one.value, low: one.low, high: one.high, behind: one.behind.value, cost_eur_per_year: one.cost, desks: one.desks, sites: one.sites.map((site) => `${site.commune}:${site.desks}`).join(" ") }))),
    named("sites", study.sites.map(({ id, commune, name, new: fresh, ...rest }) => ({ telecentre_id: id, commune_code: commune, name, new: fresh, ...plainNumbers(rest) }))),
    named("candidates", study.candidates.code.map((code, at) => ({ commune_code: code, name: study.candidates.name[at], ...Object.fromEntries(MEASURES_OF_CANDIDATES.map((key) => [key, study.candidates[key][at]])), cost_least_eur_per_year: study.candidates.cost_least[at] }))),
  ];
}
