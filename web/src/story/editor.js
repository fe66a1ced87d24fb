// The editor of a story on the page: scenes, their words in both languages, capture, YAML.

import { fill, h, later, setText, uid } from "../core/dom.js";
import { clamp } from "../core/numbers.js";
import { saveFile } from "../core/page.js";
import { capital, plain } from "../core/words.js";
import { errorText } from "../state/app.js";
import { communeName } from "../state/places.js";
import { hasComparison } from "../state/comparison.js";
import { settingsOf } from "../state/history.js";
import { MOST_ZOOM } from "../map/view.js";
import { sceneAt, scenesOf, storyOf, textOf } from "./story.js";
import { PICTURES } from "./pictures.js";

const OWN = "mine";

export function toggleEditor(show) {
  show.editing = !show.editing;
  show.editor.hidden = !show.editing;
  show.el.classList.toggle("s77-editing", show.editing);
  if (show.editing) {
    drawEditor(show);
    const first = show.editor.querySelector("button");
    if (first) first.focus();
  }
  show.drawFoot();
}

/** The story being edited: a shipped one is copied, so that it stays as it was shipped. */
function draftOf(show) {
  const { app } = show;
  app.drafts = app.drafts || [];
  const story = storyOf(show);
  if (story && app.drafts.includes(story)) return story;
  // One story a page is being written: its name is that under which Python keeps it.
  const draft = story ? { ...structuredClone(story), name: OWN } : { name: OWN, title: { fr: app.boot.words.fr.pre_new_story, en: app.boot.words.en.pre_new_story }, scenes: [] };
  app.drafts = [draft];
  app.set({ story: OWN });
  return draft;
}

export function drawEditor(show) {
  const { app, editor } = show;
  const scene = sceneAt(show);
  const message = h("p.s77-small", { role: "status" });
  const button = (key, action, primary) => h(`button.s77-btn${primary ? ".s77-pri" : ""}`, { type: "button", onclick: action }, app.t(key));
  fill(editor,
    h("div.s77-dialog-head", h("h2", app.t("pre_editor")), h("button.s77-icon", { type: "button", "aria-label": app.t("pre_edit_done"), onclick: () => toggleEditor(show) }, "×")),
    sceneList(show),
    h("div.s77-editbuttons", button("pre_add_view", () => addScene(show), true), openButton(show, message), button("pre_export", () => saveStory(show, message))),
    message, scene ? sceneFields(show, scene) : null);
}

function sceneList(show) {
  const { app } = show;
  const scenes = scenesOf(show);
  const icon = (sign, key, action, disabled) => h("button.s77-icon", { type: "button", "aria-label": app.t(key), title: app.t(key), disabled, onclick: action }, sign);
  return h("ol.s77-scenelist", scenes.map((scene, at) => h("li", { class: at === (app.state.scene || 0) ? "s77-now" : null },
    h("button.s77-grow", { type: "button", onclick: () => show.go(at) }, `${at + 1}. ${textOf(app, scene.title).replaceAll("*", "") || app.t("pre_untitled")}`),
    icon("↑", "pre_up", () => moveScene(show, at, -1), at === 0), icon("↓", "pre_down", () => moveScene(show, at, 1), at === scenes.length - 1),
    icon("×", "pre_remove", () => removeScene(show, at)))));
}

function moveScene(show, at, by) {
  const { scenes } = draftOf(show);
  scenes.splice(at + by, 0, ...scenes.splice(at, 1));
  keepDraft(show);
  show.go(at + by);
  show.draw();
}

function removeScene(show, at) {
  draftOf(show).scenes.splice(at, 1);
  show.app.set({ scene: clamp(at, 0, Math.max(0, scenesOf(show).length - 1)) });
  show.draw();
}

/** A scene of the view the editor was opened from: its scenarios, levers, indicator and moment. */
function addScene(show) {
  const { app } = show;
  const draft = draftOf(show);
  const both = (fr, en) => ({ fr, en });
  const finding = hasComparison(app) ? both(app.compare.finding_fr, app.compare.finding_en) : both("", "");
  const at = Math.min((app.state.scene || 0) + 1, draft.scenes.length);
  draft.scenes.splice(at, 0, { title: both(app.boot.words.fr.pre_untitled, app.boot.words.en.pre_untitled), text: finding, notes: both("", ""), picture: "difference", ...show.before });
  keepDraft(show);
  show.go(at);
  show.draw();
}

// Fields of one scene --------------------------------------------------------------------------------

