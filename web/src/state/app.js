// The one object every panel gets: model, state, words, events, and the dialogue with Python.

import { later, setText } from "../core/dom.js";
import { fillIn, flatten } from "../core/words.js";
import { createFormat, typographic } from "../core/format.js";
import { acrossPresent, followHistory, showAddress } from "./history.js";
import { decodeSide } from "./sides.js";

// The shared object -----------------------------------------------------------------------

/**
 * The one object every panel gets.
 *
 * model  the anywidget model, or any object with get, set, save_changes, on, send
 * root   the element that carries theme and language
 *
 * Events heard with app.on: "boot", "levers", "sides", "compare", "status" (at each step of progress),
 * "phase" (when a status of another kind begins), "banner", "scene", "playing",
 * "told" (playback ended), "held" (key A or B), "map:zoom", "focus:map", "table", "sheet", "export",
 * "notes", and "state:<key>" or "state" for what `app.set` or Python changes.
 */
export function createApp(model, root) {
  const app = { model, root, listeners: new Map(), pending: {}, sent: 0, answers: new Map() };
  app.boot = model.get("boot") || {};
  app.state = { ...defaultState(app.boot), ...(model.get("state") || {}) };
  app.levers = model.get("levers") || app.boot.levers || [];
  app.panel = model.get("panel") || "app";
  // A part of a notebook: it neither owns the address nor the keys of the whole document.
  // One panel shows what a result holds: nothing behind it computes, opens a site or tells why.
  app.stored = app.panel !== "app";
  app.embedded = app.stored || document.querySelector(".jp-LabShell, .jp-Notebook, .jp-NotebookPanel") !== null;
  app.sides = {};
  // Settings from before Present, and the states of addresses that the window has shown.
  app.before = null;
  app.visited = new Map();
  app.compare = model.get("compare") || null;
  app.status = model.get("status") || { phase: "idle" };
  app.playing = false;
  addEvents(app);
  addWords(app);
  addDialogue(app);
  listenToModel(app);
  return app;
}

function defaultState(boot) {
  const first = (boot.indicators || [])[0];
  return {
    view: "compare", lang: "fr", theme: "light", levers: {}, sites: { opened: [], closed: [] },
    indicator: first ? first.name : "", by: "day", speed: 5, place: null,
  };
}

function addEvents(app) {
  /** Hear events (a name or several); returns the function that stops hearing. */
  app.on = (names, fn) => {
    const list = [names].flat();
    for (const name of list) {
      if (!app.listeners.has(name)) app.listeners.set(name, new Set());
      app.listeners.get(name).add(fn);
    }
    return () => list.forEach((name) => app.listeners.get(name).delete(fn));
  };
  app.emit = (name, detail) => {
    for (const fn of [...(app.listeners.get(name) || [])]) fn(detail);
  };
  /**
   * Change the shared state: redraw at once, tell Python soon after.
   * {quiet: true} keeps it on this page (the day during playback).
   */
  app.set = (given, { quiet = false } = {}) => {
    const patch = acrossPresent(app, given);
    const keys = changedKeys(app.state, patch);
    if (!keys.length) return;
    Object.assign(app.state, patch);
    if (!quiet) {
      Object.assign(app.pending, patch);
      app.push();
    }
    announceState(app, keys);
  };
}

function changedKeys(state, patch) {
  return Object.keys(patch).filter(
    (key) => JSON.stringify(state[key]) !== JSON.stringify(patch[key]),
  );
}

function announceState(app, keys) {
  if (keys.includes("lang")) app.refreshWords();
  for (const key of keys) app.emit(`state:${key}`, app.state[key]);
  app.emit("state", keys);
}

function addWords(app) {
  app.refreshWords = () => {
    const lang = app.state.lang === "en" ? "en" : "fr";
    app.lang = lang;
    app.words = flatten((app.boot.words || {})[lang]);
    app.fmt = createFormat(lang);
  };
  /** The text of a key in the page's language; an unknown key shows itself. */
  app.t = (key, args) => {
    const text = app.words[key];
    return text === undefined ? key : fillIn(text, args);
  };
  /** The text of a key, or the fallback when the catalogue has none. */
  app.tOr = (key, fallback, args) => (key in app.words ? app.t(key, args) : fallback);
  /** The label of anything that carries {fr, en}. */
  app.label = (thing) => {
    const text = thing ? thing[app.lang] || thing.fr || thing.en || thing.name || "" : "";
    return typeof text === "string" ? typographic(text, app.lang) : text;
  };
  app.refreshWords();
}

// The dialogue with Python ----------------------------------------------------------------

