// The pictures of a scene: maps, dots, flows, effects, claims, the year; each {destroy, refresh}.

import { append, fill, frameOnce, h, mounted, onResize, s } from "../core/dom.js";
import { capital } from "../core/words.js";
import { fieldOf, momentOf, momentText, newLines, railOf, totalAt, valuesAt } from "../state/sides.js";
import { scaleOf } from "../state/scales.js";
import { sitesAt, territoryFrame } from "../state/places.js";
import { differenceOf, drawsText, hasComparison, headlines } from "../state/comparison.js";
import { legendScale, railKeys } from "../charts/legend.js";
import { createMap } from "../map/map.js";
import { mapKeys } from "../map/keys.js";
import { createMapView } from "../map/view.js";
import { mountDifferenceYear } from "../year/difference.js";
import { effectRow } from "../compare/effects.js";
import { claimItem, noClaimsText } from "../compare/claims.js";
import { mountFlows } from "../compare/flows.js";
import {
  compareSentence, describeDifference, differenceLegend, legendNote, paintDifference, paintLevel,
} from "../compare/paint.js";

export const PICTURES = ["difference", "map_a", "map_b", "dots", "flows", "effects", "claims", "load", "year", "text"];

export function mountPicture(show, scene) {
  const { app, place } = show;
  const kind = PICTURES.includes(scene.picture) ? scene.picture : "difference";
  place.dataset.picture = kind;
  if (kind === "flows") return mountFlows(app, place);
  if (kind === "dots") return mountDots(app, place, scene);
  if (kind === "effects" || kind === "claims") return mountList(app, place, kind);
  if (kind === "year") return mountDifferenceYear(app, place);
  return mountSceneMap(app, place, scene, kind);
}

// Maps --------------------------------------------------------------------------------------------

function mountSceneMap(app, place, scene, kind) {
  const side = kind === "map_a" ? "a" : "b";
  // A scene of trains shows where they go; one of differences needs all the room for the land.
  const wide = kind !== "difference";
  const maps = { app, sight: wide ? createMapView(app) : createMapView(app, territoryFrame(app)) };
  maps.big = createMap(app, {
    letter: 16,
    view: maps.sight, align: "xMidYMid", context: wide, rails: wide,
    rings: kind !== "load",  // a scene of trains shows trains
    label: () => compareSentence(maps, kind === "difference" ? "big" : side),
    describe: (what, index) => describeDifference(maps, what, index),
  });
  const legend = h("div.s77-scenelegend");
  append(place, [h("div.s77-mapplace", maps.big.el), legend]);
  const draw = () => drawSceneMap(maps, scene, kind, side, legend);
  const stop = app.on(["state:day", "state:by", "state:indicator"], draw);
  draw();
  lookAt(maps, scene);
  return mounted([stop, maps.big.destroy], { refresh: draw });
}

function drawSceneMap(maps, scene, kind, side, legend) {
  const { app, big } = maps;
  const layer = differenceOf(app);
  const level = scaleOf(app, app.state.indicator);
  const title = capital(app.label(level.indicator));
  if (kind === "difference") {
    paintDifference(maps, layer);
    fill(legend, h("h2.s77-legtitle", `${app.t("cmp_difference")}${app.fmt.colon}${title}`), differenceLegend(app, layer), h("p.s77-small", legendNote(app, layer, "")), keysOf(app, app.sides.b, { few: false, rails: false }));
  } else {
    paintLevel(maps, big, side, layer, level);
    if (kind === "load") {
      big.paint(new Int8Array(app.boot.communes.code.length), "s77-q");
      big.veil([]);
    }
    const from = app.sides[side];
    const [riders, seats] = ["peak_riders", "seats"].map((name) => fieldOf(from, "segment", name));
    if (riders) big.paintRails(valuesAt(from, riders, momentOf(app, from)), seats && valuesAt(from, seats, momentOf(app, from)), { rail: railOf(app, from) });
    fill(legend, kind === "load" ? h("ul.s77-legmore", railKeys(app.t, app.fmt, app.boot.rail_most, newLines(app, from))) : legendScale(app.fmt, level, { title }), kind === "load" ? null : keysOf(app, from, {}), from ? h("p.s77-small", `${side.toUpperCase()}${app.fmt.colon}${app.label(from)}, ${momentText(app, from)}`) : null);
  }
  markScene(maps, scene);
}

function keysOf(app, side, drawn) {
  return h("ul.s77-legmore.s77-keys", mapKeys(app, { side, sites: side ? sitesAt(app, side, momentOf(app, side)) : null, ...drawn }));
}

