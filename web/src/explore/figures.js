// The column of figures: where people work, key figures with doubt, telecentres.

import { fill, frameOnce, h, isNarrow, mounted, onResize, setText } from "../core/dom.js";
import { NBSP } from "../core/format.js";
import { capital, endsApart } from "../core/words.js";
import { decimalsFor, FINEST, numberOf } from "../core/numbers.js";
import { hasLongZones, hasTrains, momentOf, railOf, shownSide } from "../state/sides.js";
import { unitText } from "../state/scales.js";
import { communeName, siteCalled, siteLabel, sitesAt } from "../state/places.js";
import { isProvisional, levelOf, presenceOf } from "../state/comparison.js";
import { table } from "../widgets/table.js";
import { chartFigure } from "../widgets/dialog.js";
import { rangeMark } from "../charts/marks.js";
import { ringIcon } from "../map/rings.js";
import { buildLoad, showLoad } from "./load.js";

const PLANS = ["office", "home", "telecentre", "half"];

/** Letters of the names of A and B that have room on one line with what else is there. */
const MOST_NAMES = 45;

/** Telecentres listed in a notebook, where a panel is as high as what it holds. */
const MOST_STORED = 12;

/** Mount the column in an element; returns {destroy}. */
export function mountFigures(app, el) {
  const column = { app, el };
  column.plan = buildPlan(app);
  column.head = h("h3.s77-kfhead");
  column.keys = h("div.s77-kf");
  column.caption = h("p.s77-cap");
  column.load = buildLoad(column);
  column.sites = buildSites(column);
  const two = h("div.s77-two", hasTrains(app) ? column.load.el : null, column.sites.el);
  fill(el, column.plan.el, column.head, column.keys, column.caption, two);
  const moment = () => {
    const side = shownSide(app);
    if (!side) return;
    // A territory may have no trains, and a scenario its first line.
    column.load.el.hidden = !railOf(app, side).length;
    showPlan(app, column.plan, side);
    showLoad(column, side);
    showSites(column, side);
  };
  // While playing, numbers nobody can read 20 times a second follow at 8 a second.
  let drawn = 0;
  const follow = frameOnce(() => {
    const now = performance.now();
    if (app.playing && now - drawn < 120) return;
    drawn = now;
    moment();
  });
  const stops = [
    app.on(["sides", "compare", "state:day", "state:by", "held", "state:place", "playing"], follow),
    // The mean over all draws comes with the comparison, after the runs of the first.
    app.on(["sides", "compare", "phase"], () => showKeyFigures(column)),
  ];
  // Charts are drawn when their size is known: asking for it here would cost a layout of the page.
  stops.push(onResize(column.load.box, () => {
    column.load.frame = null;
    moment();
  }));
  showKeyFigures(column);
  if (shownSide(app)) showPlan(app, column.plan, shownSide(app));
  return mounted(stops);
}

// Where people work ------------------------------------------------------------------------------

function buildPlan(app) {
  const bars = PLANS.map((plan) => h("i", { class: `s77-${plan}` }));
  const items = PLANS.map(() => ({ count: h("b"), share: h("span.s77-mut") }));
  const bar = h("div.s77-pbar", { role: "img" }, bars);
  const heading = h("h3");
  const list = h("div.s77-pl", PLANS.map((plan, at) => h("div",
    h("span.s77-sw", { class: `s77-${plan}` }), app.t(`plan_${plan}`), h("br"), items[at].count, " ", items[at].share)));
  const users = h("p.s77-small");
  return { el: h("div.s77-plan", heading, bar, list, users), bar, bars, items, heading, users };
}

