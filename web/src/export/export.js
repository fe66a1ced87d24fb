// Export: pictures are made here from what is seen; tables come from Python; 'reproduce this'.

import { fill, h, setText } from "../core/dom.js";
import { copyText, saveFile } from "../core/page.js";
import { openDialog } from "../widgets/dialog.js";
import { fileStem, printPicture, savePdf, savePng } from "./files.js";
import { pictureOf } from "./picture.js";

/** The menu of exports: a picture of what is seen, its data, and how to make the numbers again. */
export function openExport(app) {
  const message = h("p.s77-small", { role: "status" });
  // Drawn before the dialog covers the page, and in light colours whatever the theme.
  const picture = pictureOf(app);
  const button = (label, action) => h("button.s77-btn", { type: "button", onclick: action }, label);
  const own = app.viewExport ? app.viewExport() : null;
  const more = h("div.s77-reproduce", h("p.s77-small", app.t("reproduce_coming")));
  openDialog(app, app.t("export"), [
    h("section", h("h3", app.t("exp_picture")), h("p.s77-small", app.t("exp_picture_note")), h("div.s77-exportrow",
      button("PNG", () => savePng(app, picture, message)), button("SVG", () => saveFile(`${fileStem(app)}.svg`, "image/svg+xml", picture.text)),
      button("PDF", () => savePdf(app, picture, message)), button(app.t("exp_print"), () => printPicture(app, picture)))),
    own ? ownTables(app, own, message) : h("section", h("h3", app.t("exp_data")), h("p.s77-small", app.t("exp_data_note")), h("div.s77-exportrow",
      ["communes", "effects", "telecentres", "days"].map((name) => button(app.t(`exp_csv_${name}`), () => saveData(app, { format: "csv", table: name }, message))),
      button(app.t("exp_geojson"), () => saveData(app, { format: "geojson" }, message)))),
    message,
    h("section", h("h3", app.t("exp_reproduce")), h("p.s77-small", app.t(own ? "exp_study_again" : "reproduce_intro")), more),
  ], { wide: true });
  if (own) fill(more, copyField(app, app.t("command_line"), own.command), filesOf(app, own.files));
  else showReproduction(app, more);
}

/** The tables of a view that has its own, made into files here: {stem, tables: [{name, label, rows}]}. */
function ownTables(app, own, message) {
  const save = ({ name, rows }) => {
    const file = `${own.stem}-${name}.csv`;
    saveFile(file, "text/csv", csvText(rows));
    setText(message, app.t("exp_saved", { name: file }));
  };
  return h("section", h("h3", app.t("exp_data")), h("p.s77-small", app.t("exp_study_note")), h("div.s77-exportrow",
    own.tables.map((one) => h("button.s77-btn", { type: "button", onclick: () => save(one) }, one.label))));
}

/** Rows of plain values as CSV: decimal points, quotes where a text needs them. */
function csvText(rows) {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cell = (value) => (value === null || value === undefined ? "" : /[",\n]/.test(value) ? `"${String(value).replace(/"/g, '""')}"` : String(value));
  return [names, ...rows.map((row) => names.map((name) => row[name]))].map((line) => `${line.map(cell).join(",")}\n`).join("");
}

async function saveData(app, wanted, message) {
  const answer = await app.ask("export", wanted).catch(() => ({ error: { key: "why_failed" } }));
  if (answer.error) return setText(message, app.t(answer.error.key, answer.error.args));
  saveFile(answer.filename, answer.mime, answer.text);
  setText(message, app.t("exp_saved", { name: answer.filename }));
}

// Reproduce -----------------------------------------------------------------------------------------

/** A text with a button that copies it; if the browser refuses, the text is selected for a hand. */
function copyField(app, label, text) {
  const message = h("span.s77-small", { role: "status" });
  const rows = Math.min(12, text.split("\n").reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / 48)), 0));
  const box = h("textarea.s77-code", { rows, readonly: true, "aria-label": label, spellcheck: "false" });
  box.value = text;
  const copy = async () => {
    box.select();
    setText(message, app.t((await copyText(text)) ? "copied" : "copy_by_hand"));
  };
  return h("div.s77-share", h("h4", label), h("div", box, h("button.s77-btn", { type: "button", "aria-label": `${app.t("copy")}${app.fmt.colon}${label}`, onclick: copy }, app.t("copy"))), message);
}

/** Ask Python how to make the same numbers without the app, and show it in an element. */
export async function showReproduction(app, place) {
  place.classList.add("s77-reproduce");
  const answer = await app.ask("reproduce").catch(() => ({ error: { key: "why_failed" } }));
  if (answer.error) return fill(place, h("p.s77-small", app.t(answer.error.key, answer.error.args)));
  fill(place,
    copyField(app, "Python", answer.python.trim()), copyField(app, app.t("command_line"), answer.command),
    copyField(app, app.t("exp_command_run"), answer.command_run),
    filesOf(app, answer.files || {}));
}

/** Files by name, each to copy or to save. */
function filesOf(app, files) {
  return Object.entries(files).map(([name, text]) => [copyField(app, `YAML${app.fmt.colon}${name}`, text),
    h("button.s77-link.s77-small", { type: "button", onclick: () => saveFile(name, "text/yaml", text) }, app.t("exp_save_file", { name }))]);
}

/** The versions that decide the numbers, in one line. */
export function versionsText(app) {
  const { sim77, data_hash: data, parameters_hash: parameters } = app.boot.versions || {};
  const short = (hash) => (hash ? String(hash).slice(0, 10) : "–");
  return app.t("exp_versions", { version: sim77 || "–", data: short(data), parameters: short(parameters), seed: app.state.seed ?? 1 });
}
