// Says that the server no longer answers, and calls it until it does.

import { h, setText } from "../core/dom.js";

const CALL_EVERY = 3000;

/**
 * Show a line among the banners while the connection is lost; returns the function that stops it.
 *
 * Once the server answers, the host of our page goes on where it was, or loads the page again if the
 * server no longer knows it.
 */
export function followConnection(app, banners) {
  const kernel = app.embedded ? null : /** @type {any} */ (globalThis).solara?.debug?.kernel();
  if (!kernel) return () => {};
  const text = h("p");
  const line = h("div.s77-banner.s77-lost", h("span", { "aria-hidden": "true" }, "▲"), text);
  let timer = 0;
  const isLost = () => kernel.connectionStatus !== "connected";
  const call = async () => {
    try {
      const answer = await fetch("readyz", { cache: "no-store" });
      // The host tries again by itself, but ever more rarely, and gives up after some two minutes.
      if (answer.ok && isLost()) await kernel.reconnect();
    } catch {
      // it does not answer yet
    }
    if (timer) timer = setTimeout(call, CALL_EVERY);
  };
  const stopCalling = () => {
    clearTimeout(timer);
    timer = 0;
  };
  const show = () => {
    if (!isLost()) {
      stopCalling();
      return line.remove();
    }
    timer ||= setTimeout(call, CALL_EVERY);
    setText(text, app.t("lost_server"));
    banners.prepend(line);
  };
  const stopLanguage = app.on("state:lang", show);
  kernel.connectionStatusChanged.connect(show);
  show();
  return () => {
    stopLanguage();
    stopCalling();
    kernel.connectionStatusChanged.disconnect(show);
  };
}
