// The panel of levers: what the scenario B changes from A, grouped as in the registry.

import { append, fill, h, mounted, setText, uid } from "../core/dom.js";
import { NARROW } from "../core/format.js";
import { capital } from "../core/words.js";
import { communeName, siteName } from "../state/places.js";
import {
  allSpecs, changedCount, isChanged, isMoved, leverText, rangeText, resetAll, setLever, siteChanges,
  targetName, targetsKey,
} from "./values.js";
import { leverControl } from "./controls.js";
import { leverDates } from "./dates.js";

/** On a phone the levers are a sheet over the page, opened from the play bar. */
export function addLeverSheet(app, levers) {
  const close = h("button.s77-btn.s77-sheet-close", { type: "button", onclick: () => toggle(false) }, app.t("close"));
  const toggle = (open) => {
    levers.classList.toggle("s77-open", open);
    if (!open) return;
    levers.prepend(close);
    close.focus();
  };
  levers.addEventListener("keydown", (event) => {
    if (event.key === "Escape") toggle(false);
  });
  return app.on("sheet", () => toggle(!levers.classList.contains("s77-open")));
}

const GROUPS_OPEN_AT_FIRST = 3;

/** Mount the panel in an element; returns {destroy}. */
export function mountLevers(app, el) {
  const panel = { app, el, controls: new Map() };
  const draw = () => drawLevers(panel);
  draw();
  const stops = [
    app.on(["boot", "levers"], draw),
    app.on("state:levers", () => (panel.targets === targetsKey(app) ? refreshLevers(panel) : draw())),
    app.on("state:sites", () => refreshSites(panel)),
    app.on("sides", () => refreshLevers(panel)),
  ];
  return mounted(stops);
}

function drawLevers(panel) {
  const { app, el } = panel;
  panel.controls.clear();
  panel.targets = targetsKey(app);
  const specs = allSpecs(app);
  panel.summary = h("p.s77-small.s77-lever-count");
  panel.sites = h("div.s77-sites");
  panel.resetAll = h("button.s77-btn", { type: "button", onclick: () => resetAll(app) }, app.t("levers_reset_all"));
  fill(el,
    h("div.s77-lever-head", h("h2", { id: "s77-levers", tabindex: "-1" }, app.t("levers")), panel.summary),
    drawScenarios(panel),
    app.boot.lever_groups.map((group, rank) => drawGroup(panel, group, rank, specs.filter((spec) => spec.group === group.name))),
    h("div.s77-lever-foot",
      h("p", h("i.s77-dot"), app.t("lever_changed"), h("i.s77-tick"), app.t("lever_value_in_a")),
      panel.resetAll));
  refreshLevers(panel);
  refreshSites(panel);
}

/** Which scenarios A and B are: what is changed by levers is changed from B. */
export function drawScenarios(panel) {
  const { app } = panel;
  const presets = app.boot.presets || [];
  panel.pickers = [];
  if (!presets.length) return null;
  const picker = (side) => {
    const key = `scenario_${side}`;
    const select = h("select.s77-select", {
      "aria-label": app.t("scenario_of", { side: side.toUpperCase() }), onchange: () => app.set({ [key]: select.value }),
    }, presets.map((one) => h("option", { value: one.name, title: one[`description_${app.lang}`] || null }, app.label(one))));
    panel.pickers.push(() => { select.value = app.state[key]; });
    return h("label.s77-scenario", h("b", { class: `s77-badge-${side}`, "aria-hidden": "true" }, side.toUpperCase()), select);
  };
  return h("div.s77-scenarios", picker("a"), picker("b"));
}

/** The first groups start open; the others keep the panel short until asked for. */
function drawGroup(panel, group, rank, specs) {
  const { app } = panel;
  const changed = specs.some((spec) => isChanged(app, spec));
  const open = changed || rank < GROUPS_OPEN_AT_FIRST;
  const count = h("span.s77-group-count");
  const body = h("div", specs.map((spec) => drawLever(panel, spec)), group.name === "telecentres" ? panel.sites : null);
  const details = h("details.s77-group", { open, dataset: { group: group.name } },
    h("summary", h("span", app.label(group)), count), body);
  details.refresh = () => {
    const moved = specs.filter((spec) => isChanged(app, spec)).length;
    setText(count, moved ? app.fmt.num(moved) : "");
    count.hidden = !moved;
  };
  return details;
}

// One lever ----------------------------------------------------------------------------------

