// Names on the map: as many as can be read.

import { fill, s } from "../core/dom.js";

/** Communes in the order in which they deserve a name: telecentres first, then workers. */
function labelOrder(map) {
  const { communes, telecentres } = map.app.boot;
  const first = new Set(map.options.first || []);
  const hosts = new Set((telecentres || []).map((site) => site.commune));
  const score = communes.name.map((name, row) => {
    const host = hosts.has(communes.code[row]) || hosts.has(name);
    return (first.has(row) ? 2e6 : 0) + communes.workers[row] * (host ? 6 : 1);
  });
  return score.map((_, row) => row).sort((one, two) => score[two] - score[one]);
}

/** Write as many names as can be read: nine at rest, more on a wide map, all from zoom 4. */
export function placeLabels(map) {
  if (!map.labelLayer || !map.unit) return;
  map.order = map.order || labelOrder(map);
  const { k } = map.view;
  const wide = (map.pixels || REST).x >= 600;
  const most = k >= 4 ? map.order.length : Math.round((wide ? 20 : 9) * k ** 1.3);
  const gap = (k >= 4 ? 0 : wide ? 34 : 44) * map.unit;
  const taken = (map.rings || []).map(({ x, y, radius }) => [x - radius, y - radius, x + radius, y + radius]);
  taken.push(...coveredBoxes(map));
  const nodes = [...contextLabels(map, taken)];
  const done = [];
  if (map.callout) {
    const { row, text } = map.callout;
    nodes.push(s("text.s77-callout", placeLabel(map, row, taken, done, 0, text) || inwards(map, row, text, taken), text));
    done.push(row);
  }
  for (const row of map.order) {
    if (done.length >= most) break;
    if (map.callout && map.callout.row === row) continue;
    const label = placeLabel(map, row, taken, done, gap);
    if (label) {
      done.push(row);
      nodes.push(s(done.length <= 9 ? "text.s77-major" : "text", label, map.app.boot.communes.name[row]));
    }
  }
  fill(map.labelLayer, nodes);
}

function contextLabels(map, taken) {
  const { town } = map.app.boot;
  if (map.options.context === false || !town) return [];
  const y = town.y - 20 * map.unit;
  taken.push(labelBox(map, town.x, y, town.name, "middle"));
  const others = (map.app.boot.neighbours || []).filter((one) => one.x !== undefined && one.code !== "75");
  return [
    s("text.s77-paris", { x: town.x, y, "text-anchor": "middle" }, town.name),
    ...others.map((one) => s("text.s77-depname", { x: one.x, y: one.y, "text-anchor": "middle" }, one.name.toUpperCase())),
  ];
}

/** Name one commune before all others, with its number; none for row -1. */
export function setCallout(map, row, text = "") {
  if (((map.callout || {}).text || "") === text) return;
  map.callout = row < 0 ? null : { row, text };
  placeLabels(map);
}

/** Where a name goes that must be told and finds no room: at its point, towards the middle of the map. */
function inwards(map, row, text, taken) {
  const { x, y } = map.app.boot.communes;
  const { left, right } = map.visible;
  const [start, , end] = labelBox(map, x[row], y[row], text, x[row] > (left + right) / 2 ? "end" : "start");
  // A long one begins at the edge of the map rather than beyond it.
  const at = Math.max(left, Math.min(start, right - (end - start)));
  taken.push(labelBox(map, at, y[row], text, "start"));
  return { x: at, y: y[row], "text-anchor": "start" };
}

/** Where buttons lie over the map, in map units: a name under them could not be read. */
function coveredBoxes(map) {
  if (!map.options.over) return [];
  const { unit, visible } = map;
  const frame = map.el.getBoundingClientRect();
  return map.options.over().map((node) => node.getBoundingClientRect()).map((box) => [
    visible.left + (box.left - frame.left) * unit, visible.top + (box.top - frame.top) * unit,
    visible.left + (box.right - frame.left) * unit, visible.top + (box.bottom - frame.top) * unit,
  ]);
}

/** Find room for a name above its commune's point, else right, left or below it. */
function placeLabel(map, row, taken, done, gap, text = map.app.boot.communes.name[row]) {
  const { x, y } = map.app.boot.communes;
  const { unit } = map;
  if (outside(map, x[row], y[row])) return null;
  if (gap && done.some((other) => Math.hypot(x[row] - x[other], y[row] - y[other]) < gap)) return null;
  const near = (map.rings || []).find((ring) => Math.hypot(ring.x - x[row], ring.y - y[row]) < ring.radius + 6 * unit);
  const at = near || { x: x[row], y: y[row], radius: 0 };
  const off = at.radius + 4 * unit;
  const places = near
    ? [[0, -off, "middle"], [off, 4 * unit, "start"], [-off, 4 * unit, "end"], [0, off + 10 * unit, "middle"]]
    : [[0, 4 * unit, "middle"], [0, -7 * unit, "middle"], [0, 16 * unit, "middle"]];
  for (const [dx, dy, anchor] of places) {
    const box = labelBox(map, at.x + dx, at.y + dy, text, anchor);
    if (taken.some((other) => overlap(box, other)) || outside(map, box[2], box[1]) || outside(map, box[0], box[3])) continue;
    taken.push(box);
    return { x: (at.x + dx).toFixed(1), y: (at.y + dy).toFixed(1), "text-anchor": anchor };
  }
  return null;
}

function labelBox(map, x, y, text, anchor) {
  const size = map.unit * (map.options.letter || 13.5);
  const wide = 0.56 * size * text.length;
  const left = anchor === "middle" ? x - wide / 2 : anchor === "end" ? x - wide : x;
  return [left, y - 0.85 * size, left + wide, y + 0.25 * size];
}

function overlap(one, two) {
  return one[0] < two[2] && two[0] < one[2] && one[1] < two[3] && two[1] < one[3];
}

function outside(map, x, y) {
  const { left, right, top, bottom } = map.visible;
  return x < left || x > right || y < top || y > bottom;
}

/** Pixels of a map that is not laid out yet. */
export const REST = { x: 600, y: 560 };
