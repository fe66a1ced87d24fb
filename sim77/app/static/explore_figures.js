// The column of figures: where people work, key figures with doubt, a line's load, telecentres.

const PLANS = ["office", "home", "telecentre", "half"];
/** Telecentres listed in a notebook, where a panel is as high as what it holds. */
const MOST_STORED = 12;

/** Mount the column in an element; returns {destroy}. */
function mountFigures(app, el) {
  const column = { app, el };
  column.plan = buildPlan(app);
  column.keys = h("div.s77-kf");
  column.caption = h("p.s77-cap");
  column.load = buildLoad(column);
  column.sites = buildSites(column);
  fill(el, column.plan.el, column.keys, column.caption, h("div.s77-two", hasTrains(app) ? column.load.el : null, column.sites.el));
  const moment = () => {
    const side = shownSide(app);
    if (!side) return;
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
    app.on(["sides", "state:day", "state:by", "held", "state:place", "playing"], follow),
    // The mean over all draws comes with the comparison, after the runs of the first.
    app.on(["sides", "compare", "phase"], () => showKeyFigures(column)),
  ];
  // Charts are drawn when their size is known: asking for it here would cost a layout of the page.
  const watcher = new ResizeObserver(() => {
    column.load.frame = null;
    moment();
  });
  watcher.observe(column.load.box);
  showKeyFigures(column);
  if (shownSide(app)) showPlan(app, column.plan, shownSide(app));
  return { destroy: () => { stops.forEach((stop) => stop()); watcher.disconnect(); } };
}

// Where people work ------------------------------------------------------------------------------

function buildPlan(app) {
  const bars = PLANS.map((plan) => h("i", { class: `s77-${plan}` }));
  const items = PLANS.map((plan) => ({ count: h("b"), share: h("span.s77-mut") }));
  const bar = h("div.s77-pbar", { role: "img" }, bars);
  const heading = h("h3");
  const list = h("div.s77-pl", PLANS.map((plan, at) => h("div",
    h("span.s77-sw", { class: `s77-${plan}` }), app.t(`plan_${plan}`), h("br"), items[at].count, " ", items[at].share)));
  return { el: h("div.s77-plan", heading, bar, list), bar, bars, items, heading };
}

/** Shares keep their true width: 0.3 % is two pixels, and is named below. */
function showPlan(app, plan, side) {
  const moment = momentOf(app, side);
  const counts = PLANS.map((name) => totalAt(side, name, moment));
  const total = counts.reduce((sum, one) => sum + (one || 0), 0);
  const { fmt } = app;
  setText(plan.heading, app.t("plan_heading", { n: fmt.num(total) }));
  counts.forEach((count, at) => {
    const share = total ? count / total : 0;
    plan.bars[at].style.flex = `${Math.max(share, 0).toFixed(5)} 0 ${share > 0 ? "1px" : "0"}`;
    setText(plan.items[at].count, fmt.num(count));
    setText(plan.items[at].share, shareText(fmt, count / total));
  });
  if (!app.playing) {
    plan.bar.setAttribute("aria-label", PLANS.map((name, at) => `${app.t(`plan_${name}`)} ${shareText(fmt, counts[at] / total)}`).join(", "));
  }
}

/** A share with one decimal, or so many that a small one is not nothing. */
function shareText(fmt, share) {
  return fmt.pct(share, Math.max(1, decimalsFor(100 * share, FINEST, 2)));
}

// Key figures ------------------------------------------------------------------------------------

/**
 * The level of a figure on a side: {value, low, high, n}. The first answer is one draw, without an
 * interval; once others have come, the mean over all draws and its 95 % interval.
 */
function levelOf(app, side, name) {
  const row = hasComparison(app) ? app.compare.effects.find((one) => one.name === name) : null;
  const shown = app.sides[side];
  // A comparison with other runs than those on screen tells nothing about them.
  if (row && shown && shown.key === app.compare[`key_${side}`] && drawsOf(app) > 1) {
    return { value: numberOf(row[side]), low: numberOf(row[`${side}_low`]), high: numberOf(row[`${side}_high`]), n: drawsOf(app) };
  }
  return { value: numberOf(((shown || {}).summary || {})[name]), low: NaN, high: NaN, n: 1 };
}

function showKeyFigures(column) {
  const { app } = column;
  const names = app.boot.key_figures;
  fill(column.keys, names.map((name) => keyFigure(app, { name, ...(app.boot.labels || {})[name] })));
  const b = app.sides.b;
  const n = levelOf(app, "b", names[0]).n;
  const idle = app.status.phase === "idle" || app.status.phase === "error";
  const caption = b && !app.sides.a ? app.t("figures_caption_alone", { days: app.fmt.num(b.days.length) })
    : b ? app.t(n > 1 ? "figures_caption" : idle ? "figures_caption_only" : "figures_caption_1", {
    a: app.sides.a ? app.label(app.sides.a) : "", b: app.label(b), n: app.fmt.num(n), days: app.fmt.num(b.days.length),
  }) : "";
  setText(column.caption, caption);
}

