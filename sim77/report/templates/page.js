"use strict";
(() => {
  const root = document.documentElement;
  const maps = [...document.querySelectorAll("svg.map")];
  const mains = [...document.querySelectorAll("main")];
  const store = {
    get: (key) => { try { return localStorage.getItem("sim77-" + key); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem("sim77-" + key, value); } catch { /* private window */ } },
  };
  const wishes = location.hash.slice(1).split(",");
  const here = () => mains.find((main) => main.lang === root.lang);
  const rowOf = (main, key) => main.querySelector(`tr[data-row="${key}"]`);
  let chosen = null, shown = "0";

  // Language and theme: `summary.html#en,dark` opens the page that way. Both languages share the maps.
  function speak(language) {
    root.lang = language;
    document.title = here().dataset.title;
    for (const button of document.querySelectorAll("[data-language]"))
      button.setAttribute("aria-pressed", button.dataset.language === language);
    for (const map of maps) {
      const slot = here().querySelector(`.slot[data-map="${map.dataset.map}"]`);
      slot.append(map);
      map.setAttribute("aria-label", slot.getAttribute("aria-label"));
    }
    hide();
  }
  function paint(theme) {
    root.dataset.theme = theme;
    document.getElementById("theme").setAttribute("aria-pressed", theme === "dark");
  }

  // The maps: the values come from the tables behind them.
  function show(scale) {
    hide();
    shown = scale;
    for (const map of maps) {
      map.dataset.show = scale;
      for (const area of map.querySelectorAll("[data-q]")) area.setAttribute("class", map.dataset.classes + area.dataset.q[scale]);
    }
    for (const main of mains) {
      const chooser = main.querySelector(".show");
      if (chooser) chooser.value = scale;
      for (const block of main.querySelectorAll("[data-scale]")) block.hidden = block.dataset.scale !== scale;
    }
  }
  function hide() {
    if (chosen) chosen.classList.remove("on");
    chosen = null;
    for (const tip of document.querySelectorAll(".tip")) tip.hidden = true;
  }
  function line(name, value) {
    const row = document.createElement("span");
    for (const text of [name, value]) row.append(Object.assign(document.createElement("span"), { textContent: text }));
    return row;
  }
  function choose(item, aloud) {
    const row = rowOf(here(), item.dataset.row);
    if (!row || item === chosen) return;
    hide();
    chosen = item;
    item.classList.add("on");
    if (item.dataset.q) item.parentNode.append(item);
    const tops = [...row.closest("table").tHead.rows[0].cells];
    const told = tops.map((top) => !("of" in top.dataset) || top.dataset.of === shown);
    const cells = [...row.cells].filter((_, k) => told[k]).map((cell) => cell.textContent.trim());
    const heads = tops.filter((_, k) => told[k]).map((top) => top.textContent.trim());
    const tip = item.closest(".frame").querySelector(".tip");
    const title = item.dataset.row[0] === "s" ? `${cells[0]}, ${cells[1]} → ${cells[2]}` : cells[0];
    const first = item.dataset.row[0] === "s" ? 3 : 1;
    const name = Object.assign(document.createElement("b"), { textContent: title });
    tip.replaceChildren(name, ...cells.slice(first).map((cell, k) => line(heads[k + first], cell)));
    tip.hidden = false;
    const frame = tip.parentNode.getBoundingClientRect();
    const box = item.getBoundingClientRect();
    const x = box.left - frame.left + box.width / 2, y = box.bottom - frame.top + 10;
    const wide = tip.offsetWidth, high = tip.offsetHeight;
    const top = y + high > frame.height ? box.top - frame.top - high - 10 : y;
    tip.style.left = Math.max(0, Math.min(x - wide / 2, frame.width - wide)) + "px";
    tip.style.top = Math.max(0, top) + "px";
    if (aloud) here().querySelector(".live").textContent = [title, ...cells.slice(first).map((cell, k) => `${heads[k + first]} ${cell}`)].join(", ");
  }
  function step(map, dx, dy) {
    const areas = [...map.querySelectorAll("[data-q]")];
    const from = areas.includes(chosen) ? chosen : areas[0];
    if (from !== chosen) return choose(from, true);
    let best = null, least = Infinity;
    for (const area of areas) {
      const x = area.dataset.x - from.dataset.x, y = area.dataset.y - from.dataset.y;
      const ahead = x * dx + y * dy, aside = Math.abs(x * dy) + Math.abs(y * dx);
      if (area === from || ahead <= 0 || aside > 1.2 * ahead) continue;
      if (ahead + 2 * aside < least) { least = ahead + 2 * aside; best = area; }
    }
    if (best) choose(best, true);
  }
  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  // Tables: a click on a head sorts, numbers by value.
  function value(text, language) {
    const plain = language === "fr" ? text.replace(/[\s\u202f\u00a0]/g, "").replace(",", ".") : text.replace(/,/g, "");
    const number = Number(plain.replace("\u2212", "-"));
    return Number.isNaN(number) || plain === "" ? null : number;
  }
  function sort(head) {
    const table = head.closest("table"), place = head.cellIndex, language = head.closest("main").lang;
    const down = head.getAttribute("aria-sort") !== "descending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const rows = [...table.tBodies[0].rows].map((row) => {
      const text = row.cells[place].textContent.trim();
      return { row, text, number: value(text, language) };
    });
    const numeric = rows.some((each) => each.number !== null);
    rows.sort((a, b) => numeric
      ? (down ? 1 : -1) * ((b.number ?? -Infinity) - (a.number ?? -Infinity))
      : (down ? 1 : -1) * a.text.localeCompare(b.text, language));
    table.tBodies[0].append(...rows.map((each) => each.row));
  }

  for (const button of document.querySelectorAll("[data-language]"))
    button.addEventListener("click", () => { speak(button.dataset.language); store.set("language", root.lang); });
  document.getElementById("theme").addEventListener("click", () => {
    paint(root.dataset.theme === "dark" ? "light" : "dark");
    store.set("theme", root.dataset.theme);
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
    main.querySelector(".show")?.addEventListener("change", (event) => show(event.target.value));
    main.querySelector(".find")?.addEventListener("input", (event) => {
      const wanted = event.target.value.trim().toLocaleLowerCase();
      const rows = [...main.querySelectorAll('tr[data-row^="c"]')];
      const row = rows.find((each) => each.cells[0].textContent.toLocaleLowerCase() === wanted);
      if (row) choose(maps.at(-1).querySelector(`[data-row="${row.dataset.row}"]`), true);
    });
    for (const slot of main.querySelectorAll(".slot"))
      slot.addEventListener("keydown", (event) => {
        if (event.key === "Escape") return hide();
        if (!(event.key in arrows)) return;
        event.preventDefault();
        step(slot.querySelector("svg.map"), ...arrows[event.key]);
      });
    for (const button of main.querySelectorAll("thead button"))
      button.addEventListener("click", () => sort(button.closest("th")));
  }
  const dark = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  paint(wishes.find((wish) => wish === "dark" || wish === "light") ?? store.get("theme") ?? dark);
  show(shown);
  speak(wishes.find((wish) => wish === "fr" || wish === "en") ?? store.get("language") ?? "fr");
})();
