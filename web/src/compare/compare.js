// Compare, the default view: A, B and their difference, how sure it is, who changes, who wins.

import { append, fill, h, isNarrow, later, mounted, setText } from "../core/dom.js";
import { capital } from "../core/words.js";
import { hasComparison } from "../state/comparison.js";
import { mountQueue } from "../widgets/queue.js";
import { movedCount, swapSides } from "../levers/values.js";
import { addLeverSheet, drawScenarios, mountLevers } from "../levers/panel.js";
import { mountDifferenceYear } from "../year/difference.js";
import { mountEffects } from "./effects.js";
import { mountFlows } from "./flows.js";
import { mountCompareMaps } from "./maps.js";

/** Mount the view in an element; returns {destroy}. */
export function mountCompare(app, el) {
  el.classList.add("s77-compare");
  const view = { app, el };
  view.title = h("h1", { id: "s77-title", tabindex: "-1" });
  const queue = h("p.s77-queue", { hidden: true });
  const levers = h("aside.s77-lev", { "aria-label": app.t("levers"), id: "s77-levers" });
  const differs = h("aside.s77-differs", { "aria-label": app.t("cmp_differs") });
  const pair = h("section.s77-pair", { "aria-label": app.t("cmp_pair") });
  const flows = h("section.s77-flows", { "aria-label": app.t("cmp_flows") });
  const big = h("main.s77-big", { id: "s77-mapplace", "aria-label": app.t("cmp_difference") });
  const effects = h("section.s77-effects", { id: "s77-figures", "aria-label": app.t("cmp_effects"), tabindex: "-1" });
  const year = h("section.s77-yr", { id: "s77-year", "aria-label": app.t("year"), tabindex: "-1" });
  // What is stored has no levers to move, and no days of its two runs.
  const live = !app.stored;
  append(el, [
    h("div.s77-ttl", { role: "region", "aria-labelledby": "s77-title" }, view.title, queue),
    differs, live ? levers : null, big, effects, pair, flows, live ? year : null,
  ]);
  const parts = [
    mountQueue(app, queue), mountDiffers(view, differs),
    mountCompareMaps(view, pair, big), mountEffects(app, effects), mountFlows(app, flows),
    ...(live ? [mountLevers(app, levers), mountDifferenceYear(app, year)] : []),
  ];
  if (live) addCompareLevers(view, levers);
  const say = later(() => app.announce(view.title.textContent), 600);
  const stops = [
    say.cancel,
    app.on(["sides", "compare"], () => showCompareTitle(view)),
    // Said once after a run, never at each refinement: a sentence that changes is said again.
    app.on(["compare"], say),
    ...(live ? [addLeverSheet(app, levers)] : []),
  ];
  showCompareTitle(view);
  return mounted([...stops, ...parts.map((part) => part.destroy)]);
}

function showCompareTitle(view) {
  const { app } = view;
  const text = hasComparison(app) ? app.compare[`finding_${app.lang}`] : "";
  setText(view.title, app.compare && app.compare.identical ? app.t("cmp_identical") : text || app.t("map_coming"));
  // A long finding must not push the maps off the screen of a projector.
  view.title.classList.toggle("s77-long", view.title.textContent.length > 130);
}

// What differs --------------------------------------------------------------------------------

function mountDiffers(view, el) {
  const { app } = view;
  const panel = { app };
  const pickers = app.stored ? namedSides(app) : drawScenarios(panel);
  const list = h("dl.s77-difflist");
  const note = h("p.s77-small");
  const caveat = h("p.s77-small.s77-mut");
  const swap = h("button.s77-btn", { type: "button", onclick: () => swapSides(app) });
  const button = (key, action) => h("button.s77-btn", { type: "button", onclick: action }, app.t(key));
  append(el, [
    h("h2", app.t("cmp_differs")), pickers,
    h("div.s77-diffscroll", { tabindex: "0", role: "group", "aria-label": app.t("cmp_differs") }, list, note, caveat),
    app.stored ? null : h("div.s77-diffbuttons", swap, button("cmp_change_lever", () => openCompareLevers(view))),
  ]);
  const draw = () => {
    (panel.pickers || []).forEach((show) => show());
    drawDiffers(app, list, note, caveat);
  };
  const nameSwap = () => setText(swap, app.t(movedCount(app) ? "cmp_swap_moved" : "cmp_swap"));
  draw();
  nameSwap();
  const stops = [
    app.on(["compare", "levers", "state:scenario_a", "state:scenario_b"], draw),
    app.on(["state:levers", "state:sites"], nameSwap),
  ];
  return mounted(stops);
}

function namedSides(app) {
  return h("div.s77-scenarios", ["a", "b"].map((side) => h("p.s77-scenario",
    h("b", { class: `s77-badge-${side}`, "aria-hidden": "true" }, side.toUpperCase()), app.label(app.sides[side]))));
}

function drawDiffers(app, list, note, caveat) {
  const rows = (app.compare && app.compare.differs) || [];
  const value = (row, side) => (app.lang === "en" ? row[`${side}_en`] ?? row[side] : row[side]);
  fill(list, rows.map((row) => [
    h("dt", capital(app.label(row))),
    h("dd", h("span", value(row, "a")), h("span.s77-arrow", { "aria-label": app.t("cmp_becomes") }, " → "), h("b", value(row, "b")),
      row.note ? h("span.s77-diffnote", { lang: "fr" }, app.lang === "en" ? row.note_en || row.note : row.note) : null),
  ]));
  const known = hasComparison(app);
  const scope = app.sides.b ? app.t("cmp_scope", { zones: app.label(app.sides.b.zones) }) : "";
  setText(note, !known ? "" : `${app.t(rows.length ? "cmp_all_else" : "cmp_identical")} ${scope}`);
  setText(caveat, known ? app.compare[`caveat_${app.lang}`] || "" : "");
}

/** Levers take the place of the list on a wide page, and come as a sheet on a phone. */
function openCompareLevers(view) {
  const { app, el } = view;
  if (isNarrow(app)) return app.emit("sheet");
  el.classList.add("s77-withlevers");
  const first = el.querySelector(".s77-lev summary, .s77-lev input");
  if (first) first.focus();
}

function addCompareLevers(view, levers) {
  const { app, el } = view;
  const back = h("button.s77-link.s77-x", { type: "button", onclick: () => el.classList.remove("s77-withlevers") }, `‹ ${app.t("cmp_differs")}`);
  levers.prepend(back);
  // The letter L looks for a lever to go to: the panel has to be there first.
  levers.addEventListener("focusin", () => el.classList.add("s77-withlevers"));
}
