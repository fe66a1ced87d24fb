// The pictures of a study: factor against outcome, what matters, the condition found, the sites.

// Scatter ---------------------------------------------------------------------------------------------

function buildScatter(view) {
  const { app, study } = view;
  const outcome = h("select.s77-select", { "aria-label": app.t("stu_outcome"), onchange: () => askStudy(view, outcome.value) },
    study.outcomes.map((one) => h("option", { value: one.name, selected: one.name === study.outcome }, capital(app.label(one)))));
  view.factorSelect = h("select.s77-select", { "aria-label": app.t("stu_factor"), onchange: () => pickFactor(view, view.factorSelect.value) },
    study.factors.map((one) => h("option", { value: one.name }, capital(app.label(one)))));
  view.scatter = h("div.s77-scatterbox");
  view.scatterNote = h("p.s77-small");
  fill(view.main,
    h("div.s77-scatterhead", h("label", h("span.s77-small", `↑ ${app.t("stu_outcome")}`), outcome), h("label", h("span.s77-small", `→ ${app.t("stu_factor")}`), view.factorSelect),
      h("button.s77-link.s77-small", { type: "button", onclick: () => openPointsTable(view) }, app.t("table"))),
    view.scatter, view.scatterNote);
  pickFactor(view, view.factor);
}

function pickFactor(view, name) {
  view.factor = name;
  view.factorSelect.value = name;
  drawScatter(view);
  for (const button of view.reasons.querySelectorAll("[data-factor]")) button.setAttribute("aria-pressed", String(button.dataset.factor === name));
}

/** Whether a point lies in the box of the discovered condition. */
function isInBox(study, at) {
  const limits = (study.box || {}).limits;
  return Boolean(limits && limits.length) && limits.every(({ factor, low, high, values }) => {
    const value = study.points[factor][at];
    if (values && values.length) return values.includes(value);
    return (low === null || low === undefined || value >= low) && (high === null || high === undefined || value <= high);
  });
}

function drawScatter(view) {
  const { app, study, scatter } = view;
  const [width, height] = [scatter.clientWidth, scatter.clientHeight];
  if (width < 120 || height < 120) return;
  const factor = factorOf(view, view.factor);
  const { points } = study;
  const outcome = outcomeOf(view);
  const all = [...points.mean, ...points.low, ...points.high].filter(Number.isFinite);
  const told = outcomeUnit(app, outcome, all);
  const frame = scatterFrame(app, factor, all, told, width, height);
  const kept = new Set(keptPoints(view));
  const order = points.mean.map((_, at) => at).filter((at) => Number.isFinite(points.mean[at])).sort((one, two) => kept.has(one) - kept.has(two));
  const whiskers = order.length <= 300;
  const dots = order.map((at) => scatterDot(view, frame, factor, told, at, kept.has(at), whiskers));
  const boxed = isBoxed(study) ? app.t("stu_in_box") : "";
  fill(scatter, s("svg.s77-scatter", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": app.t("stu_scatter_of", { outcome: app.label(outcome), factor: app.label(factor), n: kept.size }) },
    scatterAxes(app, frame, factor, outcome, told), boxBand(study, frame, factor), dots));
  setText(view.scatterNote, [app.t("stu_scatter_note"), boxed, study.total > order.length ? app.t("stu_some_points", { n: app.fmt.num(order.length), all: app.fmt.num(study.total) }) : ""].filter(Boolean).join(" "));
}

function isBoxed(study) {
  return Boolean(study.box && study.box.limits && study.box.limits.length);
}

