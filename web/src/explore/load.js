// The load of a line: riders and seats by segment.

import { fill, h, s, setText } from "../core/dom.js";
import { clamp, niceCeiling } from "../core/numbers.js";
import { fieldOf, momentOf, readAt, shownSide, valueAt } from "../state/sides.js";
import { table } from "../widgets/table.js";
import { chartFigure } from "../widgets/dialog.js";

/** Lines and branches as [id, label, segments from the outer end to Paris]. */
function lineProfiles(app) {
  if (app.profiles && app.profiles.boot === app.boot) return app.profiles.list;
  const rail = app.boot.rail || [];
  const groups = new Map();
  rail.forEach((one, row) => {
    const id = one.branch ? `${one.line}/${one.branch}` : one.line;
    if (!groups.has(id)) groups.set(id, []);
    groups.get(id).push(row);
  });
  const list = [...groups].map(([id, rows]) => {
    // The outer end is nobody's inner neighbour within the branch; the longest journey wins.
    const inner = new Set(rows.map((row) => rail[row].inner));
    const ends = rows.filter((row) => !inner.has(row));
    let at = ends.sort((one, two) => rail[two].minutes - rail[one].minutes)[0] ?? rows[0];
    const segments = [];
    while (at >= 0 && at !== undefined && segments.length < 60) {
      segments.push(at);
      at = rail[at].inner;
    }
    return { id, line: rail[rows[0]].line, segments, label: `${rail[rows[0]].line}, ${rail[segments[0]].from}` };
  });
  app.profiles = { boot: app.boot, list };
  return list;
}

function chosenProfile(app) {
  const list = lineProfiles(app);
  const place = app.state.place;
  const wanted = place && place.kind === "line" ? list.find((one) => one.id === place.id || one.line === place.id) : null;
  if (wanted) return wanted;
  // Line R carries the question the study began with; else the longest line.
  const r = list.filter((one) => one.line === "R");
  return (r.length ? r : list).reduce((best, one) => (!best || one.segments.length > best.segments.length ? one : best), null);
}

export function buildLoad(column) {
  const { app } = column;
  const list = lineProfiles(app);
  const svg = s("svg.s77-load", { role: "img" });
  const select = h("select.s77-select.s77-quiet", {
    "aria-label": app.t("line"), onchange: () => app.set({ place: { kind: "line", id: list[select.selectedIndex].id } }),
  }, list.map((one) => h("option", { value: one.id }, one.label)));
  const chosen = chosenProfile(app);
  if (chosen) select.value = chosen.id;
  const box = h("div.s77-loadbox", svg);
  const el = chartFigure(app, { title: app.t("load_title"), content: box, tools: select, makeTable: () => loadTable(column) });
  return { el, box, svg, select, list };
}

/** Riders and seats of the chosen line at the moment, and the riders of A. */
function loadValues(app, side, profile) {
  const moment = momentOf(app, side);
  const read = (from, name) => {
    const values = readAt(from, "segment", name, moment);
    return profile.segments.map((row) => (values ? values[row] : NaN));
  };
  const a = app.sides.a && app.sides.a !== side ? read(app.sides.a, "peak_riders") : null;
  return { riders: read(side, "peak_riders"), seats: read(side, "seats"), a };
}

/** The frame is made once for a line and a size; frames of playback move its bars only. */
export function showLoad(column, side) {
  const { app, load } = column;
  const profile = chosenProfile(app);
  if (!profile || load.box.clientWidth < 80) return;
  load.select.selectedIndex = load.list.indexOf(profile);
  const values = loadValues(app, side, profile);
  const key = `${profile.id}|${load.box.clientWidth}x${load.box.clientHeight}|${side.key}`;
  if (!load.frame || load.frame.key !== key) load.frame = frameLoad(column, side, profile, key);
  moveLoad(app, load.frame, values);
  if (!app.playing) load.svg.setAttribute("aria-label", loadSentence(app, values, profile));
}

