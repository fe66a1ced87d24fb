// The column of Compare: effects with their intervals, who wins and loses, claims with verdicts.

/** The effects shown first, the load being that of the line among the key figures. */
function headlines(app, effects) {
  const load = app.boot.key_figures.find((name) => name.startsWith("load_factor_"));
  const names = ["minutes_saved", "co2e_travel_kg", "home", "telecentre", load, "refusals"];
  return names.map((name) => effects.find((one) => one.name === name)).filter(Boolean);
}

/** Mount the column in an element; returns {destroy}. */
function mountEffects(app, el) {
  const column = { app, el, unpaired: false, by: "groups" };
  column.list = h("div.s77-efflist");
  column.note = h("p.s77-small");
  column.pairing = h("button.s77-link.s77-small", { type: "button", "aria-pressed": "false", onclick: () => togglePairing(column) }, app.t("cmp_unpaired"));
  column.winners = h("div.s77-winners");
  column.tabs = segmented(app, app.t("cmp_who_wins"), [
    ["groups", app.t("cmp_by_group")], ["deciles", app.t("cmp_by_decile")], ["communes", app.t("cmp_by_commune")],
  ], (by) => {
    column.by = by;
    showWinners(column);
  });
  column.winHead = h("p.s77-small");
  column.claims = h("ul.s77-claims");
  column.allClaims = h("button.s77-link.s77-small.s77-totable", { type: "button", onclick: () => openAllClaims(app) });
  const fit = frameOnce(() => fitClaims(column));
  const watcher = new ResizeObserver(() => fitClaims(column));
  watcher.observe(el);
  const all = h("button.s77-link.s77-small", { type: "button", onclick: () => openAllEffects(app) }, app.t("table"));
  append(el, [
    h("div.s77-fighead", h("h2", app.t("cmp_effects")), h("span.s77-totable", all)), column.list,
    h("div.s77-effnote", column.note, column.pairing),
    h("div.s77-fighead.s77-winhead", h("h2", app.t("cmp_who_wins")), column.tabs.el), column.winHead, column.winners,
    h("div.s77-fighead.s77-claimhead", h("h2", app.t("cmp_claims")), column.allClaims), column.claims,
  ]);
  const draw = () => {
    showEffects(column);
    showWinners(column);
    showClaims(column);
  };
  draw();
  const stops = [
    app.on("compare", () => { draw(); fit(); }), app.on("phase", () => setText(column.note, hasComparison(app) ? drawsText(app) : "")),
    app.on(["state:indicator", "state:by", "sides"], frameOnce(() => showWinners(column))),
  ];
  return {
    destroy: () => {
      watcher.disconnect();
      stops.forEach((stop) => stop());
    },
  };
}

// Effects ---------------------------------------------------------------------------------------

/** How an effect is written: shares in points, kilograms as kilograms unless they are tonnes. */
function effectUnit(app, effect) {
  const size = Math.max(...[effect.diff, effect.low, effect.high].map((one) => Math.abs(numberOf(one)) || 0));
  if (effect.unit === "share" || effect.name.startsWith("load_factor")) return { factor: 100, unit: app.t("unit_points") };
  if (effect.unit.startsWith("kg CO2e")) {
    const day = effect.unit.endsWith("a day");
    if (size >= 1000) return { factor: 0.001, unit: app.t(day ? "unit_t_a_day" : "unit_t") };
    return { factor: 1, unit: app.t(day ? "cmp_kg_day" : "unit_kg_CO2e") };
  }
  return { factor: 1, unit: unitText(app, effect.unit) };
}

function effectNumbers(app, effect) {
  const { factor, unit } = effectUnit(app, effect);
  const [diff, low, high] = [effect.diff, effect.low, effect.high].map((one) => numberOf(one) * factor);
  const known = Number.isFinite(low) && Number.isFinite(high);
  return { diff, low, high, known, unit, factor, decimals: clampDecimals(diff, low, high) };
}