/** Shares keep their true width: 0.3 % is two pixels, and is named below. */
function showPlan(app, plan, side) {
  const there = presenceOf(app, side);
  const counts = PLANS.map((name) => there[name]);
  const total = counts.reduce((sum, one) => sum + (one || 0), 0);
  const { fmt } = app;
  // The title has the names of places too: a long list of them is not said twice.
  setText(plan.heading, app.t(hasLongZones(app) ? "plan_heading_short" : "plan_heading", { n: fmt.num(total), zones: app.label(side.zones) }));
  plan.users.hidden = !(there.own >= 0.5);
  setText(plan.users, app.t("plan_users", { users: fmt.num(there.users), own: fmt.num(there.own) }));
  counts.forEach((count, at) => {
    const share = total ? count / total : 0;
    plan.bars[at].style.flex = `${Math.max(share, 0).toFixed(5)} 0 ${share > 0 ? "1px" : "0"}`;
    setText(plan.items[at].count, countText(fmt, count));
    const text = shareText(fmt, count, total);
    // In parentheses: "3 < 0.01%" would read as an inequality.
    setText(plan.items[at].share, text && `(${text})`);
  });
  if (!app.playing) {
    plan.bar.setAttribute("aria-label", PLANS.map((name, at) => `${app.t(`plan_${name}`)} ${shareText(fmt, counts[at], total) || countText(fmt, counts[at])}`).join(", "));
  }
}

/** Over many days, less than half a person is not nobody. */
function countText(fmt, count) {
  return count > 0 && count < 0.5 ? `<${NBSP}1` : fmt.num(count);
}

/** Below this a share says how small it is, not how many decimals a number can have. */
const LEAST_SHARE = 0.0001;

/** A share with one decimal, or so many that a small one is not nothing; that of nobody says no more. */
function shareText(fmt, count, total) {
  if (count < 0.5) return "";
  const share = count / total;
  if (share < LEAST_SHARE) return `<${NBSP}${fmt.pct(LEAST_SHARE, 2)}`;
  return fmt.pct(share, Math.max(1, decimalsFor(100 * share, FINEST, 2)));
}

// Key figures ------------------------------------------------------------------------------------

function showKeyFigures(column) {
  const { app } = column;
  const names = app.boot.key_figures;
  fill(column.keys, names.map((name) => keyFigure(app, { name, ...(app.boot.labels || {})[name] })));
  const b = app.sides.b;
  const n = levelOf(app, "b", names[0]).n;
  const soon = isProvisional(app);
  // Beside the map of a day they stay those of the period, and say so first.
  setText(column.head, b ? app.t(`figures_head${soon ? "_soon" : ""}${n > 1 ? "" : "_1"}`, { days: app.fmt.num(b.days.length), n: app.fmt.num(n) }) : "");
  const named = ["a", "b"].map((side) => app.label(app.sides[side] || {}));
  // The names stand beside the levers: what takes two lines here would push the tables off a small screen.
  const [nameA, nameB] = named.map((name) => (named.join("").length > MOST_NAMES ? "" : ` (${name})`));
  setText(column.caption, b && app.sides.a ? app.t(n > 1 ? "figures_caption" : soon ? "figures_caption_1" : "figures_caption_only", { a: nameA, b: nameB }) : "");
}

function keyFigure(app, told) {
  const b = levelOf(app, app.sides.b ? "b" : "a", told.name);
  const a = levelOf(app, "a", told.name);
  const shown = figureUnit(app, told, b.value);
  const values = [b.value, b.low, b.high, a.value].map((one) => (Number.isFinite(one) ? one * shown.factor : NaN));
  // As many as the interval bears, no more: what B changes is told by Compare, in figures of its own.
  const half = (values[2] - values[1]) / 2;
  const decimals = Math.max(decimalsFor(values[0], 2, 3), Number.isFinite(half) ? decimalsFor(half, 2, 1) : 0);
  return h("div.s77-k", h("p", capital(app.label(told))),
    h("div.s77-r",
      h("div.s77-v", app.fmt.num(values[0], decimals), h("small", shown.unit ? ` ${shown.unit}` : "")),
      Number.isFinite(values[0])
        ? rangeMark(app.fmt, { value: values[0], low: values[1], high: values[2], a: values[3], decimals }) : null));
}

/** Shares in percent, tonnes above 10,000 kg: numbers a room can hold. */
function figureUnit(app, told, value) {
  const unit = told.unit || "";
  if (unit === "share" || /^load_factor/.test(told.name)) return { factor: 100, unit: "%" };
  if (/^kg/.test(unit) && Math.abs(value) > 10000) return { factor: 0.001, unit: app.t("unit_t_a_day") };
  return { factor: 1, unit: unitText(app, unit) };
}