/** The top of the axis holds for the year: bars that rescale say nothing about change. */
function frameLoad(column, side, profile, key) {
  const { app, load } = column;
  const [width, height] = [load.box.clientWidth, Math.max(load.box.clientHeight, 110)];
  const rail = app.boot.rail;
  const most = ["peak_riders", "seats"].flatMap((name) => {
    const field = fieldOf(side, "segment", name) || fieldOf(side, "segment_year", name);
    if (!field) return [0];
    return profile.segments.flatMap((row) => Array.from({ length: field.days }, (_, day) => valueAt(field, day, row) || 0));
  }).reduce((one, two) => Math.max(one, two), 1);
  const top = niceCeiling(most);
  const frame = { key, left: 2, right: width - 2, top: 20, bottom: height - 36, height };
  frame.y = (value) => frame.bottom - ((frame.bottom - frame.top) * Math.min(value || 0, top)) / top;
  const longest = Math.max(...profile.segments.map((row) => rail[row].minutes), 1);
  const x = (minutes) => frame.right - ((frame.right - frame.left) * minutes) / longest;
  frame.edges = profile.segments.map((row) => x(rail[row].minutes)).concat(frame.right);
  frame.bars = profile.segments.map((row) => s("rect.s77-loadbar", { "data-segment": row }));
  frame.seats = s("path.s77-seats");
  frame.outline = s("path.s77-aline");
  frame.seatsName = s("text.s77-t2", { x: frame.left }, app.t("seats"));
  frame.full = s("text.s77-full", { x: frame.right, y: frame.top - 6, "text-anchor": "end" });
  load.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  fill(load.svg,
    [0.5, 1].map((part) => [
      s("line.s77-grid", { x1: frame.left, x2: frame.right, y1: frame.y(top * part), y2: frame.y(top * part) }),
      s("text.s77-t3", { x: frame.left, y: frame.y(top * part) - 4 },
        part < 1 ? app.t("n_riders", { n: app.fmt.num(top * part) }) : app.fmt.num(top)),
    ]),
    frame.bars, frame.outline, frame.seats, frame.seatsName, frame.full, s("line.s77-base", { x1: frame.left, x2: frame.right, y1: frame.bottom, y2: frame.bottom }),
    stationNames(app, frame, profile));
  return frame;
}

/** Names that fit under the axis, on two rows: the ends first, then in turn. */
function stationNames(app, frame, profile) {
  const rail = app.boot.rail;
  const last = profile.segments[profile.segments.length - 1];
  const names = [...profile.segments.map((row, at) => [frame.edges[at], rail[row].from]), [frame.right, rail[last].to]];
  /** @type {[number, number][][]} */
  const taken = [[], []];
  const order = [0, names.length - 1, ...names.keys()];
  const shown = [...new Set(order)].map((at) => {
    const [x, name] = names[at];
    const wide = 6.4 * name.length + 8;
    const start = at === 0 ? x : at === names.length - 1 ? x - wide : clamp(x - wide / 2, 0, frame.right - wide);
    const row = [0, 1].find((one) => taken[one].every(([from, to]) => start > to || start + wide < from));
    if (row === undefined) return null;
    taken[row].push([start, start + wide]);
    return s("text.s77-t2", { x: (start + wide / 2).toFixed(1), y: frame.bottom + 15 + 14 * row, "text-anchor": "middle", lang: "fr" }, name);
  });
  return shown;
}

function moveLoad(app, frame, { riders, seats, a }) {
  let worst = -1;
  riders.forEach((value, at) => {
    const [x, y] = [frame.edges[at], frame.y(value)];
    const bar = frame.bars[at];
    bar.setAttribute("x", (x + 0.5).toFixed(1));
    bar.setAttribute("width", Math.max(0.5, frame.edges[at + 1] - x - 1).toFixed(1));
    bar.setAttribute("y", y.toFixed(1));
    bar.setAttribute("height", Math.max(0, frame.bottom - y).toFixed(1));
    if (worst < 0 || value / seats[at] > riders[worst] / seats[worst]) worst = at;
  });
  const steps = (values) => values.map((value, at) =>
    `M${frame.edges[at].toFixed(1)} ${frame.y(value).toFixed(1)}H${frame.edges[at + 1].toFixed(1)}`).join("");
  frame.seats.setAttribute("d", seats.every(Number.isFinite) ? steps(seats) : "");
  // Above its own line at the outer end, where trains are short and bars low.
  frame.seatsName.setAttribute("y", (frame.y(seats[0]) - 5).toFixed(1));
  frame.outline.setAttribute("d", a && a.every(Number.isFinite) ? steps(a) : "");
  if (worst < 0 || !Number.isFinite(seats[worst])) return;
  setText(frame.full, app.t("of_seats", { share: app.fmt.pct(riders[worst] / seats[worst], 0) }));
}

function loadSentence(app, { riders, seats }, profile) {
  const ratios = riders.map((value, at) => value / seats[at]).filter(Number.isFinite);
  return app.t("load_sentence", { line: profile.label, share: app.fmt.pct(Math.max(...ratios, 0), 0) });
}

function loadTable(column) {
  const { app } = column;
  const side = shownSide(app);
  const profile = chosenProfile(app);
  const { riders, seats, a } = loadValues(app, side, profile);
  const rows = profile.segments.map((row, at) => ({ ...app.boot.rail[row], riders: riders[at], seats: seats[at], a: a && a[at] }));
  const number = (key, label) => ({ key, label, numeric: true, text: (row) => app.fmt.num(row[key]) });
  return table([
    { key: "from", label: app.t("segment"), lang: "fr", text: (row) => `${row.from} – ${row.to}` },
    number("minutes", app.t("minutes_to_paris")), number("riders", app.t("riders_peak")), number("seats", app.t("seats")),
    ...(a ? [number("a", app.t("riders_in_a"))] : []),
  ], rows, { caption: profile.label });
}
