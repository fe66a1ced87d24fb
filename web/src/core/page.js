// The page around the app: width, theme, full screen, clipboard, files.

import { h, onResize } from "./dom.js";

/** Keep the classes of the layout in line with the root's width; returns the function to stop. */
export function followWidth(root) {
  const measure = () => {
    const width = root.clientWidth || innerWidth;
    root.classList.toggle("s77-narrow", width <= 900);
    root.classList.toggle("s77-mid", width > 900 && width <= 1240);
    root.classList.toggle("s77-huge", width >= 1700);
  };
  measure();
  return onResize(root, measure);
}

/** Save a text or a blob under a name. */
export function saveFile(name, mime, content) {
  const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type: `${mime};charset=utf-8` }));
  const link = h("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  // Safari reads the address after the click: it must live a little longer.
  setTimeout(() => URL.revokeObjectURL(url), 20000);
}

/** Our host forbids fingers to enlarge its pages; ours may be enlarged (WCAG 1.4.4). */
export function allowZoom() {
  const meta = document.querySelector("meta[name=viewport]");
  if (meta) meta.setAttribute("content", "width=device-width, initial-scale=1");
}

/** An attribute set again, even to what it is, has every style of the page worked out again. */
export function applyTheme(app) {
  const { root, lang } = app;
  const theme = isDark(app) ? "dark" : "light";
  if (root.dataset.theme !== theme) root.dataset.theme = theme;
  if (root.lang !== lang) root.lang = lang;
  // A page of our own says its language to the browser; a notebook keeps its own.
  if (!app.embedded && document.documentElement.lang !== lang) document.documentElement.lang = lang;
}

/** "auto" follows the notebook around, where it says its theme, else the machine's own choice. */
export function isDark(app) {
  const { theme } = app.state;
  const around = document.body.dataset.jpThemeLight;
  const dark = around ? around === "false" : matchMedia("(prefers-color-scheme: dark)").matches;
  return theme === "dark" || (theme === "auto" && dark);
}

/** Change with the theme of the notebook; returns the function that stops it. */
export function followTheme(app) {
  const observer = new MutationObserver(() => applyTheme(app));
  observer.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
  return () => observer.disconnect();
}

export function toggleTheme(app) {
  app.set({ theme: isDark(app) ? "light" : "dark" });
}

export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // no permission, or a page that is not secure: the field can still be copied by hand
  }
}

export function toggleFullScreen(app) {
  if (document.fullscreenElement) document.exitFullscreen();
  else if (app.root.requestFullscreen) app.root.requestFullscreen().catch(() => {});
}

/** The language that the address asks for, else that of the browser: French or English. */
export function wantedLanguage() {
  const wanted = new URLSearchParams(location.search).get("lang") || navigator.language;
  return wanted.startsWith("fr") ? "fr" : "en";
}
