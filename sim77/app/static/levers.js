// The panel of levers: what the scenario B changes from A, grouped as in the registry.

const LEVER_GROUPS = ["employers", "telecentres", "rail", "road", "subsidies", "fibre", "exceptional", "reactions"];

/** Mount the panel in an element; returns {destroy}. */
function mountLevers(app, el) {
  const panel = { app, el, controls: new Map() };
  const draw = () => drawLevers(panel);
  draw();
  const stops = [
    app.on(["boot", "levers"], draw),
    app.on("state:levers", () => (panel.targets === targetsKey(app) ? refreshLevers(panel) : draw())),
    app.on("state:sites", () => refreshSites(panel)),
    app.on("sides", () => refreshLevers(panel)),
  ];
  return { destroy: () => stops.forEach((stop) => stop()) };
}

function drawLevers(panel) {
  const { app, el } = panel;
  panel.controls.clear();
  panel.targets = targetsKey(app);
  const specs = allSpecs(app);
  const groups = [...new Set(specs.map((spec) => spec.group))].sort((one, two) => groupRank(one) - groupRank(two));
  panel.summary = h("p.s77-small.s77-lever-count");
  panel.sites = h("div.s77-sites");
  panel.resetAll = h("button.s77-btn", { type: "button", onclick: () => resetAll(app) }, app.t("levers_reset_all"));
  fill(el,
    h("div.s77-lever-head", h("h2", { id: "s77-levers", tabindex: "-1" }, app.t("levers")), panel.summary),
    drawScenarios(panel),
    groups.map((group) => drawGroup(panel, group, specs.filter((spec) => spec.group === group))),
    h("div.s77-lever-foot",
      h("p", h("i.s77-dot"), app.t("lever_changed"), h("i.s77-tick"), app.t("lever_value_in_a")),
      panel.resetAll));
  refreshLevers(panel);
  refreshSites(panel);
}

/** Which scenarios A and B are: what is changed by levers is changed from B. */
function drawScenarios(panel) {
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

function groupRank(group) {
  const rank = LEVER_GROUPS.indexOf(group);
  return rank < 0 ? LEVER_GROUPS.length : rank;
}

/** The first three groups start open; the others keep the panel short until asked for. */
function drawGroup(panel, group, specs) {
  const { app } = panel;
  const changed = specs.some((spec) => isChanged(app, spec));
  const open = changed || groupRank(group) < 3;
  const count = h("span.s77-group-count");
  const body = h("div", specs.map((spec) => drawLever(panel, spec)), group === "telecentres" ? panel.sites : null);
  const details = h("details.s77-group", { open, dataset: { group } },
    h("summary", h("span", app.t(`group_${group}`)), count), body);
  details.refresh = () => {
    const moved = specs.filter((spec) => isChanged(app, spec)).length;
    setText(count, moved ? app.fmt.num(moved) : "");
    count.hidden = !moved;
  };
  return details;
}

// Values -------------------------------------------------------------------------------------

/** What a lever is set to in B: the page's value, else that of B's scenario. */
function leverValue(app, spec) {
  const set = (app.state.levers || {})[spec.name];
  return set === undefined ? spec.default : set;
}

/**
 * True where B differs from A for this lever. Where it means nothing in A (the price of a desk,
 * without telecentres), only what is moved by hand counts.
 */
function isChanged(app, spec) {
  const value = (app.state.levers || {})[spec.name];
  if (value !== undefined) return !same(value, spec.value_in_a);
  return (spec.value_in_a ?? null) !== null && !same(spec.default, spec.value_in_a);
}

function isMoved(app, spec) {
  return (app.state.levers || {})[spec.name] !== undefined;
}

function same(one, two) {
  return JSON.stringify(one ?? null) === JSON.stringify(two ?? null);
}

/** Set one lever, or take it back to B's scenario with undefined. */
function setLever(app, spec, value) {
  const levers = { ...app.state.levers };
  if (value === undefined || same(value, spec.default)) delete levers[spec.name];
  else levers[spec.name] = value;
  app.set({ levers });
}

function resetAll(app) {
  app.set({ levers: {}, sites: { opened: [], closed: [] } });
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
  const dates = leverDates(app, spec, id);
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

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
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
    [app.t("lever_source"), spec.source],
    [app.t("lever_done"), (spec.instances || []).slice(0, 3).map((one) => `${one.date} : ${app.label(one)}`).join(" ; ")],
  ].filter(([, text]) => text);
  fill(note,
    spec[`note_${app.lang}`] ? h("p", spec[`note_${app.lang}`]) : null,
    h("dl", rows.map(([name, text]) => [h("dt", name), h("dd", text)])), targetPicker(app, spec));
}

