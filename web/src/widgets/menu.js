// A small menu beside a point of a map.

import { h, uid } from "../core/dom.js";
import { clamp } from "../core/numbers.js";

/** A small menu beside a point of a box: content under a title. `stops` are called when it closes. */
export function openMenu(app, box, point, title, content, stops = []) {
  closeMenu(app);
  const id = uid(app);
  const before = document.activeElement;
  const menu = h("div.s77-menu", { role: "dialog", "aria-labelledby": id },
    h("div.s77-dialog-head", h("h3", { id }, title),
      h("button.s77-icon", { type: "button", "aria-label": app.t("close"), onclick: () => closeMenu(app) }, "×")),
    content);
  box.append(menu);
  const left = clamp(point.x + 8, 4, Math.max(4, box.clientWidth - menu.offsetWidth - 4));
  const top = clamp(point.y + 8, 4, Math.max(4, box.clientHeight - menu.offsetHeight - 4));
  menu.style.left = `${Math.round(left)}px`;
  menu.style.top = `${Math.round(top)}px`;
  const away = (event) => {
    if (!menu.contains(event.target)) closeMenu(app, false);
  };
  // A click beside its buttons takes the focus out of the menu: its key is heard wherever the focus is.
  const leave = (event) => {
    if (event.key !== "Escape" || app.root.querySelector("dialog[open]")) return;
    event.preventDefault();
    event.stopPropagation();
    closeMenu(app);
  };
  document.addEventListener("pointerdown", away, true);
  document.addEventListener("keydown", leave, true);
  app.menu = { menu, before, stops: [
    ...stops,
    () => document.removeEventListener("pointerdown", away, true),
    () => document.removeEventListener("keydown", leave, true),
  ] };
  (menu.querySelector("button.s77-pri, a, input, select") || menu.querySelector("button")).focus();
  return menu;
}

export function closeMenu(app, giveBack = true) {
  if (!app.menu) return;
  app.menu.stops.forEach((stop) => stop());
  app.menu.menu.remove();
  if (giveBack && app.menu.before && app.menu.before.isConnected) app.menu.before.focus();
  app.menu = null;
}
