// Single keys, and the help that lists them.

import { h, inField, isNarrow } from "../core/dom.js";
import { toggleFullScreen, toggleTheme } from "../core/page.js";
import { hold } from "../state/sides.js";
import { openDialog } from "../widgets/dialog.js";
import { swapSides } from "../levers/values.js";
import { stepDay, togglePlay } from "../year/playback.js";

export const VIEWS = ["explore", "compare", "why", "present", "studies"];

const HELP_KEYS = [
  ["key_space", "help_play"], ["← →", "help_day"], ["key_shift_arrows", "help_week"], ["A, B", "help_hold"],
  ["X", "help_swap"], ["1 … 5", "help_views"], ["L", "help_levers"], ["M", "help_map"], ["↑ ↓ ← →", "help_walk"],
  ["+ − 0", "help_zoom"], ["T", "help_table"], ["N", "help_notes"], ["D", "help_theme"], ["key_full", "help_full"], ["?", "help_list"],
];

export function openHelp(app) {
  const letters = h("input", {
    type: "checkbox", checked: !app.noLetters, onchange: (event) => { app.noLetters = !event.target.checked; },
  });
  openDialog(app, app.t("help"), [
    h("dl.s77-keys", HELP_KEYS.map(([key, text]) => [h("dt", h("kbd", key.startsWith("key_") ? app.t(key) : key)), h("dd", app.t(text))])),
    h("label.s77-check", letters, app.t("help_letters")),
  ]);
}

/** Single keys act outside fields only, and can be switched off (WCAG 2.1.4). */
export function addKeys(app) {
  // In a notebook keys belong to the notebook, except inside the widget.
  const where = app.embedded ? app.root : document;
  const down = (event) => {
    if (!app.root.isConnected || event.ctrlKey || event.metaKey || event.altKey || inField(event)) return;
    if (app.root.querySelector("dialog[open]")) return;
    if (pageKey(app, event)) event.preventDefault();
  };
  const up = (event) => {
    if (app.held && event.key.toLowerCase() === app.held) hold(app, null);
  };
  where.addEventListener("keydown", down);
  where.addEventListener("keyup", up);
  // The key may be let go in another window.
  const away = () => { if (app.held) hold(app, null); };
  addEventListener("blur", away);
  return () => {
    removeEventListener("blur", away);
    where.removeEventListener("keydown", down);
    where.removeEventListener("keyup", up);
  };
}

function pageKey(app, event) {
  const { key } = event;
  const days = event.shiftKey ? 5 : 1;
  const playing = { " ": () => togglePlay(app), ArrowLeft: () => stepDay(app, -days), ArrowRight: () => stepDay(app, days) };
  const always = {
    "?": () => openHelp(app), "+": () => app.emit("map:zoom", 1.6), "=": () => app.emit("map:zoom", 1.6),
    "-": () => app.emit("map:zoom", 1 / 1.6), 0: () => app.emit("map:zoom", 0),
  };
  const action = always[key] || (["explore", "compare"].includes(app.state.view) && playing[key]);
  if (action) action();
  else return app.noLetters ? false : letterKey(app, key.toLowerCase());
  return true;
}

function letterKey(app, key) {
  if (key >= "1" && key <= "5") app.set({ view: VIEWS[Number(key) - 1] });
  else if (key === "a" || key === "b") hold(app, key);
  else if (key === "d") toggleTheme(app);
  else if (key === "x") swapSides(app);
  else if (key === "l") focusLevers(app);
  else if (key === "m") app.emit("focus:map");
  else if (key === "t") app.emit("table");
  else if (key === "f") toggleFullScreen(app);
  else if (key === "n") app.emit("notes");
  else return false;
  return true;
}

function focusLevers(app) {
  if (isNarrow(app)) app.emit("sheet");
  const first = app.root.querySelector(".s77-lev input, .s77-lev summary");
  if (first) first.focus();
}