function scatterFrame(app, factor, all, told, width, height) {
  const [left, right, top, bottom] = [66, width - 14, 24, height - 44];
  const values = all.map((value) => value * told.factor);
  let [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const room = (high - low || 1) * 0.06;
  [low, high] = [low - (low < 0 ? room : 0), high + room];
  const texts = (factor.values || []).filter((value) => typeof value === "string");
  const x = texts.length
    ? (value) => left + ((right - left) * (texts.indexOf(value) + 0.5)) / texts.length
    : (value) => left + 8 + ((right - left - 16) * (value - factor.low)) / (factor.high - factor.low || 1);
  return { left, right, top, bottom, low, high, texts, x, y: (value) => bottom - ((bottom - top) * (value - low)) / (high - low) };
}

function scatterDot(view, frame, factor, told, at, kept, whiskers) {
  const { app, study } = view;
  const { points } = study;
  // Points of one text or one whole number would hide each other: a small step aside, always the same.
  const aside = frame.texts.length || factor.values.length ? (((at * 0.618) % 1) - 0.5) * 14 : 0;
  const x = (frame.x(points[factor.name][at]) + aside).toFixed(1);
  const y = (value) => frame.y(value * told.factor).toFixed(1);
  const [low, high] = [points.low[at], points.high[at]];
  const known = whiskers && Number.isFinite(low) && Number.isFinite(high) && low !== null;
  const kind = kept ? (isInBox(study, at) ? "s77-inbox" : "s77-point") : "s77-left-out";
  return s("g", { class: kind }, known && kept ? s("line", { x1: x, x2: x, y1: y(low), y2: y(high) }) : null,
    s("circle", { cx: x, cy: y(points.mean[at]), r: kept ? 3.6 : 2.4 },
      s("title", [...study.factors.map((one) => `${app.label(one)} : ${factorText(app, one, points[one.name][at])}`), `${app.fmt.signed(points.mean[at] * told.factor, told.decimals)} ${told.unit}`].join("\n"))));
}

function scatterAxes(app, frame, factor, outcome, told) {
  const marks = ticks(frame.low, frame.high, 5);
  const decimals = decimalsOf(marks, 4);
  const across = frame.texts.length ? frame.texts : ticks(factor.low, factor.high, Math.max(2, Math.round((frame.right - frame.left) / 110)));
  const xDecimals = frame.texts.length ? 0 : decimalsOf(across, 4);
  return [
    marks.map((value, at) => [s(value === 0 ? "line.s77-base" : "line.s77-grid", { x1: frame.left, x2: frame.right, y1: frame.y(value), y2: frame.y(value) }),
      s("text.s77-t2", { x: frame.left - 7, y: frame.y(value) + 4, "text-anchor": "end" }, app.fmt.num(value, decimals)), at === marks.length - 1 && told.unit
        ? s("text.s77-t3", { x: frame.left, y: 12 }, `${capital(app.label(outcome))}, ${told.unit}`) : null]),
    across.map((value) => s("text.s77-t2", { x: frame.x(value), y: frame.bottom + 18, "text-anchor": "middle" }, typeof value === "string" ? value : app.fmt.num(value, xDecimals))),
    s("text.s77-t3", { x: frame.right, y: frame.bottom + 36, "text-anchor": "end" }, `${capital(app.label(factor))}${factor.unit ? `, ${unitText(app, factor.unit)}` : ""}`),
  ];
}

/** The part of the factor's range in which the condition was found, as a pale band. */
function boxBand(study, frame, factor) {
  const limit = isBoxed(study) ? study.box.limits.find((one) => one.factor === factor.name) : null;
  if (!limit || frame.texts.length) return null;
  const [low, high] = [frame.x(limit.low ?? factor.low), frame.x(limit.high ?? factor.high)];
  return s("rect.s77-boxband", { x: low, y: frame.top, width: Math.max(2, high - low), height: frame.bottom - frame.top });
}

function openPointsTable(view) {
  const { app, study } = view;
  if (!study || !study.points) return;
  const outcome = outcomeOf(view);
  const told = outcomeUnit(app, outcome, study.points.mean.filter(Number.isFinite));
  const rows = keptPoints(view).map((at) => Object.fromEntries([["mean", study.points.mean[at]], ["low", study.points.low[at]], ["high", study.points.high[at]], ["n", study.points.n[at]],
    ...study.factors.map((factor) => [factor.name, study.points[factor.name][at]])]));
  const number = (value) => app.fmt.num(value === null ? NaN : value * told.factor, told.decimals);
  openDialog(app, app.label(outcome), table(app, [
    { key: "mean", label: `${capital(app.label(outcome))}${told.unit ? `, ${told.unit}` : ""}`, numeric: true, text: (row) => number(row.mean) },
    { key: "low", label: app.t("cmp_interval"), numeric: true, text: (row) => (Number.isFinite(row.low) && row.low !== null ? `${number(row.low)} – ${number(row.high)}` : "–") },
    ...study.factors.map((factor) => ({ key: factor.name, label: capital(app.label(factor)), numeric: !(factor.values || []).some((one) => typeof one === "string"), text: (row) => factorText(app, factor, row[factor.name]) })),
  ], rows, { caption: app.label(outcome), sortBy: "mean" }), { wide: true });
}

// What matters ------------------------------------------------------------------------------------------

function sensitivityFigure(view) {
  const { app, study } = view;
  const found = study.sensitivity || {};
  const head = h("h2", app.t("stu_matters"));
  if (!found.rows) return h("figure", head, h("p.s77-small", app.label(found.why_not)));
  const top = Math.max(...found.rows.flatMap((row) => [row.value, row.high, row.total, row.total_high]).filter(Number.isFinite), 1e-12);
  const x = (value) => `${(100 * clamp(value, 0, top)) / top}%`;
  const decimals = decimalsFor(top, 3, 2);
  const bar = (value, low, high, kind) => [h(`i.${kind}`, { style: `left:0;width:${x(value)}` }),
    Number.isFinite(low) && low !== null ? h("i.s77-whisker", { style: `left:${x(low)};width:calc(${x(high)} - ${x(low)})` }) : null];
  const rows = [...found.rows].sort((one, two) => (two.total ?? two.value) - (one.total ?? one.value));
  const hasTotal = rows.some((row) => Number.isFinite(row.total));
  return h("figure.s77-sensitivity", head, h("p.s77-small", app.label(found.measure), hasTotal ? ` ${app.t("stu_total_too")}` : ""), h("ul.s77-bars", rows.map((row) => h("li",
    h("button.s77-barlabel", { type: "button", dataset: { factor: row.factor }, title: app.t("stu_show_factor"), "aria-pressed": String(row.factor === view.factor), onclick: () => pickFactor(view, row.factor) }, capital(app.label(factorOf(view, row.factor)))),
    h("span.s77-barbox", { "aria-hidden": "true" }, hasTotal ? bar(row.total, null, null, "s77-bartotal") : null, bar(row.value, row.low, row.high, "s77-barshare")),
    h("span.s77-barvalue", app.fmt.num(row.value, decimals))))));
}

/** The box that PRIM found, as a sentence and as ranges within ranges. */
function boxFigure(view) {
  const { app, study } = view;
  const { box } = study;
  const head = h("h2", app.t("stu_condition"));
  if (!box) return null;
  if (!box.limits) return h("figure", head, h("p.s77-small", app.label(box.why_not)));
  const limit = (one) => {
    const factor = factorOf(view, one.factor);
    const span = factor.high - factor.low || 1;
    const [low, high] = [one.low ?? factor.low, one.high ?? factor.high];
    const text = one.values && one.values.length ? one.values.join(", ")
      : one.low === null || one.low === undefined ? app.t("stu_at_most", { value: factorText(app, factor, one.high) })
      : one.high === null || one.high === undefined ? app.t("stu_at_least", { value: factorText(app, factor, one.low) })
      : `${factorText(app, factor, one.low)} – ${factorText(app, factor, one.high)}`;
    return h("li", h("span.s77-barlabel", { title: app.label(factor) }, capital(app.label(factor))),
      h("span.s77-barbox", { "aria-hidden": "true" }, h("i.s77-rangetrack"), h("i.s77-rangein", { style: `left:${(100 * (low - factor.low)) / span}%;width:${(100 * (high - low)) / span}%` })),
      h("span.s77-barvalue", text));
  };
  return h("figure.s77-box", head, h("p", app.label(box.condition)), box.sentence ? h("p", h("b", app.label(box.sentence))) : null,
    h("ul.s77-bars.s77-limits", box.limits.map(limit)),
    h("p.s77-small", app.t("stu_box_quality", { coverage: app.fmt.pct(box.coverage, 0), density: app.fmt.pct(box.density, 0), n: app.fmt.num(box.points) })));
}

// Siting ------------------------------------------------------------------------------------------------

function showSiting(view) {
  const { app, study } = view;
  fill(view.side, studyPicker(view), h("p.s77-small", app.label(study.note || {})));
  const legend = h("div.s77-scenelegend");
  view.map = createMap(app, {
    context: true, rails: true, label: () => app.label(study.title),
    describe: (kind, index) => describeCandidate(view, kind, index),
    pick: (kind, index) => kind === "commune" && app.set({ place: { kind, id: app.boot.communes.code[index] } }),
  });
  fill(view.main, h("div.s77-mapplace", view.map.el), legend);
  const scores = candidateScores(view);
  const scale = candidateScale(app, study, scores);
  view.map.paint(classesOf(scale, scores), "s77-q");
  view.map.paintRings(study.sites.map((site) => ({ id: site.commune, name: site.name, x: site.x, y: site.y, desks: site.desks, share: 0, refusals: 0, status: "open" })));
  fill(legend, legendScale(app, scale, { title: app.t("stu_candidates") }));
  fill(view.reasons, h("h2", app.t("stu_sites")), sitesTable(view));
}

function candidateScores(view) {
  const { app, study } = view;
  const known = new Map((study.candidates || { code: [] }).code.map((code, at) => [code, study.candidates.score[at]]));
  return Float32Array.from(app.boot.communes.code, (code) => numberOf(known.get(code)));
}

/** Six classes of the candidates' own values, at round numbers. */
function candidateScale(app, study, scores) {
  const values = [...scores].filter(Number.isFinite).sort((one, two) => one - two);
  const top = values.length ? values[Math.floor(0.98 * (values.length - 1))] : 1;
  const step = niceCeiling(Math.max(top, 1e-9) / 6);
  const breaks = [1, 2, 3, 4, 5].map((times) => times * step);
  return { breaks, shown: breaks, classes: 6, prefix: "s77-q", factor: 1, unit: unitText(app, (study.outcome || {}).unit), decimals: decimalsOf(breaks), breakDecimals: decimalsOf(breaks), difference: false };
}

function describeCandidate(view, kind, index) {
  const { app, study } = view;
  if (kind === "telecentre") return [h("b", { lang: "fr" }, study.sites[index].name), tipLine(app.t("desks"), app.fmt.num(study.sites[index].desks))];
  if (kind !== "commune") return [];
  const score = candidateScores(view)[index];
  return [h("b", { lang: "fr" }, app.boot.communes.name[index]), tipLine(app.t("stu_gain"), Number.isFinite(score) ? app.fmt.num(score, decimalsFor(score, 2, 2)) : app.t("no_value"))];
}

function sitesTable(view) {
  const { app, study } = view;
  const told = (site) => {
    const decimals = clampDecimals(site.gain, numberOf(site.low), numberOf(site.high));
    const text = app.fmt.signed(site.gain, decimals);
    return Number.isFinite(site.low) && site.low !== null ? `${text} (${app.fmt.interval(site.low, site.high, decimals, true)})` : text;
  };
  return table(app, [
    { key: "rank", label: app.t("stu_rank"), numeric: true }, { key: "name", label: app.t("commune"), lang: "fr" },
    { key: "desks", label: app.t("desks"), numeric: true, text: (site) => app.fmt.num(site.desks) },
    { key: "gain", label: `${app.t("stu_gain")}${study.outcome ? `, ${unitText(app, study.outcome.unit)}` : ""}`, numeric: true, text: told },
    { key: "reason", label: app.t("stu_reason"), text: (site) => app.label(site.reason) },
  ], study.sites, { caption: app.t("stu_sites"), sortBy: "rank", descending: false });
}
