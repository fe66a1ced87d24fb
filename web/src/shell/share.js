// Sharing: the address holds the whole state.

import { h, setText } from "../core/dom.js";
import { copyText } from "../core/page.js";
import { openDialog } from "../widgets/dialog.js";
import { showReproduction, versionsText } from "../export/export.js";

function shareAddress(app) {
  const query = app.model.get("address");
  return query ? `${location.origin}${location.pathname}?${query}` : location.href;
}

/** The address holds the whole state; below it, the same run as Python, command line and YAML. */
export function openShare(app) {
  const message = h("p.s77-small", { role: "status" });
  const field = (label, text) => {
    const box = h("input.s77-code", { type: "text", readonly: true, value: text, "aria-label": label });
    const copy = h("button.s77-btn", {
      type: "button", onclick: async () => {
        box.select();
        setText(message, app.t((await copyText(box.value)) ? "copied" : "copy_by_hand"));
      },
    }, app.t("copy"));
    return h("div.s77-share", h("h3", label), h("div", box, copy));
  };
  const more = h("div", h("p.s77-small", app.t("reproduce_coming")));
  openDialog(app, app.t("share"), [
    h("p", app.t("share_text", { version: (app.boot.versions || {}).sim77 || "" })),
    h("p.s77-small", versionsText(app)), field(app.t("address"), shareAddress(app)), message, more,
  ]);
  showReproduction(app, more);
}
