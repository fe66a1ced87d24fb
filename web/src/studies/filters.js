// The filters of a study, as controls.

import { fill, h, setText } from "../core/dom.js";
import { capital } from "../core/words.js";
import { clamp, niceCeiling } from "../core/numbers.js";
import { factorRange, factorText, factsOf, keptPoints, outcomeOf, outcomeUnit } from "./points.js";
import { shortNames } from "../charts/plot.js";
import { showKept } from "./scatter.js";

export function filterList(view) {
  const { app, study } = view;
  view.count = h("p.s77-small", { role: "status" });
  view.shownFilters = JSON.stringify(app.state.filters || {});
  view.resetFilters = h("button.s77-btn.s77-fit", { type: "button", onclick: () => app.set({ filters: {} }) }, app.t("stu_no_filter"));
  const group = (lever) => {
    const list = study.factors.filter((factor) => factor.lever === lever);
    return list.length ? [h("h3", app.t(lever ? "stu_levers" : "stu_uncertain")), list.map((factor) => (factor.text ? textFilter : rangeFilter)(view, factor))] : null;
  };
  view.filterPlace = h("div.s77-filters", group(true), group(false));
  showCount(view);
  return [h("h2", app.t("stu_filters")), view.count, view.filterPlace, view.resetFilters];
}

/** The filters have changed: here, then only the count and the points follow; elsewhere, all does. */
export function showFilters(view) {
  const key = JSON.stringify(view.app.state.filters || {});
  if (key !== view.shownFilters) fill(view.side, filterList(view), factsOf(view));
  showCount(view);
  showKept(view);
}

function setFilter(view, factor, value) {
  const filters = { ...view.app.state.filters };
  if (value) filters[factor.name] = value;
  else delete filters[factor.name];
  view.shownFilters = JSON.stringify(filters);
  view.app.set({ filters });
}

function textFilter(view, factor) {
  const { app } = view;
  const kept = (app.state.filters || {})[factor.name];
  const boxes = factor.values.map((value) => h("input", {
    type: "checkbox", checked: !kept || kept.includes(value), onchange: () => {
      const left = factor.values.filter((_, at) => boxes[at].checked);
      setFilter(view, factor, left.length && left.length < factor.values.length ? left : null);
      if (!left.length) boxes.forEach((box) => { box.checked = true; });
    },
  }));
  return h("fieldset.s77-filter", h("legend", capital(app.label(factor))), shortNames(factor.values.map((value) => factorText(app, factor, value))).map((name, at) => h("label.s77-check", boxes[at], name)));
}

/** Two handles on one track: each a native slider, so that keys and screen readers know it. */
function rangeFilter(view, factor) {
  const { app } = view;
  const [low, high] = (app.state.filters || {})[factor.name] || [factor.low, factor.high];
  const step = factor.whole ? 1 : niceCeiling((factor.high - factor.low || 1) / 200);
  const message = h("span.s77-small");
  const handle = (value, key) => h("input", { type: "range", min: factor.low, max: factor.high, step: "any", value, "aria-label": `${app.label(factor)}, ${app.t(key)}` });
  const [from, to] = [handle(clamp(low, factor.low, factor.high), "stu_from"), handle(clamp(high, factor.low, factor.high), "stu_to")];
  // Round numbers, for the address and the eye; the ends stay what they are.
  const valueOf = (input) => {
    const value = Number(input.value);
    const near = (end) => Math.abs(value - end) < step / 2;
    return near(factor.low) ? factor.low : near(factor.high) ? factor.high : Number((Math.round(value / step) * step).toPrecision(6));
  };
  const part = (value) => (value - factor.low) / (factor.high - factor.low || 1);
  const tell = () => {
    const [a, b] = [valueOf(from), valueOf(to)];
    setText(message, factorRange(app, factor, a, b));
    from.setAttribute("aria-valuetext", factorText(app, factor, a));
    to.setAttribute("aria-valuetext", factorText(app, factor, b));
    fieldset.style.setProperty("--from", part(a));
    fieldset.style.setProperty("--to", part(b));
    fieldset.classList.toggle("s77-filtering", a !== factor.low || b !== factor.high);
  };
  const change = (moved) => {
    if (Number(from.value) > Number(to.value)) moved.value = moved === from ? to.value : from.value;
    tell();
    const [a, b] = [valueOf(from), valueOf(to)];
    setFilter(view, factor, a === factor.low && b === factor.high ? null : [a, b]);
  };
  // An arrow key moves a hundredth of the range, or to the next whole number.
  const keyed = (event) => {
    const sign = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (!sign) return;
    event.preventDefault();
    const input = event.target;
    input.value = String(clamp(valueOf(input) + sign * (factor.whole ? 1 : 2 * step), factor.low, factor.high));
    change(input);
  };
  for (const input of [from, to]) {
    input.addEventListener("input", () => change(input));
    input.addEventListener("keydown", keyed);
  }
  const fieldset = h("fieldset.s77-filter", { dataset: { factor: factor.name } }, h("legend", capital(app.label(factor))), message, h("div.s77-double", from, to));
  tell();
  return fieldset;
}

/** How many points are left, and what the outcome is among them. */
function showCount(view) {
  const { app, study } = view;
  const kept = keptPoints(view);
  const values = kept.map((at) => study.points.mean[at]).filter(Number.isFinite).sort((one, two) => one - two);
  const told = outcomeUnit(app, outcomeOf(view), values);
  const text = (value) => app.fmt.num(value * told.factor, told.decimals);
  if (view.resetFilters) view.resetFilters.hidden = !Object.keys(app.state.filters || {}).length;
  setText(view.count, !values.length ? app.t("stu_count_none") : app.t("stu_count", {
    n: app.fmt.num(kept.length), all: app.fmt.num(study.points.mean.length), outcome: app.label(outcomeOf(view).full), middle: text(values[Math.floor(values.length / 2)]),
    low: text(values[0]), high: text(values[values.length - 1]), unit: told.unit,
  }));
}
