// A report page: language and theme, maps that answer with the rows of their tables, tables that sort.
//
// Everything is in the page already; this shows, hides and sorts it.

import { createFormat } from "./core/format.js";
import { clamp } from "./core/numbers.js";
import { drawCharts, drawTracks } from "./page/charts.js";
import { ARROWS, nextPlace } from "./map/walk.js";

/** @returns {any[]} */
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const root = document.documentElement;
const maps = all("svg.map");
const mains = all("main");
/** The language in use: `summary.html#en,dark` opens a page in English and dark. */
const here = () => mains.find((main) => main.lang === root.lang);
let chosen = null;
let shown = "0";

/** What a reader has chosen before, where the browser lets us keep it. */
const stored = {
  get: (key) => { try { return localStorage.getItem(`sim77-${key}`); } catch { return null; } },
  set: (key, value) => { try { localStorage.setItem(`sim77-${key}`, value); } catch { /* private window */ } },
};

const drawn = new Set();

/** Charts of a language are drawn when it is first shown; both languages share the maps. */
function setLanguage(language) {
  root.lang = language;
  if (!drawn.has(language)) drawCharts(here(), createFormat(language));
  drawn.add(language);
  document.title = here().dataset.title;
  for (const button of all("[data-language]")) button.setAttribute("aria-pressed", String(button.dataset.language === language));
  for (const map of maps) {
    const slot = here().querySelector(`.slot[data-map="${map.dataset.map}"]`);
    slot.append(map);
    map.setAttribute("aria-label", slot.getAttribute("aria-label"));
  }
  hide();
}

function setTheme(theme) {
  root.dataset.theme = theme;
  all("#theme")[0].setAttribute("aria-pressed", String(theme === "dark"));
}

// Maps: the values come from the tables behind them --------------------------------------------

function setScale(scale) {
  hide();
  shown = scale;
  for (const map of maps) {
    map.dataset.show = scale;
    for (const area of all("[data-q]", map)) area.setAttribute("class", map.dataset.classes + area.dataset.q[scale]);
  }
  for (const main of mains) {
    for (const chooser of all(".show", main)) chooser.value = scale;
    for (const block of all("[data-scale]", main)) block.hidden = block.dataset.scale !== scale;
  }
}

function hide() {
  if (chosen) chosen.classList.remove("on");
  chosen = null;
  for (const tip of all(".tip")) tip.hidden = true;
}

function element(tag, text, ...children) {
  const made = document.createElement(tag);
  made.append(...(text ? [text] : []), ...children);
  return made;
}

/** What the row of an item says: its title and its [head, cell] pairs. */
function factsOf(row, isSegment) {
  const heads = [...row.closest("table").tHead.rows[0].cells];
  const facts = heads.map((head, k) => [head, row.cells[k]])
    .filter(([head]) => !("of" in head.dataset) || head.dataset.of === shown)
    .map((pair) => pair.map((one) => one.textContent.trim()));
  const texts = facts.map(([, text]) => text);
  const title = isSegment ? `${texts[0]}, ${texts[1]} → ${texts[2]}` : texts[0];
  return { title, facts: facts.slice(isSegment ? 3 : 1) };
}

function choose(item, aloud) {
  const row = here().querySelector(`tr[data-row="${item.dataset.row}"]`);
  if (!row || item === chosen) return;
  hide();
  chosen = item;
  item.classList.add("on");
  if (item.dataset.q) item.parentNode.append(item);
  const { title, facts } = factsOf(row, item.dataset.row[0] === "s");
  const tip = item.closest(".frame").querySelector(".tip");
  tip.replaceChildren(element("b", title), ...facts.map(([head, cell]) => element("span", "", element("span", head), element("span", cell))));
  tip.hidden = false;
  placeTip(tip, item.getBoundingClientRect());
  if (aloud) here().querySelector(".live").textContent = [title, ...facts.map(([head, cell]) => `${head} ${cell}`)].join(", ");
}

/** Below the middle of a box, or above it where there is no room, within the frame. */
function placeTip(tip, box) {
  const frame = tip.parentNode.getBoundingClientRect();
  const below = box.bottom - frame.top + 10;
  const above = box.top - frame.top - tip.offsetHeight - 10;
  const left = box.left - frame.left + box.width / 2 - tip.offsetWidth / 2;
  tip.style.left = `${clamp(left, 0, Math.max(0, frame.width - tip.offsetWidth))}px`;
  tip.style.top = `${Math.max(0, below + tip.offsetHeight > frame.height ? above : below)}px`;
}

function step(map, direction) {
  const areas = all("[data-q]", map);
  const from = areas.indexOf(chosen);
  const [x, y] = ["x", "y"].map((key) => areas.map((area) => Number(area.dataset[key])));
  choose(areas[from < 0 ? 0 : nextPlace(x, y, from, direction)], true);
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
    const text = row.cells[head.cellIndex].textContent.trim();
    return { row, text, number: parse(text) };
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
for (const map of maps) {
  map.addEventListener("pointerover", (event) => {
    const item = event.target.closest("[data-row]");
    if (item) choose(item, false);
  });
  map.addEventListener("pointerleave", (event) => { if (event.pointerType !== "touch") hide(); });
}
addEventListener("resize", hide);
document.addEventListener("pointerdown", (event) => { if (!maps.some((map) => map.contains(event.target))) hide(); });
for (const main of mains) {
  for (const chooser of all(".show", main)) chooser.addEventListener("change", () => setScale(chooser.value));
  for (const find of all(".find", main)) {
    find.addEventListener("input", () => {
      const wanted = find.value.trim().toLocaleLowerCase();
      const row = all('tr[data-row^="c"]', main).find((each) => each.cells[0].textContent.toLocaleLowerCase() === wanted);
      if (row) choose(maps[maps.length - 1].querySelector(`[data-row="${row.dataset.row}"]`), true);
    });
  }
  for (const slot of all(".slot", main)) {
    slot.addEventListener("keydown", (event) => {
      if (event.key === "Escape") return hide();
      if (!(event.key in ARROWS)) return;
      event.preventDefault();
      step(slot.querySelector("svg.map"), ARROWS[event.key]);
    });
  }
  for (const box of all(".wider", main)) box.addEventListener("change", () => { for (const list of all(".tracks.effects", main)) drawTracks(list, box.checked); });
  for (const button of all("thead button", main)) button.addEventListener("click", () => sort(button.closest("th")));
}

const asked = location.hash.slice(1).split(",");
const dark = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
setTheme(asked.find((one) => one === "dark" || one === "light") ?? stored.get("theme") ?? dark);
setScale(shown);
setLanguage(asked.find((one) => one === "fr" || one === "en") ?? stored.get("language") ?? "fr");