// Telecentres -------------------------------------------------------------------------------------

function buildSites(column) {
  const { app } = column;
  const box = h("div.s77-sitebox");
  const el = chartFigure(app, { title: app.t("telecentres"), content: box, makeTable: () => h("div", siteTable(app, shownSide(app), Infinity), scopeNote(app, shownSide(app))) });
  return { el, box, rows: 6 };
}

/** During playback only the cells change; the rows and their order stay until it stops. */
function showSites(column, side) {
  const { app, sites } = column;
  const key = `${side.key}|${app.lang}`;
  if (app.playing && sites.key === key) return;
  sites.key = key;
  // Rows are as high as the letters of the page, which grow with the window.
  const letter = parseFloat(getComputedStyle(sites.box).fontSize) || 14;
  const note = scopeNote(app, side);
  const above = (note ? 5 : 1.85) * letter;
  const room = Math.max(1, Math.floor((sites.box.clientHeight - above) / (1.7 * letter)) || 6);
  fill(sites.box, siteTable(app, side, app.stored ? MOST_STORED : isNarrow(app) ? 8 : room), note);
}

/** Say how many of those who would want a desk are simulated, if not all are. */
function scopeNote(app, side) {
  const share = numberOf(side.share_in_scope);
  return share < 1 ? h("p.s77-small", app.t("scope_desks", { share: app.fmt.pct(share, 0) })) : null;
}

/** A column is narrow: a site is named by its town where no other is there, in full on hovering. */
function shortName(app, site, sites) {
  const { communes } = app.boot;
  const alone = sites.filter((other) => other.commune === site.commune).length === 1;
  return alone && communes.code.includes(site.commune) ? communeName(communes, site.commune) : siteCalled(app, site).replace(/ \(.*\)$/, "");
}

function isRefusing(site) {
  return site.refusals >= 0.5;
}

function siteTable(app, side, most) {
  const { fmt } = app;
  const all = sitesAt(app, side, momentOf(app, side)).filter((site) => site.status === "open");
  const rows = [...all].sort((one, two) => two.refusals - one.refusals || two.share - one.share).slice(0, most);
  // Revenue and cost are amounts; what is left of them has a sign.
  const money = (value, write) => (Number.isFinite(value) ? write(value / 1000) : "–");
  // A column is narrow: names have the room of refusals where there are none, else that of desks.
  const full = most === Infinity, refusing = rows.some(isRefusing);
  const short = new Map(endsApart(rows.map((row) => shortName(app, row, all))).map((name, at) => [rows[at], name]));
  const account = (key, label, write = fmt.num) => ({ key, label, numeric: true, plain: !full, text: (row) => money(row[key], write) });
  const columns = [
    { key: "name", label: app.t("site"), lang: "fr", plain: !full, node: (row) => h("span.s77-sitename", { title: siteLabel(app, row) }, ringIcon(20, row.share), full ? siteLabel(app, row) : short.get(row)) },
    ...(full || !refusing ? [{ key: "desks", label: app.t("desks"), numeric: true, plain: !full, text: (row) => fmt.num(row.desks) }] : []),
    ...(app.boot.few_desks ? [] : [
      { key: "share", label: app.t("occupied"), numeric: true, plain: !full, text: (row) => fmt.pct(row.share, 0) },
      ...(full || refusing ? [{ key: "refusals", label: app.t("refusals_short"), numeric: true, plain: !full, text: (row) => (isRefusing(row) ? `▲ ${fmt.num(row.refusals)}` : "–") }] : []),
      ...(full ? [account("revenue_eur", app.t("revenue_keur")), account("cost_eur", app.t("cost_keur"))] : []),
      ...(all.some((row) => Number.isFinite(row.margin_eur)) ? [account("margin_eur", app.t(full ? "keur_a_year" : "keur_a_year_short"), fmt.signed)] : []),
    ]),
  ];
  if (!rows.length) return h("p.s77-small", app.t("no_telecentre_open"));
  return table(columns, rows, { caption: app.t("telecentres") });
}