function sceneFields(show, scene) {
  const { app } = show;
  const change = (edit) => {
    const at = app.state.scene || 0;
    const draft = draftOf(show);
    edit(draft.scenes[at]);
    keepDraft(show);
    if (show.words) show.drawWords(draft.scenes[at]);
  };
  const field = (key, lang, rows) => {
    const value = (scene[key] || {})[lang] || "";
    const id = uid(app);
    const box = h(rows > 1 ? "textarea.s77-code" : "input.s77-code", { id, lang, rows: rows > 1 ? rows : null, type: rows > 1 ? null : "text", value, oninput: () => change((target) => { target[key] = { ...target[key], [lang]: box.value }; }) });
    if (rows > 1) box.value = value;
    return h("div.s77-field", h("label", { for: id }, app.t(`pre_field_${key}`, { lang: lang.toUpperCase() })), box);
  };
  const picture = h("select.s77-select", {
    "aria-label": app.t("pre_picture"), onchange: () => { change((target) => { target.picture = picture.value; }); show.draw(); },
  }, PICTURES.map((kind) => h("option", { value: kind, selected: kind === (scene.picture || "difference") }, app.t(`pre_picture_${kind}`))));
  const capture = () => {
    change((target) => Object.assign(target, settingsOf(app.state)));
    show.draw();
  };
  const other = app.lang === "fr" ? "en" : "fr";
  const words = (lang) => [field("title", lang, 1), field("text", lang, 3), field("caveat", lang, 2), field("notes", lang, 3)];
  return h("div.s77-scenefields",
    h("label.s77-field", h("span", app.t("pre_picture")), picture), indicatorField(show, change),
    markedField(show, scene, change), zoomField(show, scene, change),
    h("button.s77-btn", { type: "button", onclick: capture }, app.t("pre_capture")),
    h("p.s77-small", app.t("pre_hint")), words(app.lang), h("details", h("summary", other.toUpperCase()), words(other)));
}

function indicatorField(show, change) {
  const { app } = show;
  const select = h("select.s77-select", {
    onchange: () => {
      change((target) => { target.indicator = select.value; });
      app.set({ indicator: select.value });
    },
  }, (app.boot.indicators || []).map((one) => h("option", { value: one.name, selected: one.name === app.state.indicator }, capital(app.label(one)))));
  return h("label.s77-field", h("span", app.t("indicator")), select);
}

/** Names of communes, told back when one of them is unknown; what else is marked stays. */
function markedField(show, scene, change) {
  const { app } = show;
  const { code, name } = app.boot.communes;
  const message = h("p.s77-small", { role: "status" });
  const shown = ((scene.highlight || {}).communes || []).map((one) => communeName(app.boot.communes, one)).join(" ; ");
  const box = h("input.s77-code", {
    type: "text", lang: "fr", value: shown,
    onchange: () => {
      const words = box.value.split(";").map((one) => one.trim()).filter(Boolean);
      const rows = words.map((word) => name.findIndex((one) => plain(one) === plain(word)));
      const wrong = rows.indexOf(-1);
      setText(message, wrong < 0 ? "" : app.t("pre_unknown_commune", { word: words[wrong].slice(0, 40) }));
      change((target) => { target.highlight = { ...target.highlight, communes: rows.filter((row) => row >= 0).map((row) => code[row]) }; });
      if (wrong < 0) show.draw();
    },
  });
  return h("div", h("label.s77-field", h("span", app.t("pre_marked")), box), message);
}

function zoomField(show, scene, change) {
  const slider = h("input", {
    type: "range", min: 1, max: MOST_ZOOM, step: 0.5, value: scene.zoom || 1,
    onchange: () => {
      change((target) => { target.zoom = Number(slider.value); });
      show.draw();
    },
  });
  return h("label.s77-field", h("span", show.app.t("pre_zoom")), slider);
}

// Files ------------------------------------------------------------------------------------------------

/** Python reads and writes the YAML: it checks each word of it, and says what is wrong. */
function openButton(show, message) {
  const { app } = show;
  const input = h("input.s77-sr", { type: "file", accept: ".yaml,.yml,text/yaml", tabindex: "-1", "aria-hidden": "true" });
  input.addEventListener("change", async () => {
    const [file] = input.files;
    input.value = "";
    if (!file) return;
    const answer = await app.ask("story_parse", { text: await file.text() }).catch(() => ({ error: { key: "why_failed" } }));
    if (answer.error) return setText(message, errorText(app, answer.error));
    app.drafts = [{ ...answer.story, name: OWN }];
    app.set({ story: OWN, scene: 0 });
    show.go(0);
    show.draw();
  });
  return h("span", input, h("button.s77-btn", { type: "button", onclick: () => input.click() }, app.t("pre_import")));
}

async function saveStory(show, message) {
  const { app } = show;
  const answer = await app.ask("story_save", { story: wholeStory(draftOf(show)) }).catch(() => ({ error: { key: "why_failed" } }));
  if (answer.error) return setText(message, errorText(app, answer.error));
  saveFile(answer.filename || "story.yaml", "text/yaml", answer.text);
  setText(message, app.t("pre_saved"));
}

/** Python keeps the story too, so that its scenes are there when the address is opened again. */
function keepDraft(show) {
  const keep = () => show.app.ask("story_parse", { story: wholeStory(draftOf(show)) }).catch(() => null);
  show.keep = show.keep || later(keep, 900);
  show.keep();
}

/** A story as the file wants it: every text in both languages, nothing that is only of this page. */
function wholeStory({ title, about, scenes }) {
  const both = (text) => ({ fr: "", en: "", ...text });
  return {
    title: both(title), ...(about ? { about: both(about) } : {}),
    scenes: scenes.map((scene) => {
      const texts = ["title", "text", "caveat", "notes"].map((key) => [key, both(scene[key])]);
      const rest = Object.entries(scene).filter(([, value]) => value !== null && value !== undefined && value !== "");
      return { ...Object.fromEntries(rest), ...Object.fromEntries(texts) };
    }),
  };
}
