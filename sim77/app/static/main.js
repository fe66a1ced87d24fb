// Entry point: mounts the shell and the view of the state on any model with the widget's traits.

/** The views by name. One that is not part of this page says so instead of failing. */
function mountView(app, name, el) {
  const known = {
    explore: mountExplore,
    compare: typeof mountCompare === "function" ? mountCompare : null,
    why: typeof mountWhy === "function" ? mountWhy : null,
    present: typeof mountPresent === "function" ? mountPresent : null,
    studies: typeof mountStudies === "function" ? mountStudies : null,
  };
  if (known[name]) return known[name](app, el);
  append(el, [h("div.s77-ttl", h("h1", { id: "s77-title", tabindex: "-1" }, app.t("view_missing")))]);
  return { destroy() {} };
}

/** One panel alone, for notebooks: app.panel names it. */
function mountPanel(app) {
  const panels = { map: mountExploreMap, levers: mountLevers, figures: mountFigures, year: mountYear };
  const classes = { map: "s77-mp", levers: "s77-lev", figures: "s77-fig", year: "s77-yr" };
  const el = h("div", { class: classes[app.panel] || "s77-view" });
  app.root.classList.add("s77-panel");
  app.root.classList.toggle("s77-alone", !app.sides.a);
  fill(app.root, el, h("p.s77-sr.s77-live", { "aria-live": "polite" }));
  applyTheme(app);
  return (panels[app.panel] || ((one, place) => mountView(one, app.panel, place)))(app, el);
}

/**
 * Draw the app in an element.
 *
 * model   anywidget's, or any object with get(name), set(name, value), save_changes(),
 *         on(event, fn), send(message) and, if it can, off(event, fn)
 * returns the function that takes everything away again
 */
function render({ model, el }) {
  const root = h("div.s77-root");
  el.append(root);
  const stopWidth = followWidth(root);
  const app = createApp(model, root);
  if (!app.embedded) allowZoom();
  // A letter typed here is for the map, not a command of the notebook, which deletes cells; JupyterLab
  // looks for this mark on the element that has the focus.
  else root.addEventListener("focusin", (event) => { event.target.dataset.lmSuppressShortcuts = "true"; });
  const stopTheme = followTheme(app);
  let shell = null;
  let view = null;
  const show = () => {
    if (view) view.destroy();
    closeMenu(app, false);
    const place = h("div.s77-view", { dataset: { view: app.state.view } });
    shell.place.replaceWith(place);
    shell.place = place;
    view = mountView(app, app.state.view, place);
  };
  const start = () => {
    root.classList.toggle("s77-embedded", app.embedded);
    if (!app.boot.communes) return showFirstLoading(app, root);
    if (shell) shell.destroy();
    if (app.panel !== "app") {
      if (view) view.destroy();
      shell = null;
      view = mountPanel(app);
      return;
    }
    shell = mountShell(app);
    show();
  };
  start();
  app.on(["boot"], start);
  app.on(["state:view", "state:lang"], () => (shell ? show() : start()));
  app.on("state:theme", () => applyTheme(app));
  return () => {
    stopPlaying(app);
    if (view) view.destroy();
    if (shell) shell.destroy();
    app.close();
    stopWidth();
    stopTheme();
    root.remove();
  };
}

/** Our host forbids fingers to enlarge its pages; ours may be enlarged (WCAG 1.4.4). */
function allowZoom() {
  const meta = document.querySelector("meta[name=viewport]");
  if (meta) meta.content = "width=device-width, initial-scale=1";
}

function stopPlaying(app) {
  app.playing = false;
}

function showFirstLoading(app, root) {
  root.dataset.theme = isDark(app) ? "dark" : "light";
  root.setAttribute("lang", app.lang);
  fill(root, h("div.s77-first", h("p", { role: "status" }, app.lang === "en" ? "The map is coming." : "La carte arrive.")));
}

export default { render };
