// Present: a story of scenes, one sentence and one picture at a time, made for a room.

import { append, fill, frameOnce, h, inField, later, mounted, uid } from "../core/dom.js";
import { clamp } from "../core/numbers.js";
import { toggleFullScreen } from "../core/page.js";
import { comparisonFits, hasComparison, sourceLine } from "../state/comparison.js";
import { SCENE_KEYS, settingsOf } from "../state/history.js";
import { openDialog } from "../widgets/dialog.js";
import { languageChoice } from "../widgets/segmented.js";
import {
  markedUp, paragraphsOf, sceneAt, scenesOf, storiesOf, storyOf, textOf, sceneText,
} from "./story.js";
import { drawEditor, toggleEditor } from "./editor.js";
import { mountPicture } from "./pictures.js";

/** Mount the view in an element; returns {destroy}. */
export function mountPresent(app, el) {
  el.classList.add("s77-present");
  app.root.classList.add("s77-presenting");
  const show = { app, el, before: settingsOf(app.before || app.state), editing: false, started: Date.now() };
  show.body = h("div.s77-scene", { "aria-live": "off" });
  show.editor = h("aside.s77-editor", { "aria-label": app.t("pre_editor"), hidden: true });
  show.foot = h("footer.s77-scenefoot");
  append(el, [show.body, show.editor, show.foot]);
  // What the editor asks of the stage.
  Object.assign(show, {
    go: (at) => goToScene(show, at), draw: () => showScene(show), drawFoot: () => showFoot(show),
    drawWords: (scene) => showWords(show, scene), tell: later(() => tellScene(show), 400),
  });
  const keys = (event) => presentKey(show, event);
  document.addEventListener("keydown", keys, true);
  const stops = [
    app.on("notes", () => openNotes(show)),
    app.on(["compare", "sides", "scene", "phase"], frameOnce(() => refreshScene(show))),
    app.on("phase", show.tell), show.tell.cancel,
    app.on(["state:scene", "state:story"], () => showScene(show)),
    () => document.removeEventListener("keydown", keys, true),
  ];
  goToScene(show, clamp(app.state.scene || 0, 0, Math.max(0, scenesOf(show).length - 1)), true);
  const leave = () => {
    dropPicture(show);
    app.root.classList.remove("s77-presenting");
    if (show.notes && !show.notes.closed) show.notes.close();
  };
  return mounted([...stops, leave]);
}

/** Go to a scene: its settings become the state, so that its address can be shared. */
function goToScene(show, at, first = false) {
  const { app } = show;
  const story = storyOf(show);
  const scene = story && story.scenes[at];
  if (!scene) return showScene(show);
  const given = Object.fromEntries(SCENE_KEYS.filter((key) => scene[key] !== undefined && scene[key] !== null).map((key) => [key, structuredClone(scene[key])]));
  // A scene without levers is one of scenarios alone: levers of the scene before must not stay.
  const patch = { levers: {}, sites: { opened: [], closed: [] }, ...given, story: story.name, scene: at };
  const same = app.state.scene === at && app.state.story === story.name;
  app.set(patch);
  if (same || first) showScene(show);
}

function stepScene(show, by) {
  const at = clamp((show.app.state.scene || 0) + by, 0, Math.max(0, scenesOf(show).length - 1));
  if (at !== show.app.state.scene) goToScene(show, at);
}

function presentKey(show, event) {
  const { app } = show;
  if (event.ctrlKey || event.metaKey || event.altKey || app.root.querySelector("dialog[open]")) return;
  if (!app.root.isConnected || (inField(event) && event.key !== "Escape")) return;
  const last = scenesOf(show).length - 1;
  const moves = {
    ArrowRight: () => stepScene(show, 1), PageDown: () => stepScene(show, 1), " ": () => stepScene(show, 1),
    ArrowLeft: () => stepScene(show, -1), PageUp: () => stepScene(show, -1),
    Home: () => goToScene(show, 0), End: () => goToScene(show, last),
    Escape: () => (show.editing ? toggleEditor(show) : leavePresent(app)),
  };
  const onMap = event.target.closest && event.target.closest(".s77-mapbox") && event.key.startsWith("Arrow");
  // A page of its own has no other view to go to.
  if (app.boot.alone && event.key >= "1" && event.key <= "5") return event.stopPropagation();
  if (!moves[event.key] || onMap) return;
  event.preventDefault();
  event.stopPropagation();
  moves[event.key]();
}

