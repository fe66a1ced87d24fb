// The maps of a report page: the app's map, painted from the page's data; places say what their table rows say.

import { h } from "../core/dom.js";
import { classOf, numberOf } from "../core/numbers.js";
import { territoryFrame } from "../state/places.js";
import { createMap } from "../map/map.js";
import { createMapView } from "../map/view.js";
import { goTo, tipLine } from "../map/pointer.js";

const PREFIXES = { commune: "c", telecentre: "t", segment: "s" };

/**
 * Draw the maps of one language; `shown()` gives the layer that the page shows.
 * @returns {{ paint: () => void, find: (row: number) => void }}
 */
export function mountMaps(main, { geography, maps }, fmt, shown) {
  const slots = [...main.querySelectorAll("[data-map]")];
  const words = JSON.parse(slots[0].dataset.words);
  const app = { boot: geography, fmt, root: document.documentElement, t: (key) => words[key] };
  // Maps of the territory alone zoom and pan together.
  const territory = createMapView(app, territoryFrame(app));
  const all = slots.map((slot) => {
    const data = maps[slot.dataset.map];
    const map = createMap(app, {
      view: data.context ? createMapView(app) : territory, align: data.context ? "xMaxYMid" : "xMidYMid", context: Boolean(data.context),
      rails: Boolean(data.rails), labels: !data.small, buttons: !data.small, first: data.first, scrolls: true,
      label: () => slot.getAttribute("aria-label"), describe: (kind, index) => describe(app, main, data, kind, index, shown()),
    });
    slot.append(map.el);
    if (data.rails) map.paintRails(data.rails.riders, data.rails.seats, { most: data.rails.most });
    map.paintRings(data.sites);
    return { map, data };
  });
  return {
    paint: () => all.forEach(({ map, data }) => {
      const { values, breaks, prefix, veil } = data.layers[shown()];
      map.paint(Int8Array.from(values, (value) => classOf(breaks, numberOf(value))), `s77-${prefix}`);
      map.veil(veil);
    }),
    find: (row) => {
      const { map, data } = all[all.length - 1];
      goTo(map, data.rows ? data.rows.indexOf(row) : row);
    },
  };
}

/** The title and the cells of a place's row in its table, those of the layer shown. */
function describe(app, main, { rows, sites }, kind, index, shown) {
  const number = kind === "telecentre" ? sites[index].row : kind === "commune" && rows ? rows[index] : index;
  const row = main.querySelector(`tr[data-row="${PREFIXES[kind]}${number}"]`);
  if (!row) return [h("b", { lang: "fr" }, app.boot.communes.name[index])];
  const heads = [...row.closest("table").tHead.rows[0].cells];
  const facts = heads.map((head, at) => [head, row.cells[at]])
    .filter(([head]) => !("of" in head.dataset) || Number(head.dataset.of) === shown)
    .map((pair) => pair.map((one) => one.textContent.trim()));
  const texts = facts.map(([, text]) => text);
  const segment = kind === "segment";
  return [h("b", segment ? `${texts[0]}, ${texts[1]} → ${texts[2]}` : texts[0]), ...facts.slice(segment ? 3 : 1).map(([head, text]) => tipLine(head, text))];
}
