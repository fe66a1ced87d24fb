// Studies: the stored sweeps and searches, and one of them opened.

import { append, fill, frameOnce, h, mounted, onResize, setText } from "../core/dom.js";
import { emitBanner } from "../state/app.js";
import { conditionFigures, mattersFigures, regretFigures } from "./analyses.js";
import { factsOf, plainNumbers, pointRows } from "./points.js";
import { filterList, showFilters } from "./filters.js";
import { buildScatter, drawScatter, openPointsTable, showFactor } from "./scatter.js";
import { showSiting, sitingTables } from "./siting.js";
import { followKeys } from "../map/map.js";

const STUDY_PARTS = ["study_matters", "study_conditions", "study_regret"];
const SHELF_SECONDS = 5;

/** Mount the view in an element; returns {destroy}. */
export function mountStudies(app, el) {
  el.classList.add("s77-studies");
  /** @type {any} */
  const view = { app, el, token: 0, study: null, parts: {}, map: null };
  view.title = h("h1", { id: "s77-title", tabindex: "-1" });
  view.note = h("p.s77-small", { role: "status" });
  view.side = h("aside.s77-studyside", { "aria-label": app.t("stu_filters"), id: "s77-levers" });
  view.main = h("main.s77-studymain", { "aria-labelledby": "s77-title" });
  view.reasons = h("section.s77-studyreasons", { id: "s77-figures", "aria-label": app.t("stu_matters"), tabindex: "-1" });
  view.back = h("button.s77-link.s77-back", { type: "button", onclick: () => app.set({ ...NO_STUDY }) }, `‹ ${app.t("stu_all")}`);
  append(el, [view.side, h("div.s77-ttl", { role: "region", "aria-labelledby": "s77-title" }, view.back, view.title, view.note), view.main, view.reasons]);
  const stops = [
    onResize(view.main, frameOnce(() => view.scatter && drawScatter(view))),
    app.on("state:study", () => openStudy(view)),
    app.on("state:outcome", () => view.study && app.state.outcome !== view.study.outcome && openStudy(view)),
    app.on("state:factor", () => view.study && view.study.points && showFactor(view)),
    app.on("state:filters", () => view.study && view.study.points && showFilters(view)),
    // A new outcome brings its own condition: the study is then being opened again already.
    app.on("state:where", () => view.study && app.state.outcome === view.study.outcome && askAgain(view, "study_conditions")),
    app.on("table", () => view.openTable && view.openTable()),
    ...followKeys(app, () => view.map),
  ];
  app.viewExport = () => studyExport(view);
  openStudy(view);
  const forget = () => {
    view.token += 1;
    view.gone = true;
    app.viewExport = null;
    clearTimeout(view.timer);
    leaveStudy(view);
  };
  return mounted([...stops, forget]);
}

function leaveStudy(view) {
  if (view.map) view.map.destroy();
  Object.assign(view, { study: null, parts: {}, places: null, map: null, scatter: null, openTable: null });
}

/** Ask Python; null if the viewer has gone on to something else meanwhile. */
async function askStudy(view, token, kind, args) {
  const answer = await view.app.ask(kind, args).catch(() => ({ error: { key: "why_failed" } }));
  return view.gone || token !== view.token ? null : answer;
}

/** Open the study of the state, or show what there is to open. */
async function openStudy(view) {
  const { app } = view;
  const token = (view.token += 1);
  clearTimeout(view.timer);
  if (!app.state.study) return showCatalogue(view, token);
  const again = view.study && view.study.study === app.state.study;
  if (!again) {
    leaveStudy(view);
    showFrame(view, true);
    fill(view.side);
    fill(view.main);
    fill(view.reasons);
    setText(view.title, app.t("view_studies"));
  }
  setText(view.note, app.t("stu_opening"));
  const answer = await askStudy(view, token, "study", { study: app.state.study, outcome: app.state.outcome });
  if (!answer) return;
  if (answer.error) return showStudyError(view, answer.error);
  for (const problem of answer.problems || []) emitBanner(app, problem);
  showStudy(view, answer);
  if (answer.form === "sweep") askParts(view, token);
}

/** The frame of one study, with the way back, or that of the shelf. */
function showFrame(view, open) {
  view.el.classList.toggle("s77-shelved", !open);
  view.back.hidden = !open;
}

/** What belongs to one study and is left behind with it. */
const NO_STUDY = { study: "", outcome: "", factor: "", filters: {}, where: "" };

