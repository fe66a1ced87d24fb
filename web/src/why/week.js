// A person's week and year in A and B.

import { h } from "../core/dom.js";
import { stack } from "../charts/bars.js";
import { weekdayOf } from "../core/dates.js";
import { capital } from "../core/words.js";
import { siteCalled } from "../state/places.js";
import { isWholeYears } from "../state/sides.js";

/** Monday to Friday, A above B; a day is a button that explains it. */
export function weekFigure(view) {
  const { app, person } = view;
  const head = person.week.map((day) => h("th", { scope: "col" }, h("button", {
    type: "button", "aria-pressed": String(day.day === person.day), onclick: () => app.set({ day: day.day }),
  }, `${app.fmt.weekdayShort(weekdayOf(day.day))} ${day.day.slice(8).replace(/^0/, "")}`)));
  const line = (side) => h("tr", h("th", { scope: "row" }, h(`b.s77-badge-${side}`, side.toUpperCase())),
    person.week.map((day) => h("td", { class: day.day === person.day ? "s77-thatday" : null }, planCell(app, day[side]))));
  return h("figure.s77-week", h("h2", app.t("why_week")), h("table", h("thead", h("tr", h("td"), head)), h("tbody", line("a"), line("b"))));
}

function planCell(app, plan) {
  if (!plan) return h("span.s77-cell.s77-dayoff", app.t("why_off"));
  const name = siteCalled(app, { id: plan.telecentre, name: plan.telecentre_name });
  const mode = plan.mode ? app.t(`why_mode_${plan.mode}`) : "";
  return h("span.s77-cell", { class: `s77-${plan.kind}`, title: name || null },
    h("b", capital(app.t(`why_kind_${plan.kind}`))), name ? h("small", { lang: "fr" }, name) : mode ? h("small", mode) : null);
}

/** Days of each kind over the days simulated, as two bars with their numbers. */
export function yearFigure(view) {
  const { app, person } = view;
  const bar = (side) => {
    const { days } = person.year[side];
    const total = Object.values(days).reduce((sum, one) => sum + one, 0) || 1;
    const parts = Object.entries(days).filter(([, count]) => count);
    return h("div.s77-yearbar", h(`b.s77-badge-${side}`, side.toUpperCase()),
      stack(parts.map(([kind, count]) => ({ kind, share: count / total }))),
      h("span.s77-small", parts.map(([kind, count]) => `${app.t(`why_kind_${kind}`)} ${app.fmt.num(count)}`).join(", ")));
  };
  const side = app.sides.b || app.sides.a;
  const title = !side || isWholeYears(side.days) ? "why_year" : "why_period";
  return h("figure.s77-yearfig", h("h2", app.t(title)), bar("a"), bar("b"));
}

/** The days on which the two sides part ways: the interesting ones to look at. */
export function jumpLine(view) {
  const { app, person } = view;
  const { differs } = person;
  if (!differs.length) return h("p.s77-small", app.t("why_never_differs"));
  const shown = differs.slice(0, 8);
  return h("p.s77-jump", h("span", app.t("why_jump")), shown.map((day) => h("button.s77-btn", {
    type: "button", "aria-pressed": String(day === person.day), onclick: () => app.set({ day }),
  }, app.fmt.dayMonth(day))), differs.length > shown.length ? h("span.s77-small", app.t("why_jump_more", { n: differs.length - shown.length })) : null);
}
