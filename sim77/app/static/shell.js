// The frame around every view: header, navigation, language, theme, sharing, status, banners.

const VIEWS = ["explore", "compare", "why", "present", "studies"];

/** Build the shell in app.root; returns {place: where views go, destroy}. */
function mountShell(app) {
  const shell = { app, stops: [] };
  shell.header = h("header.s77-bar");
  shell.progress = h("div.s77-progress", { "aria-hidden": "true" }, h("i"));
  shell.banners = h("div.s77-banners", { role: "status" });
  shell.place = h("div.s77-view");
  shell.live = h("p.s77-sr.s77-live", { "aria-live": "polite", role: "status" });
  shell.skips = h("div.s77-skips");
  fill(app.root, shell.skips, shell.header, shell.progress, shell.banners, shell.place, shell.live);
  drawHeader(shell);
  drawSkips(shell);
  applyTheme(app);
  shell.stops.push(
    app.on("state:view", () => showCurrentView(shell)),
    app.on("state:theme", () => showTheme(shell)),
    app.on(["state:lang", "boot"], () => { drawHeader(shell); drawSkips(shell); applyTheme(app); }),
    app.on("status", () => showStatus(shell)),
    app.on("banner", (banner) => addBanner(shell, banner)),
    app.on("help", () => openHelp(app)),
    addKeys(app));
  showStatus(shell);
  emitBanner(app, app.model.get("banner"));
  shell.destroy = () => shell.stops.forEach((stop) => stop());
  return shell;
}

/** An attribute set again, even to what it is, has every style of the page worked out again. */
function applyTheme(app) {
  const { root, lang } = app;
  const theme = isDark(app) ? "dark" : "light";
  if (root.dataset.theme !== theme) root.dataset.theme = theme;
  if (root.lang !== lang) root.lang = lang;
  // A page of our own says its language to the browser; a notebook keeps its own.
  if (!app.embedded && document.documentElement.lang !== lang) document.documentElement.lang = lang;
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

/** "auto" follows the notebook around, where it says its theme, else the machine's own choice. */
function isDark(app) {
  const { theme } = app.state;
  const around = document.body.dataset.jpThemeLight;
  const dark = around ? around === "false" : matchMedia("(prefers-color-scheme: dark)").matches;
  return theme === "dark" || (theme === "auto" && dark);
}

/** Change with the theme of the notebook; returns the function that stops it. */
function followTheme(app) {
  const watcher = new MutationObserver(() => applyTheme(app));
  watcher.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
  return () => watcher.disconnect();
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
  // Whoever changed the language with the keyboard stays where they were.
  const again = held >= 0 ? shell.header.querySelectorAll("button")[held] : null;
  if (again) again.focus();
}

function logo() {
  return s("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" },
    s("circle", { cx: 12, cy: 12, r: 8.2, fill: "none", stroke: "var(--tc)", "stroke-opacity": 0.25, "stroke-width": 5 }),
    s("circle", { cx: 12, cy: 12, r: 8.2, fill: "none", stroke: "var(--tc)", "stroke-width": 5, "stroke-dasharray": "39.7 60", transform: "rotate(-90 12 12)" }));
}

function headerTools(app) {
  const language = segmented(app, app.t("language"), [["fr", "FR", "Français"], ["en", "EN", "English"]], (lang) => app.set({ lang }));
  language.show(app.lang);
  const theme = h("button.s77-btn.s77-square.s77-theme", { type: "button", onclick: () => toggleTheme(app) });
  nameTheme(app, theme);
  return [
    h("button.s77-btn", { type: "button", onclick: () => openShare(app) }, app.t("share")),
    h("button.s77-btn", { type: "button", onclick: () => openExport(app) }, app.t("export")),
    language.el,
    theme,
    h("button.s77-btn.s77-square", { type: "button", "aria-label": app.t("help"), title: app.t("help"), onclick: () => openHelp(app) }, "?"),
  ];
}