function markScene(maps, scene) {
  const { app, big } = maps;
  const { communes = [] } = scene.highlight || {};
  const rows = communes.map((code) => app.boot.communes.code.indexOf(code)).filter((row) => row >= 0);
  if (rows.length) big.mark(rows);
  const place = scene.place && scene.place.kind === "commune" ? app.boot.communes.code.indexOf(scene.place.id) : -1;
  big.select(place);
}

function lookAt(maps, scene) {
  const { app } = maps;
  const { communes = [], telecentres = [] } = scene.highlight || {};
  const codes = [scene.place && scene.place.kind === "commune" ? scene.place.id : null, ...communes].filter(Boolean);
  const row = codes.length ? app.boot.communes.code.indexOf(codes[0]) : -1;
  const id = scene.place && scene.place.kind === "telecentre" ? scene.place.id : telecentres[0];
  const site = (app.boot.telecentres || []).find((one) => one.id === id);
  const at = row >= 0 ? { x: app.boot.communes.x[row], y: app.boot.communes.y[row] } : site;
  if (scene.zoom > 1 && at) maps.sight.to(scene.zoom, at.x, at.y);
}

// Dots --------------------------------------------------------------------------------------------

const DOT = 100;

/** One dot for a hundred workers: the true size of small numbers. */
function mountDots(app, place, scene) {
  const box = h("div.s77-dotbox");
  append(place, [box]);
  const draw = frameOnce(() => drawDots(app, box, scene.side === "a" ? "a" : "b"));
  return mounted([onResize(box, draw), app.on(["state:day", "state:by"], draw)], { refresh: draw });
}

function drawDots(app, box, name) {
  const side = app.sides[name] || app.sides.b;
  if (!side || box.clientWidth < 100) return;
  const moment = momentOf(app, side);
  const total = (key) => totalAt(side, key, moment) || 0;
  const [workers, home, centre] = [total("workers_at_work"), total("home"), total("telecentre") + total("half")];
  const counts = { home: Math.round(home / DOT), telecentre: Math.round(centre / DOT) };
  const all = Math.round(workers / DOT);
  const [width, height] = [box.clientWidth, box.clientHeight];
  const [top, bottom] = [34, 62];
  const columns = Math.max(10, Math.round(Math.sqrt((all * width) / Math.max(60, height - top - bottom))));
  const cell = Math.min(width / columns, (height - top - bottom) / Math.ceil(all / columns));
  const kind = (at) => (at >= all - counts.telecentre ? "telecentre" : at >= all - counts.telecentre - counts.home ? "home" : "office");
  const dots = Array.from({ length: all }, (_, at) => s(`circle.s77-node-${kind(at)}`, {
    cx: ((at % columns) + 0.5) * cell, cy: top + (Math.floor(at / columns) + 0.5) * cell, r: 0.37 * cell,
  }));
  const end = top + Math.ceil(all / columns) * cell + 26;
  const label = (x, y, anchor, text, value, kindOf) => s(`text.s77-dotlabel.s77-ink-${kindOf}`, { x, y, "text-anchor": anchor }, text, s("tspan.s77-dotvalue", `  ${app.fmt.num(value)}`));
  const right = columns * cell;
  fill(box, s("svg.s77-dots", {
    viewBox: `0 0 ${width} ${height}`, role: "img",
    "aria-label": `${app.t("pre_at_office")} ${app.fmt.num(workers - home - centre)}, ${app.t("pre_at_home")} ${app.fmt.num(home)}, ${app.t("pre_at_centre")} ${app.fmt.num(centre)}`,
  }, label(4, 20, "start", app.t("pre_at_office"), workers - home - centre, "office"),
  s("text.s77-t2", { x: right - 4, y: 20, "text-anchor": "end" }, app.t("pre_dot", { n: DOT })), dots,
  label(4, end, "start", app.t("pre_at_home"), home, "home"),
  label(right - 4, end, "end", app.t("pre_at_centre"), centre, "telecentre"),
  s("text.s77-t2", { x: right - 4, y: end + 20, "text-anchor": "end" }, app.t("pre_half_or_day"))));
}

// Effects and claims ---------------------------------------------------------------------------------

function mountList(app, place, kind) {
  const column = { app, unpaired: false };
  const draw = () => {
    if (!hasComparison(app)) return;
    if (kind === "effects") {
      const rows = headlines(app, app.compare.effects);
      return fill(place, h("div.s77-efflist", rows.map((effect) => effectRow(column, effect))), h("p.s77-small", drawsText(app)));
    }
    const seen = {};
    const few = app.compare.claims.filter((claim) => (seen[claim.verdict] = (seen[claim.verdict] || 0) + 1) <= 2);
    fill(place, few.length ? h("ul.s77-claims", few.map((claim) => claimItem(app, claim))) : h("p", noClaimsText(app)));
  };
  draw();
  return mounted([], { refresh: draw });
}