function keyFigure(app, told) {
  const b = levelOf(app, app.sides.b ? "b" : "a", told.name);
  const a = levelOf(app, "a", told.name);
  const shown = figureUnit(app, told, b.value);
  const values = [b.value, b.low, b.high, a.value].map((one) => (Number.isFinite(one) ? one * shown.factor : NaN));
  const decimals = decimalsApart(values, Number.isFinite(values[1])
    ? Math.max(decimalsFor(values[0], 2, 3), decimalsFor((values[2] - values[1]) / 2, 2, 1)) : decimalsFor(values[0], 2, 3));
  return h("div.s77-k", h("p", capital(app.label(told))),
    h("div.s77-r",
      h("div.s77-v", app.fmt.num(values[0], decimals), h("small", shown.unit ? ` ${shown.unit}` : "")),
      Number.isFinite(values[0])
        ? rangeMark(app, { value: values[0], low: values[1], high: values[2], a: values[3], decimals }) : null));
}

/** Shares in percent, tonnes above 10,000 kg: numbers a room can hold. */
function figureUnit(app, told, value) {
  const unit = told.unit || "";
  if (unit === "share" || /^load_factor/.test(told.name)) return { factor: 100, unit: "%" };
  if (/^kg/.test(unit) && Math.abs(value) > 10000) return { factor: 0.001, unit: app.t("unit_t_a_day") };
  return { factor: 1, unit: unitText(app, unit) };
}

// Load of a line -----------------------------------------------------------------------------------

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

function buildLoad(column) {
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
function showLoad(column, side) {
  const { app, load } = column;
  const profile = chosenProfile(app);
  if (!profile || load.box.clientWidth < 80) return;
  load.select.selectedIndex = load.list.indexOf(profile);
  const values = loadValues(app, side, profile);
  const key = `${profile.id}|${load.box.clientWidth}x${load.box.clientHeight}|${side.key}`;
  if (!load.frame || load.frame.key !== key) load.frame = frameLoad(column, side, profile, key);
  moveLoad(app, load.frame, values, profile);
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

function moveLoad(app, frame, { riders, seats, a }, profile) {
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
  return table(app, [
    { key: "from", label: app.t("segment"), lang: "fr", text: (row) => `${row.from} – ${row.to}` },
    number("minutes", app.t("minutes_to_paris")), number("riders", app.t("riders_peak")), number("seats", app.t("seats")),
    ...(a ? [number("a", app.t("riders_in_a"))] : []),
  ], rows, { caption: profile.label });
}

// Telecentres -------------------------------------------------------------------------------------

function buildSites(column) {
  const { app } = column;
  const box = h("div.s77-sitebox");
  const el = chartFigure(app, { title: app.t("telecentres"), content: box, makeTable: () => siteTable(app, shownSide(app), Infinity) });
  return { el, box, rows: 6 };
}

/** During playback only the cells change; the rows and their order stay until it stops. */
function showSites(column, side) {
  const { app, sites } = column;
  const key = `${side.key}|${app.lang}`;
  if (app.playing && sites.key === key) return;
  sites.key = key;
  const room = Math.max(3, Math.floor((sites.box.clientHeight - 26) / 24) || 6);
  fill(sites.box, siteTable(app, side, app.stored ? MOST_STORED : isNarrow(app) ? 8 : room));
}

/** A column is narrow: a site is named by its town where no other is there, in full on hovering. */
function shortName(app, site, sites) {
  const { communes } = app.boot;
  const alone = sites.filter((other) => other.commune === site.commune).length === 1;
  return alone && communes.code.includes(site.commune) ? communeName(communes, site.commune) : site.name.replace(/ \(.*\)$/, "");
}

function siteTable(app, side, most) {
  const { fmt } = app;
  const all = sitesAt(app, side, momentOf(app, side)).filter((site) => site.status === "open");
  const rows = [...all].sort((one, two) => two.refusals - one.refusals || two.share - one.share).slice(0, most);
  const money = (value) => (Number.isFinite(value) ? fmt.signed(value / 1000) : "–");
  const full = most === Infinity;
  const account = (key, label) => ({ key, label, numeric: true, plain: !full, text: (row) => money(row[key]) });
  const columns = [
    { key: "name", label: app.t("site"), lang: "fr", plain: !full, node: (row) => h("span.s77-sitename", { title: row.name }, ringIcon(20, row.share), full ? row.name : shortName(app, row, all)) },
    { key: "desks", label: app.t("desks"), numeric: true, plain: !full, text: (row) => fmt.num(row.desks) },
    { key: "share", label: app.t("occupied"), numeric: true, plain: !full, text: (row) => fmt.pct(row.share, 0) },
    { key: "refusals", label: app.t("refusals_short"), numeric: true, plain: !full, text: (row) => (row.refusals >= 0.5 ? `▲ ${fmt.num(row.refusals)}` : "–") },
    ...(full ? [account("revenue_eur", app.t("revenue_keur")), account("cost_eur", app.t("cost_keur"))] : []),
    ...(all.some((row) => Number.isFinite(row.margin_eur)) ? [account("margin_eur", app.t("keur_a_year"))] : []),
  ];
  if (!rows.length) return h("p.s77-small", app.t("no_telecentre_open"));
  return table(app, columns, rows, { caption: app.t("telecentres") });
}
