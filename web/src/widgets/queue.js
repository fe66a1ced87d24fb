// The line under a view's title: place in the queue, cancel, retry.

import { fill, h, mounted } from "../core/dom.js";

/** The text of the status for people, or "" when there is nothing to say. */
function statusText(app) {
  const { phase, position, eta_s: eta, message_key: key, message_args: args } = app.status;
  const seconds = Number.isFinite(eta) ? app.fmt.num(Math.max(1, Math.round(eta))) : "";
  if (phase === "queued" && position > 0) return app.t(position === 1 ? "status_queued_1" : "status_queued", { n: app.fmt.num(position), s: seconds || "?" });
  if (phase === "computing" || phase === "queued") return app.t(seconds ? "status_computing" : "status_computing_short", { s: seconds });
  if (phase === "refining") return app.t("status_refining");
  if (phase === "error") return key ? app.t(key, args) : app.t("status_error");
  return key ? app.t(key, args) : "";
}

/** The line under a view's title: place in the queue, cancel, retry. Returns {destroy}. */
export function mountQueue(app, el) {
  const draw = () => {
    const text = statusText(app);
    const { phase } = app.status;
    // Made again only where it says something else: a button must not be replaced under a hand.
    if (el.dataset.told === `${phase}|${text}`) return;
    el.dataset.told = `${phase}|${text}`;
    el.hidden = !text;
    el.className = `s77-queue s77-${phase}`;
    const button = (key, action) => h("button.s77-link", { type: "button", onclick: action }, app.t(key));
    fill(el, h("span", text),
      phase === "queued" || phase === "computing" ? button("cancel", () => app.cancel()) : null,
      phase === "error" ? button("retry", () => app.model.send({ type: "retry" })) : null);
  };
  draw();
  const stop = app.on("status", draw);
  return mounted([stop]);
}