function leavePresent(app) {
  if (app.boot.alone) return;
  app.set({ view: app.before ? app.before.view : "compare" });
}

// What is seen ------------------------------------------------------------------------------------

function showScene(show) {
  const { app, body } = show;
  const scene = sceneAt(show);
  dropPicture(show);
  if (!scene) fill(body, h("div.s77-scenetext", h("h1", { id: "s77-title", tabindex: "-1" }, app.t("view_present")), h("p", app.t("pre_none")), app.boot.left_out ? h("p", app.t("left_out")) : null));
  else {
    const bare = scene.picture === "text";
    show.words = h("div.s77-scenetext");
    show.place = h("div.s77-picture", { id: "s77-figures" });
    body.classList.toggle("s77-bare", bare);
    fill(body, show.words, bare ? null : show.place);
    showWords(show, scene);
    if (!bare) show.picture = mountPicture(show, scene);
    fadeIn(body);
  }
  show.tell();
  showFoot(show);
  writeNotes(show);
  if (show.editing) drawEditor(show);
}

/** New numbers have come: words with numbers in them and pictures follow, without a fade. */
function refreshScene(show) {
  const scene = sceneAt(show);
  if (!scene || !show.words) return;
  showWords(show, scene);
  fill(show.foot.querySelector(".s77-sourceline"), sourceText(show));
  if (show.picture && show.picture.refresh) show.picture.refresh();
  show.tell();
}

/** Whether the figures of the scene are there: those of the scene before must not pass for them. */
function isComplete(show) {
  const { app } = show;
  const scene = sceneAt(show);
  const own = (app.drafts || []).includes(storyOf(show));
  return own ? hasComparison(app) && comparisonFits(app) : Boolean(sceneText(show, scene).complete);
}

function isWaiting(show) {
  const scene = sceneAt(show);
  return Boolean(scene) && show.app.status.phase !== "error" && !isComplete(show);
}

/** Where the figures come from; while they are computed, which they will be. */
function sourceText(show) {
  const { app } = show;
  if (!isWaiting(show)) return sourceLine(app);
  const [a, b] = ["a", "b"].map((side) => (app.boot.presets || []).find((one) => one.name === app.state[`scenario_${side}`]));
  return a && b ? app.t("pre_computing_pair", { a: app.label(a), b: app.label(b) }) : app.t("pre_computing");
}

/** Tell a screen reader the scene once its figures are there and change no more; after a failure, without them. */
function tellScene(show) {
  const { app } = show;
  const scene = sceneAt(show);
  if (!scene) return;
  const message = sceneText(show, scene);
  if (app.status.phase !== "error" && !(app.status.phase === "idle" && isComplete(show))) return;
  app.announce([textOf(app, message.title), textOf(app, message.text)].join(". ").replaceAll("*", ""));
}

function dropPicture(show) {
  if (show.picture) show.picture.destroy();
  show.picture = null;
}

function fadeIn(body) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches || !body.animate) return;
  body.animate([{ opacity: 0 }, { opacity: 1 }], { duration: 350, easing: "ease-out" });
}

function showWords(show, given) {
  const { app } = show;
  const scene = sceneText(show, given);
  const caveat = textOf(app, scene.caveat);
  const waiting = isWaiting(show);
  // The picture of the scene before stays hidden until it is that of this one.
  show.body.classList.toggle("s77-waiting", waiting);
  fill(show.words,
    h("h1", { id: "s77-title", tabindex: "-1" }, markedUp(textOf(app, scene.title))),
    paragraphsOf(textOf(app, scene.text)).map((text) => h("p", markedUp(text))),
    caveat ? h("p.s77-caveat", markedUp(caveat)) : null,
    waiting ? h("p.s77-computing", app.t("pre_computing")) : null);
}

// Below the scene -----------------------------------------------------------------------------------