/** Not a clear change: its interval holds zero. */
function isNoise(effect) {
  const [low, high] = [numberOf(effect.low), numberOf(effect.high)];
  return Number.isFinite(low) && low <= 0 && high >= 0 && !effect.nothing;
}

function showEffects(column) {
  const { app } = column;
  const effects = hasComparison(app) ? app.compare.effects : [];
  const rows = headlines(app, effects);
  fill(column.list, rows.map((effect, at) => effectRow(column, effect, at === 0)));
  setText(column.note, hasComparison(app) ? drawsText(app) : "");
  column.pairing.hidden = drawsOf(app) < 2;
}

function effectRow(column, effect, first = false) {
  const { app } = column;
  const told = effectNumbers(app, effect);
  const noise = isNoise(effect);
  const interval = told.known ? app.fmt.interval(told.low, told.high, told.decimals, true) : "";
  return h("div.s77-eff", { class: noise ? "s77-innoise" : "" },
    h("p.s77-efflabel", capital(app.label(effect))),
    h("p.s77-effvalue", h("b", app.fmt.signed(told.diff, told.decimals)), told.unit ? h("small", ` ${told.unit}`) : null, h("span.s77-effint", interval), noise ? h("span.s77-sr", `, ${app.t("cmp_noise")}`) : null),
    effectMark(column, effect, told, noise, first));
}

/** Dot and interval about a zero line that all rows share; each row has its own scale. */
function effectMark(column, effect, told, noise, first) {
  const free = ["unpaired_low", "unpaired_high"].map((key) => numberOf(effect[key]) * told.factor);
  const shown = [told.diff, told.low, told.high, ...(column.unpaired ? free : [])].filter(Number.isFinite);
  const reach = 1.12 * Math.max(...shown.map(Math.abs), 1e-12);
  const x = (value) => (70 + (64 * value) / reach).toFixed(1);
  const band = (name, low, high, y) => s(`line.${name}`, { x1: x(low), x2: x(high), y1: y, y2: y });
  return s("svg.s77-effmark", { viewBox: "0 0 140 40", preserveAspectRatio: "xMidYMid meet", "aria-hidden": "true" },
    s("line.s77-zero", { x1: 70, x2: 70, y1: -20, y2: 60 }),
    first ? s("text.s77-t2", { x: 75, y: 10 }, "0") : null,
    noise ? s("text.s77-noiseword", { x: 75, y: 37 }, column.app.t("cmp_noise_short")) : null,
    column.unpaired && Number.isFinite(free[0]) ? band("s77-freeband", free[0], free[1], 30) : null,
    told.known ? band(noise ? "s77-noiseband" : "s77-effband", told.low, told.high, 18) : null,
    s("circle", { class: noise ? "s77-hollow" : "s77-effdot", cx: x(told.diff), cy: 18, r: 5 }));
}

function togglePairing(column) {
  column.unpaired = !column.unpaired;
  column.pairing.setAttribute("aria-pressed", String(column.unpaired));
  setText(column.pairing, column.app.t(column.unpaired ? "cmp_paired_only" : "cmp_unpaired"));
  showEffects(column);
  if (column.unpaired && column.app.compare.times_wider) {
    setText(column.note, `${drawsText(column.app)} ${column.app.t("cmp_times_wider", { n: column.app.fmt.num(column.app.compare.times_wider, column.app.compare.times_wider < 10 ? 1 : 0) })}`);
  }
}

/** The level of an indicator in A or B, with digits enough to tell the two apart. */
function levelText(app, effect, key, factor) {
  const levels = [effect.a, effect.b].map((one) => numberOf(one) * factor);
  return app.fmt.num(numberOf(effect[key]) * factor, decimalsApart(levels, decimalsFor(numberOf(effect[key]) * factor, 3, 3)));
}