function toggleTheme(app) {
  app.set({ theme: isDark(app) ? "light" : "dark" });
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

// Status -----------------------------------------------------------------------------------------

/** The text of the status for people, or "" when there is nothing to say. */
function statusText(app) {
  const { phase, position, eta_s: eta, message_key: key, message_args: args } = app.status;
  const seconds = Number.isFinite(eta) ? app.fmt.num(Math.max(1, Math.round(eta))) : "";
  if (phase === "queued" && position > 0) return app.t(position === 1 ? "status_queued_1" : "status_queued", { n: app.fmt.num(position), s: seconds || "?" });
  if (phase === "computing" || phase === "queued") return app.t(seconds ? "status_computing" : "status_computing_short", { s: seconds });
  if (phase === "refining") return app.t("status_refining");
  if (phase === "error") return key ? app.t(key, args) : app.t("status_error");
  return key ? app.t(key, args) : "";
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

/** The line under a view's title: place in the queue, cancel, retry. Returns {destroy}. */
function mountQueue(app, el) {
  const draw = () => {
    const text = statusText(app);
    const { phase } = app.status;
    // Made again only where it says something else: a button must not be replaced under a hand.
    if (el.dataset.told === `${phase}|${text}`) return;
    el.dataset.told = `${phase}|${text}`;
    el.hidden = !text;
    el.className = `s77-queue s77-${phase}`;
    const button = (key, action) => h("button.s77-link", { type: "button", onclick: action }, app.t(key));
    fill(el, h("span", text),
      phase === "queued" || phase === "computing" ? button("cancel", () => app.cancel()) : null,
      phase === "error" ? [button("retry", () => app.model.send({ type: "retry" })), app.status.detail ? button("copy_detail", () => copyText(app.status.detail)) : null] : null);
  };
  draw();
  const stop = app.on("status", draw);
  return { destroy: stop };
}

function addBanner(shell, { key, args, text, also, kind = "notice" }) {
  const { app, banners } = shell;
  const shown = text || app.t(key, args) + (also ? ` ${app.t(also)}` : "");
  if ([...banners.children].some((one) => one.dataset.text === shown)) return;
  const banner = h(`div.s77-banner.s77-${kind}`, { dataset: { text: shown } }, h("span", { "aria-hidden": "true" }, "▲"), h("p", shown),
    h("button.s77-icon", { type: "button", "aria-label": app.t("dismiss"), onclick: () => banner.remove() }, "×"));
  banners.append(banner);
}

// Share and help ------------------------------------------------------------------------------------

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // no permission, or a page that is not secure: the field can still be copied by hand
  }
}

function shareAddress(app) {
  const query = app.model.get("address");
  return query ? `${location.origin}${location.pathname}?${query}` : location.href;
}

/** The address holds the whole state; below it, the same run as Python, command line and YAML. */
function openShare(app) {
  const said = h("p.s77-small", { role: "status" });
  const field = (label, text) => {
    const box = h("input.s77-code", { type: "text", readonly: true, value: text, "aria-label": label });
    const copy = h("button.s77-btn", {
      type: "button", onclick: async () => {
        box.select();
        setText(said, app.t((await copyText(box.value)) ? "copied" : "copy_by_hand"));
      },
    }, app.t("copy"));
    return h("div.s77-share", h("h3", label), h("div", box, copy));
  };
  const more = h("div", h("p.s77-small", app.t("reproduce_coming")));
  openDialog(app, app.t("share"), [
    h("p", app.t("share_text", { version: (app.boot.versions || {}).sim77 || "" })),
    h("p.s77-small", versionsText(app)), field(app.t("address"), shareAddress(app)), said, more,
  ]);
  showReproduction(app, more);
}

const HELP_KEYS = [
  ["Espace / Space", "help_play"], ["← →", "help_day"], ["Maj / Shift ← →", "help_week"], ["A, B", "help_hold"],
  ["X", "help_swap"], ["1 … 5", "help_views"], ["L", "help_levers"], ["M", "help_map"], ["↑ ↓ ← →", "help_walk"],
  ["+ − 0", "help_zoom"], ["T", "help_table"], ["N", "help_notes"], ["D", "help_theme"], ["F, Esc", "help_full"], ["?", "help_list"],
];