function rangeText(app, spec) {
  if (!Number.isFinite(spec.low) || !Number.isFinite(spec.high)) return "";
  const { fmt } = app;
  const shown = shownNumbers(spec);
  return app.t("lever_from_to", {
    low: fmt.num(spec.low * shown.factor, shown.decimals),
    high: withLeverUnit(app, spec, spec.high * shown.factor, shown.decimals),
  });
}

/** How numbers of a lever are shown: shares in percent, decimals by the step. */
function shownNumbers(spec) {
  const percent = isShare(spec) || spec.unit === "%";
  const factor = isShare(spec) ? 100 : 1;
  const step = stepOf(spec) * factor;
  return { factor, percent, decimals: decimalsOf([step, (spec.low || 0) * factor], 3) };
}

/** The registry writes "share", "share of cars": numbers from 0 to 1, read in percent. */
function isShare(spec) {
  return /^share\b/.test(spec.unit || "");
}

function stepOf(spec) {
  if (spec.step > 0) return spec.step;
  const span = spec.high - spec.low;
  return span > 0 ? 10 ** Math.floor(Math.log10(span / 50)) : 1;
}

function withLeverUnit(app, spec, value, decimals) {
  const unit = isShare(spec) ? "%" : spec.unit === "€" ? "€" : unitText(app, spec.unit);
  return app.fmt.withUnit(value, unit, decimals);
}

/** The value of a lever in words, for notes, lists of differences and screen readers. */
function leverText(app, spec, value) {
  if (value === null || value === undefined) return app.t("lever_none");
  if (Array.isArray(value) && spec.kind !== "weekdays") {
    return value.map((one) => leverText(app, spec, one.value)).join(", ") || app.t("lever_none");
  }
  if (spec.kind === "weekdays") {
    return value.map((day) => app.fmt.weekdayName(weekdayIndex(day))).join(", ") || app.t("lever_no_day");
  }
  if (spec.kind === "flag" || typeof value === "boolean") return app.t(value ? "yes" : "no");
  if (spec.kind === "choice") return optionText(app, spec, value);
  const { factor, decimals } = shownNumbers(spec);
  return withLeverUnit(app, spec, value * factor, decimals);
}

function optionText(app, spec, value) {
  const found = (spec.options || []).find((option) => (option.value ?? option) === value);
  return found && typeof found === "object" ? app.label(found) : String(value);
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

function siteChanges(app) {
  const { opened = [], closed = [] } = app.state.sites || {};
  return opened.length + closed.length;
}

/** What was moved by hand, whatever else the two scenarios differ in. */
function movedCount(app) {
  return Object.keys(app.state.levers || {}).length + siteChanges(app);
}

/** How many levers and sites differ from A. */
function changedCount(app) {
  return allSpecs(app).filter((spec) => isChanged(app, spec)).length + siteChanges(app);
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

function siteName(app, id) {
  return ((app.boot.telecentres || []).find((site) => site.id === id) || { name: id }).name;
}

function communeName(communes, code) {
  const row = communes.code.indexOf(code);
  return row < 0 ? code : communes.name[row];
}
