// Entry point: mounts the shell and the view of the state on any model with the widget's traits.

import { fill, h } from "./core/dom.js";
import { allowZoom, applyTheme, followTheme, followWidth, isDark, wantedLanguage } from "./core/page.js";
import { createApp } from "./state/app.js";
import { closeMenu } from "./widgets/menu.js";
import { mountLevers } from "./levers/panel.js";
import { mountYear } from "./year/year.js";
import { mountExplore } from "./explore/explore.js";
import { mountExploreMap } from "./explore/map.js";
import { mountFigures } from "./explore/figures.js";
import { mountCompare } from "./compare/compare.js";
import { mountWhy } from "./why/why.js";
import { mountPresent } from "./story/present.js";
import { mountStudies } from "./studies/studies.js";
import { mountShell } from "./shell/shell.js";
import { storyModel } from "./story.js";

const VIEWS = { explore: mountExplore, compare: mountCompare, why: mountWhy, present: mountPresent, studies: mountStudies };
const PANELS = { map: mountExploreMap, levers: mountLevers, figures: mountFigures, year: mountYear };
const PANEL_CLASSES = { map: "s77-mp", levers: "s77-lev", figures: "s77-fig", year: "s77-yr" };

/** One panel alone, for notebooks: app.panel names it. */
function mountPanel(app) {
  const el = h("div", { class: PANEL_CLASSES[app.panel] || "s77-view" });
  app.root.classList.add("s77-panel");
  app.root.classList.toggle("s77-alone", !app.sides.a);
  fill(app.root, el, h("p.s77-sr.s77-live", { "aria-live": "polite" }));
  applyTheme(app);
  return (PANELS[app.panel] || VIEWS[app.panel])(app, el);
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
    view = VIEWS[app.state.view](app, place);
    // Days play where there is a bar to stop them.
    if (app.playing && !place.querySelector(".s77-play")) {
      app.playing = false;
      app.emit("playing");
    }
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
    app.playing = false;
    if (view) view.destroy();
    if (shell) shell.destroy();
    app.close();
    stopWidth();
    stopTheme();
    root.remove();
  };
}

function showFirstLoading(app, root) {
  root.dataset.theme = isDark(app) ? "dark" : "light";
  root.setAttribute("lang", app.lang);
  fill(root, h("div.s77-first", h("p", { role: "status" }, app.lang === "en" ? "The map is coming." : "La carte arrive.")));
}

// A story's page holds its data and starts by itself; a widget is started by its host.
const story = document.getElementById("sim77-data");
if (story) {
  const model = storyModel(JSON.parse(story.textContent), wantedLanguage());
  const nameTab = () => { document.title = model.get("boot").stories[0].title[model.get("state").lang]; };
  nameTab();
  model.on("change:state", nameTab);
  render({ model, el: document.getElementById("sim77") });
}

export default { render };
