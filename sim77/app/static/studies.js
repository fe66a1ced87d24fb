// Studies: a stored sweep opened again. Filters, scatter, what matters, conditions, siting.

/** Mount the view in an element; returns {destroy}. */
function mountStudies(app, el) {
  el.classList.add("s77-studies");
  const view = { app, el, asked: 0, study: null, filters: {}, factor: null };
  view.title = h("h1", { id: "s77-title", tabindex: "-1" });
  view.note = h("p.s77-small", { role: "status" });
  view.side = h("aside.s77-studyside", { "aria-label": app.t("stu_filters"), id: "s77-levers" });
  view.main = h("main.s77-studymain", { "aria-labelledby": "s77-title" });
  view.reasons = h("section.s77-studyreasons", { id: "s77-figures", "aria-label": app.t("stu_matters"), tabindex: "-1" });
  append(el, [view.side, h("div.s77-ttl", { role: "region", "aria-labelledby": "s77-title" }, view.title, view.note), view.main, view.reasons]);
  const stops = [
    app.on("state:study", () => askStudy(view)), app.on("table", () => openPointsTable(view)),
    app.on("map:zoom", (factor) => view.map && (factor ? view.map.view.zoom(factor) : view.map.view.home())),
  ];
  const watcher = new ResizeObserver(frameOnce(() => view.study && view.scatter && drawScatter(view)));
  watcher.observe(view.main);
  askStudy(view);
  return {
    destroy: () => {
      view.gone = true;
      stops.forEach((stop) => stop());
      watcher.disconnect();
      if (view.map) view.map.destroy();
    },
  };
}

/** Open the study of the state, or the first there is. */
function askStudy(view, outcome) {
  const { app } = view;
  const studies = app.boot.studies || [];
  if (!studies.length) return showNoStudy(view);
  const wanted = studies.find((one) => one.name === app.state.study) || studies[0];
  setText(view.title, app.label(wanted.title || wanted));
  setText(view.note, app.t("stu_opening"));
  askWhy(view, "study", { study: wanted.name, outcome }, (answer) => {
    setText(view.note, "");
    if (answer.error) return setText(view.note, app.t(answer.error.key, answer.error.args));
    showStudy(view, answer, Boolean(outcome));
  });
}

function showNoStudy(view) {
  const { app } = view;
  setText(view.title, app.t("view_studies"));
  fill(view.side);
  fill(view.main, h("p.s77-lead", app.t("stu_none")), h("p", app.t("stu_how")),
    h("pre.s77-code", "sim77 sweep experiments/desk-capacity-price\nsim77 app --studies results/"));
  fill(view.reasons);
}

function showStudy(view, answer, sameStudy) {
  const { app } = view;
  view.study = answer;
  if (!sameStudy) {
    view.filters = {};
    view.factor = null;
  }
  setText(view.title, app.label(answer.question || answer.title));
  view.title.classList.toggle("s77-long", view.title.textContent.length > 110);
  if (view.map) view.map.destroy();
  view.map = null;
  view.scatter = null;
  if (answer.form === "siting") return showSiting(view);
  view.factor = view.factor || firstFactor(answer);
  fill(view.side, studyPicker(view), studyFacts(view), filterList(view));
  buildScatter(view);
  fill(view.reasons, sensitivityFigure(view), boxFigure(view));
  app.announce(view.title.textContent);
}

/** The factor that matters most opens the scatter. */
function firstFactor(answer) {
  const rows = (answer.sensitivity || {}).rows || [];
  const best = [...rows].sort((one, two) => two.value - one.value)[0];
  return best ? best.factor : answer.factors[0].name;
}

function studyPicker(view) {
  const { app } = view;
  const studies = app.boot.studies || [];
  if (studies.length < 2) return null;
  return h("label.s77-field", h("span", app.t("stu_study")), h("select.s77-select", {
    onchange: (event) => app.set({ study: event.target.value }),
  }, studies.map((one) => h("option", { value: one.name, selected: one.name === view.study.study }, app.label(one.title || one)))));
}

function studyFacts(view) {
  const { app, study } = view;
  const { points, replications, runs, failures } = study.design;
  return h("p.s77-small", app.t("stu_facts", {
    points: app.fmt.num(points), replications: app.fmt.num(replications), runs: app.fmt.num(runs), method: app.tOr(`stu_method_${study.design.method}`, study.design.method),
  }), failures ? ` ${app.t("stu_failures", { n: app.fmt.num(failures) })}` : "");
}

// Filters -------------------------------------------------------------------------------------------

function factorOf(view, name) {
  return view.study.factors.find((one) => one.name === name);
}

/** A value of a factor as text: numbers with the unit, texts as they are. */
function factorText(app, factor, value) {
  if (typeof value === "string") return value;
  const span = factor.high - factor.low;
  return app.fmt.withUnit(value, unitText(app, factor.unit), factor.whole ? 0 : decimalsFor(span || value, 3, 2));
}