/** A row: name, value, control, note, message; `refresh` puts it in line with the state. */
function drawLever(panel, spec) {
  const { app } = panel;
  const id = `${uid(app)}`;
  const row = h("div.s77-lever", { dataset: { lever: spec.name } });
  const control = leverControl(app, spec, id);
  const reset = h("button.s77-icon", {
    type: "button", "aria-label": app.t("lever_reset", { lever: app.label(spec) }), title: app.t("lever_reset_short"),
    onclick: () => setLever(app, spec, undefined),
  }, "↺");
  const note = h("div.s77-lever-note", { id: `${id}-note`, hidden: true });
  const info = h("button.s77-icon.s77-info", {
    type: "button", "aria-label": app.t("lever_about", { lever: app.label(spec) }), "aria-expanded": "false",
    "aria-controls": `${id}-note`, title: app.t("lever_about_short"),
  }, "i");
  info.addEventListener("click", () => toggleNote(app, spec, note, info));
  const dates = leverDates(app, spec);
  append(row, [
    h("div.s77-lever-top",
      control.labelled
        ? h("label", { for: id }, capital(app.label(spec)))
        : h("span", { id: `${id}-label` }, capital(app.label(spec))),
      h("span.s77-lever-tools", reset, dates.button, info)),
    h("div.s77-lever-row", control.body, control.value), control.message, dates.body, note,
  ]);
  panel.controls.set(spec.name, () => {
    row.classList.toggle("s77-changed", isChanged(app, spec));
    reset.hidden = !isMoved(app, spec);
    control.refresh();
    dates.refresh();
  });
  return row;
}

function toggleNote(app, spec, note, info) {
  const open = note.hidden;
  note.hidden = !open;
  info.setAttribute("aria-expanded", String(open));
  if (!open || note.childElementCount) return;
  const rows = [
    [app.t("lever_range"), rangeText(app, spec)],
    [app.t("lever_in_a"), leverText(app, spec, spec.value_in_a)],
    [app.t("lever_confidence"), spec.confidence ? app.tOr(`confidence_${spec.confidence}`, String(spec.confidence)) : ""],
    [app.t("lever_source"), spec[`source_${app.lang}`]],
    [app.t("lever_done"), (spec.instances || []).slice(0, 3).map((one) => `${app.fmt.dateOfSource(one.date)}${app.fmt.colon}${app.label(one)}`).join(app.fmt.french ? `${NARROW}; ` : "; ")],
  ].filter(([, text]) => text);
  fill(note,
    h("dl", rows.map(([name, text]) => [h("dt", name), h("dd", text)])), targetPicker(app, spec));
}

// Keeping in line ------------------------------------------------------------------------------

function refreshLevers(panel) {
  const { app, el } = panel;
  for (const refresh of panel.controls.values()) refresh();
  el.querySelectorAll(".s77-group").forEach((group) => group.refresh());
  const changed = changedCount(app);
  setText(panel.summary, app.t(changed > 1 ? "levers_changed" : `levers_changed_${changed}`, { n: app.fmt.num(changed) }));
  panel.pickers.forEach((show) => show());
  panel.resetAll.disabled = !Object.keys(app.state.levers || {}).length && !siteChanges(app);
}

/** Sites opened or closed by hand on the map, each with a way back. */
function refreshSites(panel) {
  const { app } = panel;
  const { opened = [], closed = [] } = app.state.sites || {};
  const { communes } = app.boot;
  const line = (text, undo) => h("li", h("span", { lang: "fr" }, text),
    h("button.s77-icon", { type: "button", "aria-label": `${app.t("undo")} ${text}`, title: app.t("undo"), onclick: undo }, "×"));
  fill(panel.sites,
    h("p.s77-small", app.t("sites_hint")),
    h("ul",
      opened.map((site, at) => line(
        app.t("site_was_opened", { commune: site.id ? siteName(app, site.id) : communeName(communes, site.commune), desks: app.fmt.num(site.desks) }),
        () => app.set({ sites: { opened: opened.filter((_, row) => row !== at), closed } }))),
      closed.map((id) => line(
        app.t("site_was_closed", { name: siteName(app, id) }),
        () => app.set({ sites: { opened, closed: closed.filter((one) => one !== id) } })))));
  refreshLevers(panel);
}

/** In the note of a lever: choose the one target that it is to be moved for. */
function targetPicker(app, spec) {
  const free = (spec.targets || []).filter((target) => !(targetName(spec, target) in (app.state.levers || {})));
  if (!free.length) return null;
  const select = h("select.s77-select", {
    onchange: () => {
      const target = free[select.selectedIndex - 1];
      const start = target.default ?? spec.default ?? spec.neutral ?? spec.low;
      const name = targetName(spec, target);
      app.set({ levers: { ...app.state.levers, [name]: start } });
      const slider = app.root.querySelector(`[data-lever="${CSS.escape(name)}"] input`);
      if (slider) slider.focus();
    },
  }, h("option", app.t("lever_for_all")), free.map((target) => h("option", app.label(target))));
  return h("label.s77-lever-target", h("span", app.t("lever_for")), select);
}