/** Characters of a question, of which the longest holds a story. */
const MOST_SENT = 500000;

function addDialogue(app) {
  const push = later(() => {
    app.sent += 1;
    app.pending = {};
    app.model.send({ type: "set", state: { ...app.state, rev: app.sent } });
  }, 30);
  app.push = push;
  /** Ask Python something; resolves with its answer, rejects after a minute. */
  app.ask = (kind, args = {}) => {
    // The server closes the connection on whoever sends more.
    if (JSON.stringify(args).length > MOST_SENT) return Promise.resolve({ error: { key: "story_long", args: {} } });
    const id = `${kind}-${Date.now().toString(36)}-${app.answers.size}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        app.answers.delete(id);
        reject(new Error("timeout"));
      }, 60000);
      app.answers.set(id, { resolve, timer });
      app.model.send({ type: "ask", id, kind, ...args });
    });
  };
  app.cancel = () => app.model.send({ type: "cancel" });
  /** Say something to a screen reader: once, politely. */
  app.announce = (text) => {
    const region = app.root.querySelector(".s77-live");
    if (region) setText(region, text);
  };
}

function hearAnswer(app, answer) {
  if (!answer || !app.answers.has(answer.id)) return;
  const { resolve, timer } = app.answers.get(answer.id);
  clearTimeout(timer);
  app.answers.delete(answer.id);
  resolve(answer);
}

/** Follow the model's traits until `app.close()`. */
function listenToModel(app) {
  const { model } = app;
  const heard = [];
  const hear = (name, fn) => {
    app.model.on(name, fn);
    heard.push([name, fn]);
  };
  hear("change:boot", () => {
    app.boot = app.model.get("boot");
    app.refreshWords();
    app.emit("boot");
  });
  hear("change:levers", () => {
    app.levers = model.get("levers");
    app.emit("levers");
  });
  hear("change:address", () => showAddress(app));
  hear("change:state", () => receiveState(app, app.model.get("state") || {}));
  const sides = later(() => readSides(app), 0);
  // A side's bytes come before their description, so the description tells that both are there.
  for (const side of ["a", "b"]) hear(`change:side_${side}`, sides);
  hear("change:compare", () => {
    app.compare = app.model.get("compare");
    app.emit("compare");
    tellCompared(app);
  });
  hear("change:status", () => {
    const { phase } = app.status;
    app.status = app.model.get("status") || { phase: "idle" };
    app.emit("status");
    if (app.status.phase !== phase) app.emit("phase");
  });
  hear("change:banner", () => emitBanner(app, app.model.get("banner")));
  hear("change:scene", () => app.emit("scene"));
  hear("change:answer", () => hearAnswer(app, app.model.get("answer")));
  hear("msg:custom", (message) => {
    if (message && message.type === "answer") hearAnswer(app, message);
    if (message && message.type === "banner") emitBanner(app, message);
  });
  const leaveHistory = followHistory(app);
  app.close = () => {
    leaveHistory();
    app.push.cancel();
    if (app.model.off) heard.forEach(([name, fn]) => app.model.off(name, fn));
    app.listeners.clear();
  };
  readSides(app);
  showAddress(app);
  tellCompared(app);
}

/** Say which comparison has come, for tests and the measuring script; the next frame shows it. */
function tellCompared(app) {
  app.root.dataset.compared = (app.compare || {}).key || "";
}

/** A banner may bring others of the same moment along. */
export function emitBanner(app, banner) {
  if (!banner || !banner.key) return;
  for (const one of [banner, ...(banner.others || [])]) app.emit("banner", one);
}

/** Take Python's state, except what was changed here since: the latest hand wins. */
function receiveState(app, state) {
  if (state.rev !== undefined && state.rev < app.sent) return;
  const patch = { ...state, ...app.pending };
  if (app.playing) delete patch.day;
  const keys = changedKeys(app.state, patch);
  Object.assign(app.state, patch);
  announceState(app, keys);
}

/** Decode the years of A and B when they and their bytes have both come. */
function readSides(app) {
  let changed = false;
  for (const name of ["a", "b"]) {
    const meta = app.model.get(`side_${name}`);
    const bytes = app.model.get(`bytes_${name}`);
    const known = app.sides[name];
    if (!meta || !meta.key || !bytes || (known && known.meta === meta)) {
      continue;
    }
    const side = decodeSide(meta, bytes);
    if (side) {
      app.sides[name] = side;
      changed = true;
    }
  }
  if (changed) app.emit("sides");
}

export function errorText(app, error) {
  return app.t(error.key, error.args);
}
