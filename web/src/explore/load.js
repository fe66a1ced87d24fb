// The load of a line: riders and seats by segment.

import { fill, h, s } from "../core/dom.js";
import { niceCeiling } from "../core/numbers.js";
import { fieldOf, momentOf, railOf, readAt, shownSide, valueAt } from "../state/sides.js";
import { table } from "../widgets/table.js";
import { chartFigure } from "../widgets/dialog.js";
import { moveProfile, profileFrame } from "../charts/profile.js";

/** Lines and branches as [id, label, segments from the outer end to the terminus]. */
function lineProfiles(app) {
  const rail = railOf(app, shownSide(app));
  if (app.profiles && app.profiles.rail === rail && app.profiles.lang === app.lang) return app.profiles.list;
  const groups = new Map();
  rail.forEach((one, row) => {
    const id = one.branch ? `${one.line}/${one.branch}` : one.line;
    if (!groups.has(id)) groups.set(id, []);
    groups.get(id).push(row);
  });
  const list = [...groups].map(([id, rows]) => {
    // The outer end is nobody's inner neighbour within the branch; the longest journey wins.
    const inner = new Set(rows.map((row) => rail[row].inner));
    const outer = rows.filter((row) => !inner.has(row));
    let at = outer.sort((one, two) => rail[two].minutes - rail[one].minutes)[0] ?? rows[0];
    const segments = [];
    while (at >= 0 && at !== undefined && segments.length < 60) {
      segments.push(at);
      at = rail[at].inner;
    }
    const { line, fr, en } = rail[rows[0]];
    // Both ends: a region's lines meet in the same stations.
    const ends = `${rail[segments[0]].from} – ${rail[segments[segments.length - 1]].to}`;
    return { id, line, segments, label: `${fr ? app.label({ fr, en }) : line}, ${ends}` };
  });
  list.sort((one, two) => one.label.localeCompare(two.label, app.lang, { numeric: true }));
  app.profiles = { rail, lang: app.lang, list };
  return list;
}

function chosenProfile(app) {
  const list = lineProfiles(app);
  const place = app.state.place;
  const wanted = place && place.kind === "line" ? list.find((one) => one.id === place.id || one.line === place.id) : null;
  if (wanted) return wanted;
  // The line whose load is among the figures: in Seine-et-Marne R, with which the study began.
  const first = list.filter((one) => app.boot.key_figures.includes(`load_factor_${one.line}`));
  const among = first.length ? first : list;
  const riders = new Map(among.map((one) => [one, mostRiders(app, one)]));
  return among.reduce((best, one) => (riders.get(one) > riders.get(best) || (riders.get(one) === riders.get(best) && one.segments.length > best.segments.length) ? one : best), among[0]);
}

/** The riders of the fullest segment on the first day, 0 before there is a result. */
function mostRiders(app, profile) {
  const side = shownSide(app);
  const field = side && (fieldOf(side, "segment", "peak_riders") || fieldOf(side, "segment_year", "peak_riders"));
  return field ? Math.max(...profile.segments.map((row) => valueAt(field, 0, row) || 0)) : 0;
}

export function buildLoad(column) {
  const { app } = column;
  const svg = s("svg.s77-load", { role: "img" });
  const select = h("select.s77-select.s77-quiet", {
    "aria-label": app.t("line"), onchange: () => app.set({ place: { kind: "line", id: select.value } }),
  });
  const box = h("div.s77-loadbox", svg);
  const el = chartFigure(app, { title: app.t("load_title"), content: box, tools: select, makeTable: () => loadTable(column) });
  return { el, box, svg, select, list: null };
}

/** Riders and seats of the chosen line at the moment, and the riders of A. */
function loadValues(app, side, profile) {
  const moment = momentOf(app, side);
  const rail = railOf(app, side);
  const read = (from, name) => {
    const values = readAt(from, "segment", name, moment);
    const there = railOf(app, from);
    // A line that is new in one scenario is not there, or another one, in the other.
    return profile.segments.map((row) => (values && there[row] && there[row].id === rail[row].id ? values[row] : NaN));
  };
  const a = app.sides.a && app.sides.a !== side ? read(app.sides.a, "peak_riders") : null;
  return { riders: read(side, "peak_riders"), seats: read(side, "seats"), outline: a };
}

/** The frame is made once for a line and a size; frames of playback move its bars only. */
export function showLoad(column, side) {
  const { app, load } = column;
  const profile = chosenProfile(app);
  if (!profile || load.box.clientWidth < 80) return;
  const list = lineProfiles(app);
  if (load.list !== list) fill(load.select, list.map((one) => h("option", { value: one.id }, one.label)));
  load.list = list;
  load.select.selectedIndex = list.indexOf(profile);
  const values = loadValues(app, side, profile);
  const key = `${profile.id}|${load.box.clientWidth}x${load.box.clientHeight}|${side.key}`;
  if (!load.frame || load.frame.key !== key) load.frame = frameLoad(column, side, profile, key);
  moveProfile(load.frame, { ...values, note: fullestText(app, values) });
  if (!app.playing) load.svg.setAttribute("aria-label", loadSentence(app, values, profile));
}

/** The top of the axis holds for the year: bars that rescale say nothing about change. */
function frameLoad(column, side, profile, key) {
  const { app, load } = column;
  const rail = railOf(app, side);
  const most = ["peak_riders", "seats"].flatMap((name) => {
    const field = fieldOf(side, "segment", name) || fieldOf(side, "segment_year", name);
    if (!field) return [0];
    return profile.segments.flatMap((row) => Array.from({ length: field.days }, (_, day) => valueAt(field, day, row) || 0));
  }).reduce((one, two) => Math.max(one, two), 1);
  const top = niceCeiling(most);
  const frame = profileFrame(load.svg, {
    top, segments: profile.segments.map((row) => ({ row, minutes: rail[row].minutes, from: rail[row].from })),
    to: rail[profile.segments[profile.segments.length - 1]].to,
    half: app.t("n_riders", { n: app.fmt.num(top / 2) }), full: app.fmt.num(top), seats: app.t("seats"),
  }, load.box.clientWidth, Math.max(load.box.clientHeight, 80));
  return { key, ...frame };
}

/** How full the fullest segment is; blank where seats are not known. */
function fullestText(app, { riders, seats }) {
  const most = Math.max(...riders.map((value, at) => value / seats[at]).filter(Number.isFinite));
  return Number.isFinite(most) ? app.t("of_seats", { share: app.fmt.pct(most, 0) }) : "";
}

function loadSentence(app, { riders, seats }, profile) {
  const ratios = riders.map((value, at) => value / seats[at]).filter(Number.isFinite);
  return app.t("load_sentence", { line: profile.label, share: app.fmt.pct(Math.max(...ratios, 0), 0) });
}

function loadTable(column) {
  const { app } = column;
  const side = shownSide(app);
  const profile = chosenProfile(app);
  const { riders, seats, outline: a } = loadValues(app, side, profile);
  const rows = profile.segments.map((row, at) => ({ ...railOf(app, side)[row], riders: riders[at], seats: seats[at], a: a && a[at] }));
  const number = (key, label) => ({ key, label, numeric: true, text: (row) => app.fmt.num(row[key]) });
  return table([
    { key: "from", label: app.t("segment"), lang: "fr", text: (row) => `${row.from} – ${row.to}` },
    number("minutes", app.t("minutes_to_terminus")), number("riders", app.t("riders_peak")), number("seats", app.t("seats")),
    ...(a ? [number("a", app.t("riders_in_a"))] : []),
  ], rows, { caption: profile.label });
}