function showFoot(show) {
  const { app, foot } = show;
  const scenes = scenesOf(show);
  const at = app.state.scene || 0;
  const dots = scenes.map((scene, number) => h("button", {
    type: "button", "aria-current": number === at ? "step" : null, title: textOf(app, scene.title).replaceAll("*", ""),
    "aria-label": app.t("pre_scene_n", { n: number + 1, title: textOf(app, scene.title).replaceAll("*", "") }), onclick: () => goToScene(show, number),
  }));
  const step = (sign, key, by) => h("button.s77-kbd", { type: "button", "aria-label": app.t(key), title: app.t(key), onclick: () => stepScene(show, by) }, sign);
  const button = (letter, key, action) => h("button.s77-footkey", { type: "button", onclick: action }, h("kbd", letter), app.t(key));
  const stories = storiesOf(app);
  fill(foot,
    h("nav.s77-scenedots", { "aria-label": app.t("pre_scenes") }, dots), scenes.length ? h("span", `${at + 1} / ${scenes.length}`) : null,
    stories.length > 1 ? h("select.s77-select.s77-quiet", {
      "aria-label": app.t("pre_stories"), onchange: (event) => { app.set({ story: event.target.value, scene: 0 }); goToScene(show, 0); },
    }, stories.map((story) => h("option", { value: story.name, selected: story === storyOf(show) }, textOf(app, story.title) || story.name))) : null,
    h("span.s77-sourceline", sourceText(show)),
    h("span.s77-footgroup", step("←", "pre_before", -1), step("→", "pre_next", 1), h("span.s77-x", app.t("pre_keys_scenes"))),
    button("N", "pre_keys_notes", () => openNotes(show)), button("F", "pre_full", () => toggleFullScreen(app)),
    app.boot.alone ? languageChoice(app) : h("button.s77-footkey", { type: "button", "aria-expanded": String(show.editing), onclick: () => toggleEditor(show) }, app.t("pre_edit")),
    app.boot.alone ? null : button(app.fmt.french ? "Échap" : "Esc", "pre_leave", () => leavePresent(app)));
}

// Speaker notes in a window of their own ------------------------------------------------------------

function openNotes(show) {
  const { app } = show;
  if (show.notes && !show.notes.closed) return show.notes.focus();
  show.notes = window.open("", `${uid(app)}-notes`, "popup,width=620,height=520");
  if (!show.notes) {
    const scene = sceneAt(show);
    return openDialog(app, app.t("pre_notes_of"), h("p", (scene && textOf(app, sceneText(show, scene).notes)) || app.t("pre_no_notes")));
  }
  show.started = Date.now();
  const doc = show.notes.document;
  doc.title = app.t("pre_notes_of");
  doc.documentElement.lang = app.lang;
  doc.body.style.cssText = "font:1.35rem/1.5 sans-serif;margin:1.6rem;background:#10171F;color:#F1EEE6";
  doc.addEventListener("keydown", (event) => presentKey(show, event));
  writeNotes(show);
}

function writeNotes(show) {
  const { app, notes } = show;
  if (!notes || notes.closed) return;
  const scene = sceneAt(show);
  const next = scenesOf(show)[(app.state.scene || 0) + 1];
  const minutes = Math.floor((Date.now() - show.started) / 60000);
  const seconds = Math.floor((Date.now() - show.started) / 1000) % 60;
  const line = (tag, text, style = "") => {
    const node = notes.document.createElement(tag);
    node.textContent = text;
    node.style.cssText = style;
    return node;
  };
  notes.document.body.replaceChildren(
    line("p", `${(app.state.scene || 0) + 1} / ${scenesOf(show).length}   ${minutes}:${String(seconds).padStart(2, "0")}`, "color:#9AA4AF;margin:0"),
    line("h1", scene ? textOf(app, sceneText(show, scene).title).replaceAll("*", "") : "", "font-size:1.2em;margin:.3em 0"),
    ...paragraphsOf((scene && textOf(app, sceneText(show, scene).notes)) || app.t("pre_no_notes")).map((text) => line("p", text)),
    line("p", next ? app.t("pre_then", { title: textOf(app, next.title).replaceAll("*", "") }) : "", "color:#9AA4AF"));
}
