// A map painted with a side or with the difference of both, and what explains it.

import { fill, h } from "../core/dom.js";
import { capital } from "../core/words.js";
import { decimalsFor, numberOf } from "../core/numbers.js";
import { momentOf, momentText } from "../state/sides.js";
import { classesOf, indicatorOf, scaleOf, valueText } from "../state/scales.js";
import { sitesAt } from "../state/places.js";
import {
  differenceOf, differenceScale, differenceText, drawsText, fewRows, hasComparison, worstOf,
} from "../state/comparison.js";
import { legendScale, longestBreak } from "../charts/legend.js";
import { tipLine } from "../map/pointer.js";
import { setCallout } from "../map/names.js";
import { describePlace } from "../map/places.js";

export function differenceLegend(app, layer) {
  const scale = differenceScale(app);
  // A long unit has no room beside the last break.
  const below = scale.unit.length > 8 ? scale.unit : "";
  const box = legendScale(app.fmt, below ? { ...scale, unit: "" } : scale);
  box.classList.toggle("s77-tight", longestBreak(app.fmt, scale) > 5);
  const { good } = scale.indicator;
  const ends = good ? (good > 0 ? ["cmp_worse", "cmp_better"] : ["cmp_better", "cmp_worse"]) : ["cmp_less", "cmp_more"];
  box.append(h("p.s77-ends.s77-mut", h("span", app.t(ends[0])), below ? h("span", below) : null, h("span", app.t(ends[1]))));
  // With one draw the hatch can only mean too few workers: it must not claim to know the noise.
  const veiled = layer ? [...layer.veil] : [];
  const noise = veiled.some((one, row) => one && !layer.few[row]);
  return h("div.s77-difflegend", box, veiled.some(Boolean)
    ? h("div.s77-veilkey", h("i.s77-veilswatch", { "aria-hidden": "true" }), h("span", app.t(noise ? "cmp_noise" : "cmp_few_short"))) : null);
}

/** How sure the picture is, in one line: a mean with draws, or one day of one draw. */
export function legendNote(app, layer, moment) {
  if (!layer) return "";
  if (!layer.exact) return `${capital(moment)}. ${app.t("cmp_day_one_draw")}`;
  const days = hasComparison(app) ? app.t("cmp_mean_days", { n: app.fmt.num(app.compare.days) }) : capital(moment);
  return `${days} ${drawsText(app)}`;
}

/** The tooltip of a commune: A, B, the difference, its interval and whether it may be quoted. */
export function describeDifference(maps, kind, index) {
  const { app } = maps;
  const side = app.sides.b || app.sides.a;
  if (kind !== "commune") return describePlace(app, side, kind, index);
  const { communes } = app.boot;
  const layer = differenceOf(app);
  const [level, scale] = [scaleOf(app, app.state.indicator), differenceScale(app)];
  const only = level.indicator.difference_only;
  const row = (name) => tipLine(name.toUpperCase(), valueText(app, level, numberOf(layer[name][index])));
  return [
    h("b", { lang: "fr" }, communes.name[index]),
    h("p.s77-small", app.label(level.indicator)),
    ...(layer && !only ? [row("a"), row("b")] : []),
    layer ? tipLine("B − A", differenceText(app, scale, layer, index)) : null,
    layer && layer.veil[index] ? h("p.s77-small", `▨ ${app.t(layer.few[index] ? "cmp_few" : "cmp_noise")}`) : null,
    communes.workers[index] ? tipLine(app.t("workers_living_here"), app.fmt.num(communes.workers[index])) : h("p", app.t("no_worker")),
  ].filter(Boolean);
}

export function compareSentence(maps, kind) {
  const { app } = maps;
  const side = app.sides[kind] || app.sides.b;
  return app.t(kind === "a" || kind === "b" ? "cmp_map_of" : "cmp_map_difference", {
    side: kind.toUpperCase(), name: side ? app.label(side) : "", indicator: app.label(indicatorOf(app, app.state.indicator)),
    moment: side ? momentText(app, side) : "",
  });
}

export function paintLevel(maps, map, kind, layer, scale) {
  const { app } = maps;
  const side = app.sides[kind];
  clearMarks(map);
  setCallout(map, -1);
  if (side) map.paintRings(sitesAt(app, side, momentOf(app, side)));
  map.drawAdded(addedBy(side));
  const only = scale.indicator.difference_only;
  map.veil(fewRows(app));
  const values = layer && !only ? Float32Array.from(layer[kind], numberOf) : new Float32Array(app.boot.communes.code.length).fill(NaN);
  map.paint(classesOf(scale, values), scale.prefix);
  map.svg.setAttribute("aria-label", compareSentence(maps, kind));
}

export function paintDifference(maps, layer) {
  const { app, big } = maps;
  const scale = differenceScale(app);
  clearMarks(big);
  big.svg.setAttribute("aria-label", compareSentence(maps, "big"));
  const side = app.sides.b;
  if (side) big.paintRings(sitesAt(app, side, momentOf(app, side)));
  big.drawAdded(addedBy(side));
  if (!layer) return;
  big.paint(classesOf(scale, Float32Array.from(layer.diff, numberOf)), scale.prefix);
  big.veil([...layer.veil].flatMap((veiled, row) => (veiled ? [row] : [])));
  nameLoser(maps, layer, scale);
}

/** The segments of the lines that a side's scenario adds. */
function addedBy(side) {
  return (side && side.rail) || [];
}

function clearMarks(map) {
  map.veil([]);
  map.mark([]);
  fill(map.overLayer);
}

function nameLoser(maps, layer, scale) {
  const { app, big } = maps;
  const row = worstOf(layer, scale);
  if (row < 0) return setCallout(big, -1);
  big.mark([row]);
  const text = `${app.boot.communes.name[row]}, ${app.fmt.withUnit(layer.diff[row] * scale.factor, scale.unit, decimalsFor(layer.diff[row] * scale.factor, 3, 2), true)}`;
  setCallout(big, row, text);
}