function openAllEffects(app) {
  if (!hasComparison(app)) return;
  const rows = app.compare.effects.map((effect) => ({ ...effect, label: capital(app.label(effect)), told: effectNumbers(app, effect) }));
  const level = (key) => ({ key, label: key.toUpperCase(), numeric: true, text: (row) => levelText(app, row, key, row.told.factor) });
  openDialog(app, app.t("cmp_effects"), table(app, [
    { key: "label", label: app.t("indicator") },
    level("a"), level("b"),
    { key: "diff", label: "B − A", numeric: true, text: (row) => app.fmt.withUnit(row.told.diff, row.told.unit, row.told.decimals, true) },
    { key: "low", label: app.t("cmp_interval"), numeric: true, text: (row) => (row.told.known ? app.fmt.interval(row.told.low, row.told.high, row.told.decimals, true) : "–") },
    { key: "noise", label: app.t("cmp_sure"), sort: (row) => Number(isNoise(row)), text: (row) => (isNoise(row) ? app.t("cmp_noise") : row.nothing ? "0" : "") },
  ], rows, { caption: app.t("cmp_effects") }), { wide: true });
}

// Winners and losers ------------------------------------------------------------------------------

function showWinners(column) {
  const { app } = column;
  column.tabs.show(column.by);
  if (!hasComparison(app)) return fill(column.winners);
  const scale = differenceScale(app);
  const found = { groups: groupRows, deciles: decileRows, communes: communeRows }[column.by](app, scale);
  const unit = found.unit ?? scale.unit;
  setText(column.winHead, app.t("cmp_who_wins_of", { what: found.what || capital(app.label(scale.indicator)), unit: unit ? `, ${unit}` : "" }));
  fill(column.winners, found.rows.length ? barList(app, found.rows, found.good ?? scale.indicator.good) : h("p.s77-small", app.t("cmp_no_loser_named")));
}

function groupRows(app, scale) {
  const rows = app.compare.groups.filter((row) => row.indicator === scale.indicator.name).map((row) => ({
    label: app.label(row), value: row.diff * scale.factor, low: numberOf(row.low) * scale.factor, high: numberOf(row.high) * scale.factor,
  }));
  return { rows };
}

/** Deciles are of the commute: the first tenth are those who live nearest to their work. */
function decileRows(app) {
  const rows = app.compare.deciles.map((row) => ({
    label: app.t("cmp_decile", { n: row.decile_of_commute, minutes: app.fmt.num(row.commute_min) }),
    value: numberOf(row.gain_min_per_day), low: numberOf(row.low), high: numberOf(row.high),
  }));
  return { rows, good: 1, unit: app.t("unit_minutes"), what: app.t("cmp_minutes_by_decile") };
}

/** The communes that win and lose most among those that may be quoted; one loser at least. */
function communeRows(app, scale) {
  const layer = differenceOf(app);
  if (!layer) return { rows: [] };
  const order = [...layer.diff].map((value, row) => [numberOf(value), row])
    .filter(([value, row]) => Number.isFinite(value) && !layer.veil[row] && Math.abs(value) > 1e-9)
    .sort((one, two) => two[0] - one[0]);
  const top = order.filter(([value]) => value > 0).slice(0, 4);
  const bottom = order.filter(([value]) => value < 0).slice(-4);
  return { rows: [...top, ...bottom].map(([value, row]) => ({
    label: app.boot.communes.name[row], lang: "fr", value: value * scale.factor,
    low: numberOf(layer.low[row]) * scale.factor, high: numberOf(layer.high[row]) * scale.factor,
  })) };
}

