// A report page: language and theme, charts and maps drawn from its data, tables that sort.
//
// Everything is in the page already, and can be read without this.

import { createFormat } from "./core/format.js";
import { followWidth } from "./core/page.js";
import { drawCharts, drawTracks } from "./page/charts.js";
import { mountMaps } from "./page/maps.js";

/** @returns {any[]} */
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const root = document.documentElement;
const mains = all("main");
/** The language in use: `summary.html#en,dark` opens a page in English and dark. */
const here = () => mains.find((main) => main.lang === root.lang);
/** The maps of each language, once it has been shown. */
const maps = new Map();
let shown = 0;

/** What a reader has chosen before, where the browser lets us keep it. */
const stored = {
  get: (key) => { try { return localStorage.getItem(`sim77-${key}`); } catch { return null; } },
  set: (key, value) => { try { localStorage.setItem(`sim77-${key}`, value); } catch { /* private window */ } },
};

/** What a language shows is drawn when it is first asked for. */
function setLanguage(language) {
  root.lang = language;
  document.title = here().dataset.title;
  for (const button of all("[data-language]")) button.setAttribute("aria-pressed", String(button.dataset.language === language));
  if (maps.has(language)) return;
  const format = createFormat(language);
  drawCharts(here(), format);
  const [holder] = all("[data-maps]");
  maps.set(language, holder ? mountMaps(here(), JSON.parse(holder.dataset.maps), format, () => shown) : null);
  maps.get(language)?.paint();
}

function setTheme(theme) {
  root.dataset.theme = theme;
  all("#theme")[0].setAttribute("aria-pressed", String(theme === "dark"));
}

/** What the maps show of each place, and what goes with it. */
function setScale(scale) {
  shown = Number(scale);
  for (const one of maps.values()) one?.paint();
  for (const main of mains) {
    for (const chooser of all(".show", main)) chooser.value = scale;
    for (const block of all("[data-scale]", main)) block.hidden = block.dataset.scale !== scale;
  }
}

// Tables: a click on a head sorts, numbers by value ----------------------------------------------

function sort(head) {
  const table = head.closest("table");
  const language = head.closest("main").lang;
  const down = head.getAttribute("aria-sort") !== "descending";
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const { parse } = createFormat(language);
  const rows = [...table.tBodies[0].rows].map((row) => {
    const cell = row.cells[head.cellIndex], time = cell.querySelector("time");
    const text = cell.textContent.trim();
    if (time) return { row, text, number: Date.parse(time.dateTime) };
    // A unit or a mark may follow a number.
    const [number] = text.match(/^[+\u2212-]?[\d\s\u202f\u00a0.,]*\d\s*%?/) || [text];
    return { row, text, number: parse(number) };
  });
  const numeric = rows.some(({ number }) => Number.isFinite(number));
  const size = ({ number }) => (Number.isFinite(number) ? number : -Number.MAX_VALUE);
  rows.sort((one, two) => (numeric ? (down ? 1 : -1) * (size(two) - size(one)) : (down ? 1 : -1) * one.text.localeCompare(two.text, language)));
  table.tBodies[0].append(...rows.map(({ row }) => row));
}

// Events -----------------------------------------------------------------------------------------

for (const button of all("[data-language]")) {
  button.addEventListener("click", () => { setLanguage(button.dataset.language); stored.set("language", root.lang); });
}
all("#theme")[0].addEventListener("click", () => {
  setTheme(root.dataset.theme === "dark" ? "light" : "dark");
  stored.set("theme", root.dataset.theme);
});
for (const main of mains) {
  for (const chooser of all(".show", main)) chooser.addEventListener("change", () => setScale(chooser.value));
  for (const find of all(".find", main)) {
    find.addEventListener("input", () => {
      // A keyboard has another apostrophe than print.
      const plain = (/** @type {string} */ text) => text.trim().toLocaleLowerCase().replaceAll("’", "'");
      const wanted = plain(find.value);
      const row = all('tr[data-row^="c"]', main).find((each) => plain(each.cells[0].textContent) === wanted);
      if (row) maps.get(main.lang).find(Number(row.dataset.row.slice(1)));
    });
  }
  for (const box of all(".wider", main)) box.addEventListener("change", () => { for (const list of all(".tracks.effects", main)) drawTracks(list, box.checked); });
  for (const button of all("thead button", main)) button.addEventListener("click", () => sort(button.closest("th")));
}

const asked = location.hash.slice(1).split(",");
const dark = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
setTheme(asked.find((one) => one === "dark" || one === "light") ?? stored.get("theme") ?? dark);
followWidth(root);
setScale("0");
setLanguage(asked.find((one) => one === "fr" || one === "en") ?? stored.get("language") ?? "fr");
