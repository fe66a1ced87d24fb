// The bar over the year: date, playback, speed, moment.

import { h, s, setText } from "../core/dom.js";
import { segmented } from "../widgets/segmented.js";
import { changedCount } from "../levers/values.js";
import { SPEEDS, stepDay, togglePlay } from "./playback.js";

export function drawPlayBar(strip) {
  const { app } = strip;
  strip.playIcon = s("path", { d: "" });
  strip.play = h("button.s77-pp", { type: "button", onclick: () => togglePlay(app) },
    s("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, strip.playIcon));
  strip.date = h("span.s77-date-now", { role: "status", "aria-live": "off" });
  // Twice: in the bar, and on a phone, where the bar has no room for them, above the chart.
  const speeds = (where) => segmented(app.t("speed"),
    SPEEDS.map((speed) => [speed, app.t("days_per_second", { n: speed })]), (speed) => app.set({ speed }), where);
  const modes = (where) => segmented(app.t("moment"), [
    ["day", app.t("by_day")], ["typical week", app.t("by_week")], ["year", app.t("by_year")],
  ], (by) => app.set({ by }), where);
  strip.speeds = [speeds("s77-x"), speeds("")];
  strip.modes = [modes("s77-x"), modes("")];
  strip.legend = h("span.s77-small.s77-x.s77-yearlegend");
  strip.shadekey = h("span.s77-small.s77-x.s77-shadekey", { "aria-hidden": "true" });
  strip.levers = h("button.s77-btn.s77-only-s", { type: "button", onclick: () => app.emit("sheet") });
  const step = (sign, key, by, where = "s77-x") => h("button.s77-btn.s77-step", {
    type: "button", "aria-label": app.t(key), title: app.t(key), class: where, onclick: () => stepDay(app, by),
  }, sign);
  strip.more = h("div.s77-yearmore", step("‹", "day_before", -1, ""), step("›", "day_after", 1, ""), strip.modes[1].el, strip.speeds[1].el);
  strip.bar = h("div.s77-play",
    step("‹", "day_before", -1), strip.play, step("›", "day_after", 1), strip.date,
    strip.speeds[0].el, strip.modes[0].el, h("span.s77-grow.s77-x"), strip.legend, strip.shadekey, app.stored ? null : strip.levers);
}

export function showPlayBar(strip) {
  const { app } = strip;
  const label = app.t(app.playing ? "pause" : "play");
  strip.play.setAttribute("aria-label", label);
  strip.play.title = label;
  strip.playIcon.setAttribute("d", app.playing ? "M3 1h4v14h-4zM9 1h4v14h-4z" : "M3 1l11 7-11 7z");
  strip.speeds.forEach((one) => one.show(app.state.speed));
  strip.modes.forEach((one) => one.show(app.state.by));
  setText(strip.levers, app.t("levers_n", { n: app.fmt.num(changedCount(app)) }));
}
