// The frame around every view: header, navigation, language, theme, status, banners.

import { fill, h, s, setText } from "../core/dom.js";
import { applyTheme, isDark, toggleTheme } from "../core/page.js";
import { emitBanner } from "../state/app.js";
import { languageChoice } from "../widgets/segmented.js";
import { openExport } from "../export/export.js";
import { followConnection } from "./connection.js";
import { openShare } from "./share.js";
import { addKeys, openHelp, VIEWS } from "./keys.js";

/** Build the shell in app.root; returns {place: where views go, destroy}. */
export function mountShell(app) {
  /** @type {any} */
  const shell = { app, stops: [] };
  shell.header = h("header.s77-bar");
  shell.progress = h("div.s77-progress", { "aria-hidden": "true" }, h("i"));
  shell.banners = h("div.s77-banners", { role: "status" });
  shell.sample = h("p.s77-sample.s77-small");
  shell.place = h("div.s77-view");
  shell.live = h("p.s77-sr.s77-live", { "aria-live": "polite", role: "status" });
  shell.skips = h("div.s77-skips");
  fill(app.root, shell.skips, shell.header, shell.progress, shell.banners, shell.sample, shell.place, shell.live);
  drawHeader(shell);
  drawSkips(shell);
  applyTheme(app);
  shell.stops.push(
    app.on("state:view", () => { showCurrentView(shell); showSample(shell); }),
    app.on("state:theme", () => showTheme(shell)),
    app.on(["state:lang", "boot"], () => { drawHeader(shell); drawSkips(shell); applyTheme(app); }),
    app.on("status", () => { showStatus(shell); showSample(shell); }),
    app.on("banner", (banner) => addBanner(shell, banner)),
    app.on("help", () => openHelp(app)),
    followConnection(app, shell.banners),
    addKeys(app));
  showStatus(shell);
  emitBanner(app, app.model.get("banner"));
  shell.destroy = () => shell.stops.forEach((stop) => stop());
  return shell;
}

/** The button stays and says the other theme: taking away what has the focus is dear, and rude. */
function showTheme(shell) {
  for (const button of shell.header.querySelectorAll(".s77-theme")) nameTheme(shell.app, button);
  applyTheme(shell.app);
}

function nameTheme(app, button) {
  const dark = isDark(app);
  button.setAttribute("aria-label", app.t(dark ? "theme_light" : "theme_dark"));
  button.title = button.getAttribute("aria-label");
  setText(button, dark ? "☀" : "◐");
}

// Header ---------------------------------------------------------------------------------------

function drawHeader(shell) {
  const { app } = shell;
  shell.tabs = VIEWS.map((view) => h("button", {
    type: "button", dataset: { view }, onclick: () => app.set({ view }),
  }, app.t(`view_${view}`)));
  const tools = headerTools(app);
  const menu = h("button.s77-btn.s77-only-s", {
    type: "button", "aria-expanded": "false", onclick: () => toggleMenu(shell, menu),
  }, app.t("menu"));
  shell.drawer = h("div.s77-drawer");
  const held = [...shell.header.querySelectorAll("button")].indexOf(document.activeElement);
  fill(shell.header,
    h("span.s77-logo", logo(), "sim77"),
    h("nav.s77-tabs", { "aria-label": app.t("views") }, shell.tabs),
    h("span.s77-grow"), h("span.s77-tools", tools), menu, shell.drawer);
  showCurrentView(shell);
  showSample(shell);
  // Whoever changed the language with the keyboard stays where they were.
  const again = held >= 0 ? shell.header.querySelectorAll("button")[held] : null;
  if (again) again.focus();
}

/** A part of the workers, or of the year, is never shown without saying so. */
function showSample({ app, sample }) {
  const drawn = app.boot.sample;
  // Studies that ship are of their own scale.
  sample.hidden = !drawn || app.state.view === "studies";
  if (sample.hidden) return;
  const args = { share: app.fmt.pct(drawn.share, drawn.share < 0.1 ? 1 : 0), workers: app.fmt.num(drawn.workers) };
  // Who runs the app needs the command; those who watch its slides do not.
  const whole = app.state.view === "present" ? [] : [" ", app.t("sample_whole"), " ", h("code", drawn.whole)];
  fill(sample, app.t(app.status.month ? "sample_month" : "sample", args), whole);
}