function filterList(view) {
  const { app, study } = view;
  view.count = h("p.s77-small", { role: "status" });
  const reset = h("button.s77-btn", { type: "button", onclick: () => { view.filters = {}; showStudy(view, study, true); } }, app.t("levers_reset_all"));
  const group = (lever) => {
    const list = study.factors.filter((factor) => Boolean(factor.lever) === lever);
    return list.length ? [h("h3", app.t(lever ? "stu_levers" : "stu_uncertain")), list.map((factor) => filterOf(view, factor))] : null;
  };
  showCount(view);
  return [h("h2", app.t("stu_filters")), view.count, h("div.s77-filters", group(true), group(false)), reset];
}

function filterOf(view, factor) {
  const isText = (factor.values || []).some((value) => typeof value === "string");
  return isText ? textFilter(view, factor) : rangeFilter(view, factor);
}

function textFilter(view, factor) {
  const { app } = view;
  const boxes = factor.values.map((value) => {
    const box = h("input", { type: "checkbox", checked: !(view.filters[factor.name] || []).length || view.filters[factor.name].includes(value), onchange: () => {
      const kept = factor.values.filter((_, at) => boxes[at].firstChild.checked);
      setFilter(view, factor, kept.length === factor.values.length ? null : kept);
    } });
    return h("label.s77-check", box, String(value));
  });
  return h("fieldset.s77-filter", h("legend", capital(app.label(factor))), boxes);
}

/** Two handles on one track: each a native slider, so that keys and screen readers know it. */
function rangeFilter(view, factor) {
  const { app } = view;
  const [low, high] = view.filters[factor.name] || [factor.low, factor.high];
  const step = (factor.high - factor.low) / 100;
  const said = h("span.s77-small");
  const handle = (value, key) => h("input", { type: "range", min: factor.low, max: factor.high, step: "any", value, "aria-label": `${app.label(factor)} : ${app.t(key)}` });
  const [from, to] = [handle(low, "stu_from"), handle(high, "stu_to")];
  const tell = () => {
    const [a, b] = [Number(from.value), Number(to.value)];
    setText(said, `${factorText(app, factor, a)} – ${factorText(app, factor, b)}`);
    from.setAttribute("aria-valuetext", factorText(app, factor, a));
    to.setAttribute("aria-valuetext", factorText(app, factor, b));
    fieldset.style.setProperty("--from", (a - factor.low) / (factor.high - factor.low || 1));
    fieldset.style.setProperty("--to", (b - factor.low) / (factor.high - factor.low || 1));
  };
  const change = (moved) => {
    if (Number(from.value) > Number(to.value)) moved.value = moved === from ? to.value : from.value;
    tell();
    const whole = Number(from.value) <= factor.low + step / 2 && Number(to.value) >= factor.high - step / 2;
    setFilter(view, factor, whole ? null : [Number(from.value), Number(to.value)]);
  };
  from.addEventListener("input", () => change(from));
  to.addEventListener("input", () => change(to));
  const fieldset = h("fieldset.s77-filter", h("legend", capital(app.label(factor))), said, h("div.s77-double", from, to));
  tell();
  return fieldset;
}

function setFilter(view, factor, value) {
  if (value) view.filters[factor.name] = value;
  else delete view.filters[factor.name];
  showCount(view);
  drawScatter(view);
}

/** Whether a design point lies in all the ranges chosen. */
function isKept(view, at) {
  const { points } = view.study;
  return Object.entries(view.filters).every(([name, range]) => {
    const value = points[name][at];
    return typeof value === "string" ? range.includes(value) : value >= range[0] && value <= range[1];
  });
}

function keptPoints(view) {
  return view.study.points.mean.map((_, at) => at).filter((at) => isKept(view, at));
}

/** How many points are left, and what the outcome is among them. */
function showCount(view) {
  const { app, study } = view;
  const kept = keptPoints(view);
  const outcome = outcomeOf(view);
  const values = kept.map((at) => study.points.mean[at]).filter(Number.isFinite).sort((one, two) => one - two);
  const told = outcomeUnit(app, outcome, values);
  const text = (value) => app.fmt.num(value * told.factor, told.decimals);
  setText(view.count, !values.length ? app.t("stu_count_none") : app.t("stu_count", {
    n: app.fmt.num(kept.length), all: app.fmt.num(study.points.mean.length), outcome: capital(app.label(outcome)), middle: text(values[Math.floor(values.length / 2)]),
    low: text(values[Math.floor(0.05 * (values.length - 1))]), high: text(values[Math.ceil(0.95 * (values.length - 1))]), unit: told.unit,
  }));
}

function outcomeOf(view) {
  const { study } = view;
  return study.outcomes.find((one) => one.name === study.outcome) || study.outcomes[0];
}

function outcomeUnit(app, outcome, values) {
  const size = Math.max(...values.map(Math.abs), 0);
  const share = outcome.unit === "share";
  const kilograms = /^kg CO2e/.test(outcome.unit || "");
  const factor = share ? 100 : kilograms && size > 10000 ? 0.001 : 1;
  const unit = share ? app.t("unit_points") : kilograms ? app.t(factor < 1 ? "unit_kg_CO2e_a_day" : "cmp_kg_day") : unitText(app, outcome.unit);
  return { factor, unit, decimals: decimalsFor(size * factor, 4, 3) };
}