function showStudyError(view, error) {
  const { app } = view;
  leaveStudy(view);
  setText(view.title, app.t("stu_unreadable"));
  setText(view.note, "");
  fill(view.side);
  fill(view.main, h("p.s77-lead", { role: "alert" }, app.t(error.key, error.args)), h("button.s77-btn.s77-fit", { type: "button", onclick: () => openStudy(view) }, app.t("retry")));
  fill(view.reasons);
}

/** Ask for what is missing, one part after the other, and show each as it comes. */
async function askParts(view, token) {
  const { app } = view;
  for (const kind of STUDY_PARTS) {
    if (view.parts[kind]) continue;
    const { study, outcome, where } = { ...app.state, outcome: view.study.outcome };
    const answer = await askStudy(view, token, kind, { study, outcome, where });
    if (!answer) return;
    view.parts[kind] = answer;
    showPart(view, kind);
  }
}

function askAgain(view, kind) {
  if (!view.study || !view.study.points) return;
  delete view.parts[kind];
  showPart(view, kind);
  askParts(view, (view.token += 1));
}

// The shelf -----------------------------------------------------------------------------------------

async function showCatalogue(view, token) {
  const { app } = view;
  leaveStudy(view);
  showFrame(view, false);
  setText(view.title, app.t("stu_shelf"));
  setText(view.note, app.t("stu_opening"));
  fill(view.side);
  fill(view.main);
  fill(view.reasons);
  const refresh = async () => {
    const answer = await askStudy(view, token, "study_list", {});
    if (!answer) return;
    setText(view.note, answer.error ? app.t(answer.error.key, answer.error.args) : "");
    const { studies = [] } = answer;
    const key = JSON.stringify(studies);
    if (key !== view.shelfKey || !view.main.childElementCount) fill(view.main, studies.length ? catalogueOf(view, studies) : noStudy(app));
    view.shelfKey = key;
    if (studies.some(isUnfinished)) view.timer = setTimeout(refresh, 1000 * SHELF_SECONDS);
  };
  await refresh();
}

/** What makes a study of the territory on screen and shows it; the default one need not be named. */
function studyCommands({ boot }) {
  const named = boot.left_out ? ` --territory ${boot.territory}` : "";
  return `sim77 sweep experiments/desk-capacity-price/study.yaml${named}\nsim77 app --studies out${named}`;
}

function noStudy(app) {
  return [h("p.s77-lead", app.t("stu_none")), app.boot.left_out ? h("p", app.t("left_out")) : null, h("p", app.t("stu_how")), h("pre.s77-code", studyCommands(app))];
}

function isUnfinished(one) {
  return Boolean(one.planned) && one.runs < one.planned;
}

function catalogueOf(view, studies) {
  const { app } = view;
  return [h("p.s77-lead", app.t("stu_lead")), h("ul.s77-shelf", studies.map((one) => (one.damaged ? damagedCard(app, one) : studyCard(app, one))))];
}

function studyCard(app, one) {
  const open = () => app.set({ ...NO_STUDY, study: one.name });
  return h("li.s77-card", { dataset: { study: one.name }, onclick: open },
    h("h2", h("button", { type: "button", onclick: (event) => { event.stopPropagation(); open(); } }, app.label(one.title))),
    h("p", app.label(one.question)),
    h("p.s77-small", [app.t(`stu_form_${one.form}`), one.made ? app.fmt.dateShort(one.made) : "", app.t("stu_runs", { n: app.fmt.num(one.runs) }), app.t("stu_made_with", { version: one.sim77 })].filter(Boolean).join(", ")),
    isUnfinished(one) ? progressOf(app, one) : null,
    h("p.s77-small", differsFrom(app, one)));
}

function damagedCard(app, one) {
  return h("li.s77-card.s77-damaged", h("h2", one.name), h("p", app.t("study_damaged", { word: one.name, detail: "" })));
}

function progressOf(app, one) {
  const time = one.latest ? one.latest.slice(11, 16) : "–";
  return h("p.s77-small.s77-under", h("progress", { max: one.planned, value: one.runs, "aria-label": app.t("stu_progress") }),
    app.t("stu_progress_of", { n: app.fmt.num(one.runs), all: app.fmt.num(one.planned), time }));
}

/** What a study was made with that is not this page's, in a sentence; blank if nothing. */
function differsFrom(app, one) {
  const differs = (one.differs || []).map((what) => app.t(`stu_differs_${what}`));
  return differs.length ? app.t("stu_differs", { what: differs.join(app.t("stu_differs_and")) }) : "";
}

