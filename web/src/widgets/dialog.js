// Modal dialogs, and charts with the table behind them.

import { h, setText, uid } from "../core/dom.js";

/**
 * A chart with its title and the table behind it (key T or the button shows it in a dialog).
 * content: an element; makeTable(): a <table>, made when asked for.
 */
export function chartFigure(app, { title, content, makeTable, tools = null, className = "" }) {
  const heading = h("h3", title);
  const open = () => openDialog(app, heading.textContent, makeTable(), { wide: true });
  const button = h("button.s77-link.s77-totable", { type: "button", onclick: open }, app.t("table"));
  const figure = h("figure.s77-figure", { class: className },
    h("figcaption.s77-fighead", heading, tools, makeTable ? button : null), content);
  figure.setTitle = (text) => setText(heading, text);
  figure.s77table = makeTable ? open : null;
  return figure;
}

/** Open a modal dialog inside the root; Esc and the cross close it. Returns its element. */
export function openDialog(app, title, content, { wide = false } = {}) {
  const id = uid(app);
  const dialog = h(`dialog.s77-dialog${wide ? ".s77-wide" : ""}`, { "aria-labelledby": id, tabindex: "-1" },
    h("div.s77-dialog-head", h("h2", { id }, title),
      h("button.s77-icon", { type: "button", "aria-label": app.t("close"), onclick: () => dialog.close() }, "×")),
    h("div.s77-dialog-body", { tabindex: "0", role: "group", "aria-labelledby": id }, content));
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  app.root.append(dialog);
  dialog.showModal();
  return dialog;
}