/** Bars from a common zero with whiskers and numbers; a list that is its own table. */
function barList(app, rows, good) {
  const all = rows.flatMap((row) => [row.value, row.low, row.high]).filter(Number.isFinite);
  const [low, high] = [Math.min(0, ...all), Math.max(0, ...all)];
  const span = high - low || 1;
  const at = (value) => (100 * (value - low)) / span;
  // One number of decimals for the list, from its largest bar: figures to compare must line up.
  const values = rows.map((row) => row.value || 0);
  const decimals = decimalsApart(values, decimalsFor(Math.max(...values.map(Math.abs)), 5, 2));
  return h("ul.s77-bars", rows.map((row) => {
    const known = Number.isFinite(row.low) && Number.isFinite(row.high);
    const noise = known && row.low <= 0 && row.high >= 0 && row.value !== 0;
    const kind = noise ? "s77-barnoise" : (good < 0 ? -row.value : row.value) >= 0 ? "s77-bargain" : "s77-barloss";
    const start = Math.min(at(0), at(row.value));
    return h("li", h("span.s77-barlabel", { lang: row.lang || null, title: row.label }, row.label),
      h("span.s77-barbox", { "aria-hidden": "true" },
        h("i", { class: kind, style: `left:${start}%;width:${Math.abs(at(row.value) - at(0))}%` }),
        known ? h("i.s77-whisker", { style: `left:${at(row.low)}%;width:${at(row.high) - at(row.low)}%` }) : null,
        h("i.s77-barzero", { style: `left:${at(0)}%` })),
      h("span.s77-barvalue", { class: noise ? "s77-mut" : "", title: known ? app.fmt.interval(row.low, row.high, decimals, true) : null },
        app.fmt.signed(row.value, decimals), noise ? h("span.s77-sr", `, ${app.t("cmp_noise")}`) : null));
  }));
}

// Claims ----------------------------------------------------------------------------------------

const VERDICT_MARKS = {
  yes: ["M5 10.5l3.2 3.2L15 6.8", "s77-filled"], no: ["M6 6l8 8M14 6l-8 8", "s77-filled"],
  perhaps: ["M5.5 10h9", ""], outside: ["", "s77-dashed"],
};

/** A verdict is a shape, a word and a weight: never a colour alone. */
function verdictMark(verdict) {
  const [path, kind] = VERDICT_MARKS[verdict] || VERDICT_MARKS.outside;
  return s("svg.s77-verdict", { viewBox: "0 0 20 20", class: kind, "aria-hidden": "true" }, s("circle", { cx: 10, cy: 10, r: 8 }), s("path", { d: path }));
}

/** A few claims of each verdict stay on the page; all of them are one click away. */
function showClaims(column) {
  const { app } = column;
  const claims = hasComparison(app) ? app.compare.claims : [];
  column.allClaims.hidden = !claims.length;
  setText(column.allClaims, app.t("cmp_claims_all", { n: claims.length }));
  const seen = {};
  const ranked = claims.map((claim) => [(seen[claim.verdict] = (seen[claim.verdict] || 0) + 1), claim]);
  // One of each verdict first: those are the last to go where there is little room.
  const few = [1, 2].flatMap((rank) => ranked.filter(([at]) => at === rank).map(([, claim]) => claim));
  column.few = few.map((claim) => claimItem(app, claim));
  fill(column.claims, claims.length ? column.few : h("li", h("p.s77-small", app.t(drawsOf(app) < 2 ? "cmp_claims_later" : "cmp_claims_none"))));
}

/** Leave as many claims as the column can show whole: a projector's screen does not scroll. */
function fitClaims({ el, claims, few }) {
  if (!few.length) return;
  fill(claims, few);
  while (claims.childElementCount > 1 && el.scrollHeight > el.clientHeight + 1) claims.lastChild.remove();
}

function openAllClaims(app) {
  openDialog(app, app.t("cmp_claims"), h("ul.s77-claims", app.compare.claims.map((claim) => claimItem(app, claim, true))), { wide: true });
}

function claimItem(app, claim, full = false) {
  const whose = [claim[`whose_${app.lang}`], claim[`source_${app.lang}`], claim.year].filter(Boolean).join(", ");
  const [short, whole] = ["found", "text"].map((key) => claim[`${key}_${app.lang}`]);
  const found = full ? whole : short;
  return h("li", verdictMark(claim.verdict), h("p", { title: full ? null : [whole, whose].filter(Boolean).join(" – ") },
    quoted(app, app.label(claim)), " ", h("b", claim[`verdict_${app.lang}`]), found ? ` ${found}` : "",
    full && whose ? h("span.s77-diffnote", whose) : null));
}

function quoted(app, text) {
  return app.fmt.french ? `«${NARROW}${text}${NARROW}»` : `“${text}”`;
}