// One study -----------------------------------------------------------------------------------------

function showStudy(view, answer) {
  const { app } = view;
  const before = view.study;
  if (!before || before.outcome !== answer.outcome || before.runs !== answer.runs) view.parts = {};
  view.study = answer;
  showFrame(view, true);
  setText(view.title, app.label(answer.form === "siting" ? answer.title : answer.question) || app.label(answer.title));
  view.title.classList.toggle("s77-long", view.title.textContent.length > 110);
  fill(view.note, noteOf(view));
  if (answer.form === "siting") showSiting(view);
  else showSweep(view);
  // From now on the address says which outcome is shown, whatever was asked for.
  if (answer.outcome !== undefined) app.set({ outcome: answer.outcome });
  app.announce(view.title.textContent);
}

function noteOf(view) {
  const { app, study } = view;
  const message = [study.form === "siting" ? app.label(study.question) : app.label(study.title), app.label(study.caveat), study.made ? app.t("stu_made_on", { date: app.fmt.dateShort(study.made) }) : "", app.t("stu_made_with", { version: study.sim77 }), differsFrom(app, study)];
  const text = message.filter(Boolean).map((one) => (/[.!?]$/.test(one) ? one : `${one}.`)).join(" ");
  if (!isUnfinished(study)) return text;
  return [text, " ", progressOf(app, study), h("button.s77-link", { type: "button", onclick: () => openStudy(view) }, app.t("stu_read_again"))];
}

function showSweep(view) {
  const { app, study } = view;
  const known = new Set(study.factors.map((one) => one.name));
  const unknown = [app.state.factor, ...Object.keys(app.state.filters || {})].filter((name) => name && !known.has(name));
  if (unknown.length) emitBanner(app, { key: "study_factor", args: { word: unknown.join(", ") }, kind: "warning" });
  fill(view.side, filterList(view), factsOf(view));
  buildScatter(view);
  view.openTable = () => openPointsTable(view);
  view.places = Object.fromEntries(STUDY_PARTS.map((kind) => [kind, h("div.s77-part")]));
  fill(view.reasons, Object.values(view.places));
  for (const kind of STUDY_PARTS) showPart(view, kind);
}

/** A part of the right column: its figures, or that they are being made, or why there are none. */
function showPart(view, kind) {
  const { app } = view;
  const place = view.places && view.places[kind];
  if (!place) return;
  const answer = view.parts[kind];
  const makers = { study_matters: mattersFigures, study_conditions: conditionFigures, study_regret: regretFigures };
  if (!answer) return fill(place, h("figure.s77-figure", h("h3", app.t(`stu_head_${kind.slice(6)}`)), h("p.s77-small", { role: "status" }, app.t("stu_computing"))));
  if (answer.error) return fill(place, h("figure.s77-figure", h("h3", app.t(`stu_head_${kind.slice(6)}`)), h("p.s77-small", app.t(answer.error.key, answer.error.args))));
  fill(place, makers[kind](view, answer));
  if (kind === "study_conditions") drawScatter(view);
}

// Export --------------------------------------------------------------------------------------------

/** What the export dialog offers here: {stem, tables: [{name, label, rows}], command, files}. */
function studyExport(view) {
  const { study } = view;
  if (!study) return null;
  const tables = study.form === "siting" ? sitingTables(view) : sweepTables(view);
  return { stem: `sim77-${study.study}`, tables, command: study.command, files: study.files };
}

function sweepTables(view) {
  const { app, study } = view;
  const { study_matters: matters, study_conditions: conditions, study_regret: regret } = view.parts;
  const named = (name, rows) => ({ name, label: app.t(`exp_csv_${name}`), rows });
  return [
    named("points", pointRows(view)),
    matters && matters.rows ? named("sensitivity", [...matters.rows, ...matters.pairs].map((row) => ({ outcome: study.outcome, method: matters.method, factor: row.factor, other: row.other || "", ...plainNumbers(row) }))) : null,
    conditions && conditions.leaves.rows ? named("conditions", conditions.leaves.rows.map((row) => ({ outcome: study.outcome, rule: app.label(row.rule), ...plainNumbers(row) }))) : null,
    regret && regret.rows ? named("regret", regret.rows.map((row) => ({ outcome: study.outcome, ...Object.fromEntries(regret.levers.map((name, at) => [name, row.levers[at]])), ...plainNumbers(row) }))) : null,
  ].filter(Boolean);
}
