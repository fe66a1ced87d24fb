// Lines over the communes, as wide as their riders.

import { s } from "../core/dom.js";

/** Draw the segments in three layers, so that no casing covers a neighbour's line. */
export function drawRails(map) {
  const rail = map.app.boot.rail || [];
  const layer = () => rail.map((one, row) =>
    s("line", { x1: one.x1, y1: one.y1, x2: one.x2, y2: one.y2, "data-segment": row }));
  map.rail = { casing: layer(), line: layer(), core: layer(), widths: new Float32Array(rail.length).fill(-1) };
  map.svg.append(
    s("g.s77-rail.s77-casing", { "aria-hidden": "true" }, map.rail.casing),
    s("g.s77-rail.s77-line", { "aria-hidden": "true" }, map.rail.line),
    s("g.s77-rail.s77-core", { "aria-hidden": "true" }, map.rail.core));
}

/** Width on the map of riders an hour, in map units at rest; `most` is the round number that is ten units wide. */
export function railWidth(riders, most = 10000) {
  return 1.4 + 9 * Math.min((riders || 0) / most, 1.6);
}

/** Lines as wide as their riders; a yellow core where riders exceed the seats. */
export function paintRails(map, riders, seats, most) {
  if (!map.rail) return;
  const { casing, line, core, widths } = map.rail;
  for (let row = 0; row < widths.length; row += 1) {
    const standing = seats && riders[row] > seats[row];
    // Half-unit steps: a change nobody sees need not be drawn. The sign keeps the core's state.
    const width = (Math.round(railWidth(riders[row], most) * 2) / 2) * (standing ? -1 : 1);
    if (widths[row] === width) continue;
    widths[row] = width;
    const size = Math.abs(width);
    casing[row].style.setProperty("--w", `${size + 3.5}px`);
    line[row].style.setProperty("--w", `${size}px`);
    core[row].style.setProperty("--w", `${Math.max(1.4, 0.36 * size).toFixed(1)}px`);
    core[row].style.display = standing ? "" : "none";
  }
}
