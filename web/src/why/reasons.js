// Reasons for one choice: what weighed, what would have changed it.

import { h } from "../core/dom.js";
import { capital } from "../core/words.js";
import { NBSP } from "../core/format.js";
import { errorText } from "../state/app.js";
import { bars, stack } from "../charts/bars.js";
import { segmented } from "../widgets/segmented.js";

export function reasonsOf(view) {
  const { app, explained } = view;
  const sides = explained.sides;
  const picker = segmented(app.t("why_side"), ["a", "b"].filter((side) => sides[side]).map((side) =>
    [side, side.toUpperCase(), app.t("why_in_side", { side: side.toUpperCase(), name: app.label(sides[side]) })]), view.showSide);
  picker.show(view.side);
  const side = sides[view.side] || sides.b;
  const head = h("div.s77-fighead", h("span.s77-small", `${app.t("why_side")} `, picker.el, ` ${app.label(side)}`));
  const chosen = side.plans.find((plan) => plan.chosen);
  if (!chosen) return [head, h("p", app.t("why_not_at_work"))];
  if (!side.rival) return [head, h("p", app.t("why_no_choice"))];
  return [head, waterfallFigure(app, side, chosen), plansFigure(app, side), hundredFigure(app, side), decidedFigure(app, side)];
}

/** Minutes with as many decimals as a person feels: none above ten. */
function feltMinutes(app, value) {
  return app.fmt.signed(value, Math.abs(value) < 9.95 && Math.abs(value) >= 0.05 ? 1 : 0);
}

/** Each term starts where the one before ends; terms of zero are named below: they are reasons too. */
function waterfallFigure(app, side, chosen) {
  let at = 0;
  const weighs = (term) => Math.abs(term.minutes) >= 0.05;
  const zeros = side.waterfall.filter((term) => !weighs(term));
  const steps = side.waterfall.filter(weighs).map((term) => {
    const from = at;
    at += term.minutes;
    return { ...term, from, to: at };
  });
  const rows = steps.map((step) => ({
    label: capital(app.label(step)), value: feltMinutes(app, step.minutes),
    marks: [{ kind: step.minutes < 0 ? "loss" : "gain", from: step.from, to: step.to }],
  }));
  const total = {
    label: app.t("why_total"), value: `${feltMinutes(app, at)}${NBSP}min`, kind: "s77-totalrow", marks: [{ kind: "sum", from: 0, to: at }],
  };
  return h("figure.s77-waterfall",
    h("h2", app.t("why_weighs", { chosen: capital(app.label(chosen)), rival: app.label(side.rival) })),
    h("p.s77-small", app.t("why_unit")),
    bars([...rows, total]),
    zeros.length ? h("p.s77-small", app.t("why_zero", { terms: zeros.map((term) => app.label(term)).join(", ") })) : null);
}

/** All plans against the office, or home where there is none, best first; obstacles are said in words. */
function plansFigure(app, side) {
  const plans = [...side.plans].sort((one, two) => (two.minutes ?? -Infinity) - (one.minutes ?? -Infinity));
  const shown = bestOfKinds(plans);
  const atHome = plans.some((plan) => plan.reference && plan.kind === "home");
  const note = (plan) => (plan.obstacle ? plan[`obstacle_${app.lang}`] : plan.refused ? app.t("why_refused")
    : plan.reference ? app.t("why_reference") : feltMinutes(app, plan.minutes));
  return h("figure.s77-plans", h("h3", app.t(atHome ? "why_plans_at_home" : "why_plans")), bars(shown.map((plan) => ({
    label: `${plan.chosen ? "✓ " : ""}${capital(app.label(plan))}`, kind: plan.chosen ? "s77-chosenplan" : plan.obstacle ? "s77-obstacle" : null, value: note(plan),
    marks: [{ kind: plan.kind, from: 0, to: plan.minutes ?? NaN }],
  }))));
}

/** The two best of each kind, and whatever was chosen or refused: the rest is a long tail. */
function bestOfKinds(plans) {
  const seen = {};
  return plans.filter((plan) => (seen[plan.kind] = (seen[plan.kind] || 0) + 1) <= 1 || plan.chosen || plan.refused);
}

/** How often each kind would win if only chance were drawn again: one draw is no law. */
function hundredFigure(app, side) {
  const shares = new Map();
  for (const plan of side.plans) shares.set(plan.kind, (shares.get(plan.kind) || 0) + (plan.share || 0));
  const parts = [...shares].filter(([, share]) => share >= 0.005).sort((one, two) => two[1] - one[1]);
  return h("figure.s77-hundredfig", h("h3", app.t("why_hundred")),
    stack(parts.map(([kind, share]) => ({ kind, share }))),
    h("p.s77-small", parts.map(([kind, share]) => h("span.s77-nowrap", h("i.s77-sw", { class: `s77-${kind}` }), `${capital(app.t(`why_kind_${kind}`))} ${app.fmt.num(100 * share)}  `))));
}

/** What would have changed the day: new runs of the week, one lever moved in each. */
export function changeFigure(view) {
  const { app } = view;
  const answer = view.whatIf[view.side];
  const figure = (...content) => h("figure.s77-changes", h("h3", app.t("why_change")), content);
  if (!answer) return figure(h("p.s77-small", { role: "status" }, app.t("why_change_asking")));
  if (answer.error) return figure(h("p.s77-small", errorText(app, answer.error)));
  if (!answer.rows.length) return null;
  const result = (row) => h("b.s77-nowrap", h("i.s77-sw", { class: `s77-${row.plan.kind}` }),
    row.same ? app.t("why_still", { plan: app.label(row.plan) }) : app.label(row.plan));
  return figure(
    h("p.s77-small", app.t("why_change_note", {
      monday: app.fmt.dayMonth(answer.monday), kind: app.t(`why_stay_${answer.plan.kind}`), share: app.fmt.num(100 * answer.share),
    })),
    h("ul", answer.rows.map((row) => h("li", { class: row.same ? "s77-mut" : null }, h("span", app.label(row)),
      h("span.s77-changed-to", result(row), h("small", app.fmt.num(100 * row.share)))))));
}

/** A reason heavier than the whole margin decides: without it the rival would have won. */
function decidedFigure(app, side) {
  const margin = side.waterfall.reduce((sum, term) => sum + term.minutes, 0);
  const deciding = side.waterfall.filter((term) => term.minutes > Math.max(margin, 0)).sort((one, two) => two.minutes - one.minutes);
  const rival = h("b.s77-nowrap", h("i.s77-sw", { class: `s77-${side.rival.kind}` }), app.label(side.rival));
  const item = (text) => h("li", h("span", text), rival.cloneNode(true));
  return h("figure.s77-changes", h("h3", app.t("why_decided")), h("ul",
    deciding.slice(0, 3).map((term) => item(app.t("why_without", { term: app.label(term), minutes: feltMinutes(app, term.minutes) }))),
    item(app.t("why_margin", { rival: app.label(side.rival), minutes: app.fmt.num(Math.max(margin, 0), margin < 10 ? 1 : 0) }))));
}
