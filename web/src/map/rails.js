// Lines over the communes, as wide as their riders.

import { fill, s } from "../core/dom.js";

const LAYERS = ["casing", "line", "core"];

/** Draw the segments of the territory in three layers, so that no casing covers a neighbour's line. */
export function drawRails(map) {
  const groups = LAYERS.map((layer) => s(`g.s77-rail.s77-${layer}`, { "aria-hidden": "true" }));
  map.svg.append(...groups);
  map.rail = { casing: [], line: [], core: [], widths: [], groups, shown: [] };
  showRails(map.rail, map.app.boot.rail || []);
}

/** Draw what a list of segments has more than those drawn, and take away what it has no longer. */
function showRails(drawn, rail) {
  if (drawn.shown === rail) return;
  let same = 0;
  while (same < drawn.shown.length && drawn.shown[same] === rail[same]) same += 1;
  drawn.shown = rail;
  drawn.widths.length = same;
  LAYERS.forEach((layer, at) => {
    for (const node of drawn[layer].splice(same)) node.remove();
    for (let row = same; row < rail.length; row += 1) {
      const { x1, y1, x2, y2, fr } = rail[row];
      const added = fr && layer === "line" ? "s77-newline" : null;
      // Nobody stands before loads are known.
      const style = layer === "core" ? "display:none" : null;
      drawn[layer].push(drawn.groups[at].appendChild(s("line", { x1, y1, x2, y2, class: added, style, "data-segment": row })));
    }
  });
  while (drawn.widths.length < rail.length) drawn.widths.push(-1);
}

/** Width on the map of riders an hour, in map units at rest; `most` is the round number that is ten units wide. */
export function railWidth(riders, most = 10000) {
  return 1.4 + 9 * Math.min((riders || 0) / most, 1.6);
}

/** Lines as wide as their riders, those of `rail`; a yellow core where riders exceed the seats. */
export function paintRails(map, riders, seats, most, rail) {
  if (!map.rail) return;
  showRails(map.rail, rail);
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

/** Draw the segments of lines that a scenario adds on a map that shows no loads: all of one width. */
export function drawAdded(map, rail) {
  if (map.added) fill(map.added, rail.map(({ x1, y1, x2, y2 }) => s("line.s77-newline", { x1, y1, x2, y2 })));
}