function openHelp(app) {
  const letters = h("input", {
    type: "checkbox", checked: !app.noLetters, onchange: (event) => { app.noLetters = !event.target.checked; },
  });
  openDialog(app, app.t("help"), [
    h("dl.s77-keys", HELP_KEYS.map(([key, text]) => [h("dt", h("kbd", key)), h("dd", app.t(text))])),
    h("label.s77-check", letters, app.t("help_letters")),
  ]);
}

// Keyboard --------------------------------------------------------------------------------------

/** Single keys act outside fields only, and can be switched off (WCAG 2.1.4). */
function addKeys(app) {
  // In a notebook keys belong to the notebook, except inside the widget.
  const where = app.embedded ? app.root : document;
  const down = (event) => {
    if (!app.root.isConnected || event.ctrlKey || event.metaKey || event.altKey || inField(event)) return;
    if (app.root.querySelector("dialog[open]")) return;
    if (pageKey(app, event)) event.preventDefault();
  };
  const up = (event) => {
    if (app.held && event.key.toLowerCase() === app.held) hold(app, null);
  };
  where.addEventListener("keydown", down);
  where.addEventListener("keyup", up);
  return () => {
    where.removeEventListener("keydown", down);
    where.removeEventListener("keyup", up);
  };
}

function inField(event) {
  const target = event.composedPath()[0];
  if (!target || !target.matches) return false;
  if (target.matches("textarea, select, [contenteditable], input:not([type=range]):not([type=checkbox])")) return true;
  // Sliders keep their arrows, buttons their space bar.
  if (target.matches("input")) return event.key.startsWith("Arrow") || event.key === " ";
  return target.matches("button, summary, a") && (event.key === " " || event.key === "Enter");
}

/** Show A or B at once, without a fade, as long as its key is down. */
function hold(app, side) {
  if (app.held === side) return;
  app.held = side;
  app.emit("held", side);
}

function pageKey(app, event) {
  const { key } = event;
  const playsDays = ["explore", "compare"].includes(app.state.view);
  if (key === " " && playsDays) return togglePlay(app) || true;
  if ((key === "ArrowLeft" || key === "ArrowRight") && playsDays) {
    stepDay(app, (key === "ArrowLeft" ? -1 : 1) * (event.shiftKey ? 5 : 1));
    return true;
  }
  if (key === "?") return openHelp(app) || true;
  if (key === "+" || key === "=") return app.emit("map:zoom", 1.6) || true;
  if (key === "-") return app.emit("map:zoom", 1 / 1.6) || true;
  if (key === "0") return app.emit("map:zoom", 0) || true;
  return app.noLetters ? false : letterKey(app, key.toLowerCase());
}

function letterKey(app, key) {
  if (key >= "1" && key <= "5") app.set({ view: VIEWS[Number(key) - 1] });
  else if (key === "a" || key === "b") hold(app, key);
  else if (key === "d") toggleTheme(app);
  else if (key === "x") swapSides(app);
  else if (key === "l") focusLevers(app);
  else if (key === "m") app.emit("focus:map");
  else if (key === "t") app.emit("table");
  else if (key === "f") toggleFullScreen(app);
  else if (key === "n") app.emit("notes");
  else return false;
  return true;
}

/** Exchange the scenarios. Levers belong to B whatever B is: where some are moved, that is said. */
function swapSides(app) {
  app.set({ scenario_a: app.state.scenario_b, scenario_b: app.state.scenario_a });
  if (movedCount(app)) emitBanner(app, { key: "cmp_swapped", kind: "notice" });
}

function focusLevers(app) {
  if (isNarrow(app)) app.emit("sheet");
  const first = app.root.querySelector(".s77-lev input, .s77-lev summary");
  if (first) first.focus();
}

function toggleFullScreen(app) {
  if (document.fullscreenElement) document.exitFullscreen();
  else if (app.root.requestFullscreen) app.root.requestFullscreen().catch(() => {});
}
