// A small menu beside a point of a map.

import { h, uid } from "../core/dom.js";
import { clamp } from "../core/numbers.js";

/** A small menu beside a point of a box: items [{label, action, primary}] under a title. */
export function openMenu(app, box, point, title, ...content) {
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
  app.menu = { menu, before };
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    closeMenu(app);
  });
  const away = (event) => {
    if (menu.isConnected && menu.contains(event.target)) return;
    document.removeEventListener("pointerdown", away, true);
    if (app.menu && app.menu.menu === menu) closeMenu(app, false);
  };
  document.addEventListener("pointerdown", away, true);
  (menu.querySelector("button.s77-pri, a, input, select") || menu.querySelector("button")).focus();
  return menu;
}

export function closeMenu(app, giveBack = true) {
  if (!app.menu) return;
  app.menu.menu.remove();
  if (giveBack && app.menu.before && app.menu.before.isConnected) app.menu.before.focus();
  app.menu = null;
}
