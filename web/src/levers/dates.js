// Levers moved from one day to another.

import { fill, h } from "../core/dom.js";
import { firstPeriod, isDated, isMoved, leverText, leverValue, setLever } from "./values.js";

/** The button that dates a lever, and the dates of its periods. */
export function leverDates(app, spec) {
  const body = h("div.s77-dates");
  const always = spec.dated;
  const button = h("button.s77-icon", {
    type: "button", "aria-label": app.t("lever_date_it", { lever: app.label(spec) }), title: app.t("lever_date_short"),
    onclick: () => {
      const { from } = firstPeriod(app);
      setLever(app, spec, [{ from, until: null, value: leverValue(app, spec) }]);
    },
  }, "▦");
  const refresh = () => {
    const value = leverValue(app, spec);
    const periods = isDated(value) ? value : [];
    button.hidden = always || periods.length > 0 || !isMoved(app, spec);
    if (body.querySelector("input:focus")) return;
    fill(body, periods.map((_period, row) => periodRow(app, spec, periods, row)),
      always || periods.length ? addPeriodButton(app, spec, periods) : null);
  };
  return { button, body, refresh };
}

function addPeriodButton(app, spec, periods) {
  if (!spec.dated && !periods.length) return null;
  const value = periods.length ? periods[periods.length - 1].value : Number.isFinite(spec.low) ? spec.low : true;
  return h("button.s77-link", {
    type: "button", onclick: () => setLever(app, spec, [...periods, { ...firstPeriod(app), value }]),
  }, app.t(periods.length ? "lever_another_period" : "lever_add_period"));
}

/** One period in words, with its two dates to edit and a way to remove it. */
function periodRow(app, spec, periods, row) {
  const days = (app.sides.b || app.sides.a || { days: [] }).days;
  const change = (patch) => setLever(app, spec, periods.map((one, at) => (at === row ? { ...one, ...patch } : one)));
  const input = (key, label) => h("input.s77-date", {
    type: "date", value: periods[row][key] || "", min: days[0], max: days[days.length - 1], "aria-label": label,
    onchange: (event) => change({ [key]: event.target.value || null }),
  });
  const { from, until, value } = periods[row];
  const others = periods.filter((_, at) => at !== row);
  return h("div.s77-period",
    h("p.s77-small",
      until
        ? app.t("period_text", { from: app.fmt.dayMonth(from), until: app.fmt.dateShort(until) })
        : app.t("period_from", { from: app.fmt.dateShort(from) }),
      row ? `${app.fmt.colon}${leverText(app, spec, value)}` : ""),
    h("div", input("from", app.t("lever_from")), input("until", app.t("lever_until")),
      h("button.s77-icon", {
        type: "button", "aria-label": app.t("lever_remove_period"), title: app.t("lever_remove_period"),
        onclick: () => setLever(app, spec, others.length ? others : spec.dated ? undefined : value),
      }, "×")));
}
