// The controls of the levers: slider with a box, weekdays, flag.

import { h, later, setText } from "../core/dom.js";
import { capital } from "../core/words.js";
import { clamp, decimalsOf } from "../core/numbers.js";
import { unitText } from "../state/scales.js";
import {
  firstPeriod, isDated, leverText, leverValue, setLever, shownNumbers, WEEKDAY_KEYS, weekdayIndex, withLeverUnit,
} from "./values.js";

/** The control of a lever: {body, value, message, refresh, labelled}. */
export function leverControl(app, spec, id) {
  const kinds = { weekdays: weekdaysControl, flag: flagControl };
  return (kinds[spec.kind] || numberControl)(app, spec, id);
}

/** The number a control works on: of a dated lever, the value of its first period. */
function currentOf(app, spec) {
  const value = leverValue(app, spec);
  return isDated(value) ? value[0]?.value : value;
}

/** Put a new value in place, inside its first period where the lever is dated. */
function changeTo(app, spec, next) {
  const value = leverValue(app, spec);
  if (isDated(value)) {
    setLever(app, spec, [{ ...value[0], value: next }, ...value.slice(1)]);
  } else if (spec.dated) {
    setLever(app, spec, [{ ...firstPeriod(app), value: next }]);
  } else {
    setLever(app, spec, next);
  }
}

// Numbers --------------------------------------------------------------------------------------

function numberControl(app, spec, id) {
  const shown = shownNumbers(spec);
  const slider = h("input", {
    type: "range", id, min: spec.low, max: spec.high, step: spec.step,
    "aria-describedby": `${id}-message`,
  });
  const tick = h("i.s77-atick", { "aria-hidden": "true" });
  const box = h("input.s77-number", {
    type: "text", inputmode: "decimal", size: 5, "aria-label": capital(app.label(spec)), autocomplete: "off",
  });
  const unit = h("span.s77-unit", shortUnit(app, spec));
  const message = h("p.s77-message", { id: `${id}-message`, hidden: true, role: "status" });
  const show = (value) => showNumber(app, spec, { slider, box, shown }, value);
  const commit = later((value) => changeTo(app, spec, value), 180);
  slider.addEventListener("input", () => {
    message.hidden = true;
    show(Number(slider.value));
    commit(Number(slider.value));
  });
  // Let go, a lever is asked for at once; only while it moves do we wait for the hand to rest.
  slider.addEventListener("change", () => {
    commit.cancel();
    changeTo(app, spec, Number(slider.value));
  });
  box.addEventListener("change", () => {
    const value = typedNumber(app, spec, shown, box.value, message);
    if (value === null) return show(currentOf(app, spec));
    show(value);
    changeTo(app, spec, value);
  });
  return {
    labelled: true, message,
    value: h("span.s77-lever-value", box, unit),
    body: h("div.s77-slider", tick, slider),
    refresh: () => {
      const a = isDated(spec.value_in_a) ? spec.value_in_a[0].value : spec.value_in_a;
      tick.hidden = !Number.isFinite(a);
      tick.style.setProperty("--at", positionOf(spec, a));
      if (document.activeElement !== box) show(currentOf(app, spec));
    },
  };
}

/** Shares and euros carry a sign after the box; longer units are shortened by the catalogue. */
function shortUnit(app, spec) {
  if (spec.share) return app.fmt.percentSign.trim();
  return spec.unit === "€" ? "€" : unitText(app, spec.unit);
}

function positionOf(spec, value) {
  return spec.high > spec.low ? clamp((value - spec.low) / (spec.high - spec.low), 0, 1) : 0;
}

function showNumber(app, spec, { slider, box, shown }, value) {
  const known = Number.isFinite(value);
  const number = known ? value : spec.value_in_a ?? spec.low;
  slider.value = number;
  slider.parentElement.classList.toggle("s77-unset", !known);
  slider.style.setProperty("--at", positionOf(spec, number));
  box.value = known ? app.fmt.num(value * shown.factor, Math.max(shown.decimals, decimalsOf([value * shown.factor], 2))) : "–";
  const inA = Number.isFinite(spec.value_in_a) ? app.t("lever_aria", { a: leverText(app, spec, spec.value_in_a) }) : "";
  slider.setAttribute("aria-valuetext", [leverText(app, spec, known ? value : null), inA].filter(Boolean).join(", "));
}

/** Read what was typed; out of range is put back to the nearest end and said under the lever. */
function typedNumber(app, spec, shown, text, message) {
  const number = app.fmt.parse(text) / shown.factor;
  message.hidden = true;
  if (!Number.isFinite(number)) {
    setText(message, app.t("lever_not_a_number", { text: text.slice(0, 20) }));
    message.hidden = false;
    return null;
  }
  const kept = clamp(number, spec.low, spec.high);
  if (kept !== number) {
    const { factor, decimals } = shown;
    setText(message, app.t("lever_out_of_range", {
      low: app.fmt.num(spec.low * factor, decimals),
      high: withLeverUnit(app, spec, spec.high * factor, decimals),
      value: app.fmt.num(kept * factor, decimals),
    }));
    message.hidden = false;
  }
  return kept;
}

// Weekdays, flags ---------------------------------------------------------------------------------

function weekdaysControl(app, spec, id) {
  const chosen = () => (leverValue(app, spec) || []).filter((one) => typeof one !== "object");
  const asNumbers = typeof (spec.default || [])[0] === "number";
  const buttons = WEEKDAY_KEYS.map((_key, index) => h("button", {
    type: "button", "aria-pressed": "false", "aria-label": app.fmt.weekdayName(index),
    onclick: () => {
      const now = new Set(chosen().map(weekdayIndex));
      if (!now.delete(index)) now.add(index);
      const days = [...now].sort();
      changeTo(app, spec, asNumbers ? days : days.map((day) => WEEKDAY_KEYS[day]));
    },
  }, app.fmt.weekdayLetters[index]));
  const value = h("span.s77-lever-value");
  return {
    labelled: false, message: null, value,
    body: h("div.s77-weekdays", { role: "group", "aria-labelledby": `${id}-label` }, buttons),
    refresh: () => {
      const now = chosen().map(weekdayIndex);
      buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(now.includes(index))));
      const names = now.length > 1 ? now.map((day) => app.fmt.weekdayShort(day)) : now.map((day) => app.fmt.weekdayName(day));
      setText(value, names.join(" ") || app.t("lever_no_day"));
    },
  };
}

function flagControl(app, spec, id) {
  const box = h("input", { type: "checkbox", id, role: "switch", onchange: () => changeTo(app, spec, box.checked) });
  const value = h("span.s77-lever-value");
  return {
    labelled: true, message: null, value,
    body: h("div.s77-switch", box, h("i", { "aria-hidden": "true" })),
    refresh: () => {
      box.checked = Boolean(currentOf(app, spec));
      setText(value, app.t(box.checked ? "yes" : "no"));
    },
  };
}
