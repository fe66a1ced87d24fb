// Buttons of which one is pressed.

import { h } from "../core/dom.js";

/** Buttons of which one is pressed: options [[value, label]]; returns {el, show(value)}. */
export function segmented(label, options, onpick, className = "") {
  const buttons = options.map(([value, text, long]) => h("button", {
    type: "button", "aria-pressed": "false", title: long || null, "aria-label": long || null,
    onclick: () => onpick(value),
  }, text));
  const show = (value) => buttons.forEach((button, at) =>
    button.setAttribute("aria-pressed", String(options[at][0] === value)));
  return { el: h("span.s77-seg", { role: "group", "aria-label": label, class: className }, buttons), show };
}

/** French or English, as two buttons. */
export function languageChoice(app) {
  const choice = segmented(app.t("language"), [["fr", "FR", "Français"], ["en", "EN", "English"]], (lang) => app.set({ lang }));
  choice.show(app.lang);
  return choice.el;
}