function logo() {
  return s("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" },
    s("circle", { cx: 12, cy: 12, r: 8.2, fill: "none", stroke: "var(--tc)", "stroke-opacity": 0.25, "stroke-width": 5 }),
    s("circle", { cx: 12, cy: 12, r: 8.2, fill: "none", stroke: "var(--tc)", "stroke-width": 5, "stroke-dasharray": "39.7 60", transform: "rotate(-90 12 12)" }));
}

function headerTools(app) {
  const theme = h("button.s77-btn.s77-square.s77-theme", { type: "button", onclick: () => toggleTheme(app) });
  nameTheme(app, theme);
  return [
    territoryMenu(app),
    h("button.s77-btn", { type: "button", onclick: () => openShare(app) }, app.t("share")),
    h("button.s77-btn", { type: "button", onclick: () => openExport(app) }, app.t("export")),
    languageChoice(app),
    theme,
    h("button.s77-btn.s77-square", { type: "button", "aria-label": app.t("help"), title: app.t("help"), onclick: () => openHelp(app) }, "?"),
  ];
}

/** Another territory is another page: nothing of what is chosen here has a meaning there. */
function territoryMenu(app) {
  const { territories = [], territory } = app.boot;
  if (territories.length < 2 || app.embedded) return null;
  const menu = h("select.s77-select.s77-territory", {
    "aria-label": app.t("territory"), title: app.t("territory"),
    onchange: () => {
      const { view, lang, theme } = app.state;
      location.search = new URLSearchParams({ territory: menu.value, view, lang, theme }).toString();
    },
  }, territories.map((one) => h("option", { value: one.name }, app.label(one))));
  menu.value = territory;
  return menu;
}

function showCurrentView(shell) {
  const { view } = shell.app.state;
  for (const tab of shell.tabs) {
    if (tab.dataset.view === view) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
}

/** In one column, navigation and tools are in a drawer under the header. */
function toggleMenu(shell, menu) {
  const open = !shell.drawer.childElementCount;
  menu.setAttribute("aria-expanded", String(open));
  const close = (fn) => () => {
    toggleMenu(shell, menu);
    fn();
  };
  if (!open) return shell.drawer.replaceChildren();
  fill(shell.drawer,
    h("nav", { "aria-label": shell.app.t("views") }, VIEWS.map((view) => h("button", {
      type: "button", "aria-current": shell.app.state.view === view ? "page" : null,
      onclick: close(() => shell.app.set({ view })),
    }, shell.app.t(`view_${view}`)))),
    h("div.s77-drawer-tools", headerTools(shell.app)));
}

function drawSkips(shell) {
  const { app } = shell;
  const skip = (id, key) => h("a", {
    href: `#${id}`, onclick: (event) => {
      event.preventDefault();
      const target = id === "s77-mapplace" ? app.root.querySelector(".s77-mapbox") : app.root.querySelector(`#${id}`);
      if (target) target.focus();
    },
  }, app.t(key));
  fill(shell.skips, skip("s77-title", "skip_title"), skip("s77-levers", "skip_levers"), skip("s77-mapplace", "skip_map"),
    skip("s77-figures", "skip_figures"), skip("s77-year", "skip_year"));
}

/** Old values stay, dimmed, while new ones are made; a bar under the header tells how far. */
function showStatus(shell) {
  const { app, progress } = shell;
  const { phase, progress: done } = app.status;
  const busy = phase === "queued" || phase === "computing";
  app.root.classList.toggle("s77-busy", busy);
  progress.classList.toggle("s77-on", busy || phase === "refining");
  progress.firstChild.style.width = Number.isFinite(done) ? `${Math.round(100 * done)}%` : "8%";
}

function addBanner(shell, { key, args, text, also, kind = "notice" }) {
  const { app, banners } = shell;
  const shown = text || app.t(key, args) + (also ? ` ${app.t(also)}` : "");
  if ([...banners.children].some((one) => one.dataset.text === shown)) return;
  const banner = h(`div.s77-banner.s77-${kind}`, { dataset: { text: shown } }, h("span", { "aria-hidden": "true" }, "▲"), h("p", shown),
    h("button.s77-icon", { type: "button", "aria-label": app.t("dismiss"), onclick: () => banner.remove() }, "×"));
  banners.append(banner);
}
