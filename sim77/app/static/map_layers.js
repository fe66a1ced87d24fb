// What lies over the communes: lines by load, telecentres as rings, names.

// Rail -----------------------------------------------------------------------------------------

/** Draw the segments in three layers, so that no casing covers a neighbour's line. */
function drawRails(map) {
  const rail = map.app.boot.rail || [];
  const layer = () => rail.map((one, row) =>
    s("line", { x1: one.x1, y1: one.y1, x2: one.x2, y2: one.y2, "data-segment": row }));
  map.rail = { casing: layer(), line: layer(), core: layer(), widths: new Float32Array(rail.length).fill(-1) };
  map.svg.append(
    s("g.s77-rail.s77-casing", { "aria-hidden": "true" }, map.rail.casing),
    s("g.s77-rail.s77-line", { "aria-hidden": "true" }, map.rail.line),
    s("g.s77-rail.s77-core", { "aria-hidden": "true" }, map.rail.core));
}

/** Width on the map of riders an hour, in map units at rest. */
function railWidth(riders) {
  return 1.4 + 9 * Math.min(riders || 0, 16000) / 10000;
}

/** Lines as wide as their riders; a yellow core where riders exceed the seats. */
function paintRails(map, riders, seats) {
  if (!map.rail) return;
  const { casing, line, core, widths } = map.rail;
  for (let row = 0; row < widths.length; row += 1) {
    const standing = seats && riders[row] > seats[row];
    // Half-unit steps: a change nobody sees need not be drawn. The sign keeps the core's state.
    const width = (Math.round(railWidth(riders[row]) * 2) / 2) * (standing ? -1 : 1);
    if (widths[row] === width) continue;
    widths[row] = width;
    const size = Math.abs(width);
    casing[row].style.setProperty("--w", `${size + 3.5}px`);
    line[row].style.setProperty("--w", `${size}px`);
    core[row].style.setProperty("--w", `${Math.max(1.4, 0.36 * size).toFixed(1)}px`);
    core[row].style.display = standing ? "" : "none";
  }
}

// Telecentres -----------------------------------------------------------------------------------

/** Radius of a ring by its desks, in map units at rest. */
function ringRadius(desks, status = "open") {
  // A site that is not there yet is a small mark to click on, not a picture of its size.
  if (status === "planned") return 5.5;
  return 7 + 2.05 * Math.sqrt(Math.max(desks || 0, 0));
}

/** The parts of a ring around the origin; `showRing` sets what they say. */
function buildRing() {
  return {
    bg: s("circle.s77-ring-bg"), track: s("circle.s77-ring-track"),
    used: s("circle.s77-ring-used", { pathLength: 100, transform: "rotate(-90)" }),
    edge: s("circle.s77-ring-edge"), refusal: s("path.s77-ring-refusal"),
  };
}

/** Show desks, share of use, refusals and status ("open", "planned", "closed") on a ring. */
function showRing(parts, { desks, share, refusals, status }) {
  const key = `${desks}|${Math.round(100 * share)}|${refusals >= 0.5}|${status}`;
  if (parts.key === key) return;
  parts.key = key;
  const radius = ringRadius(desks, status);
  const band = 0.38 * radius;
  const open = status === "open";
  for (const circle of [parts.bg, parts.edge]) circle.setAttribute("r", radius.toFixed(1));
  for (const circle of [parts.track, parts.used]) {
    circle.setAttribute("r", (radius - band / 2 - 0.6).toFixed(1));
    circle.setAttribute("stroke-width", band.toFixed(1));
    circle.style.display = open ? "" : "none";
  }
  const filled = 100 * clamp(share || 0, 0, 1);
  parts.used.setAttribute("stroke-dasharray", `${filled.toFixed(0)} 200`);
  parts.used.style.display = open && filled >= 0.5 ? "" : "none";
  parts.edge.setAttribute("class", `s77-ring-edge${open ? "" : status === "closed" ? " s77-dashed" : " s77-faint"}`);
  const tip = 0.72 * radius;
  parts.refusal.setAttribute("d", refusals >= 0.5 && open ? `M${tip.toFixed(1)} ${(-tip).toFixed(1)}l9 -15l9 15z` : "");
}

/** A small ring for legends and tables: an <svg> of its own. */
function ringIcon(desks, share, refusals = 0, status = "open") {
  const parts = buildRing();
  showRing(parts, { desks, share, refusals, status });
  const reach = ringRadius(desks) + 2;
  const right = refusals >= 0.5 ? 12 : 0;
  return s("svg.s77-ringicon", {
    viewBox: `${-reach} ${-reach - right} ${2 * reach + right} ${2 * reach + right}`, "aria-hidden": "true",
  }, Object.values(parts).filter((part) => part instanceof Node));
}

/**
 * Draw telecentres: sites are {id, name, x, y, desks, share, refusals, status}, index = row.
 * The rings are made again only when the sites themselves change.
 */
function paintRings(map, sites) {
  if (!map.ringLayer) return;
  const key = sites.map((site) => `${site.id}:${site.x},${site.y}:${Math.round(ringRadius(site.desks, site.status))}`).join();
  if (map.ringKey !== key) {
    map.ringKey = key;
    makeRings(map, sites);
  }
  map.sites = sites;
  for (const ring of map.rings) showRing(ring.parts, sites[ring.row]);
}

function makeRings(map, sites) {
  const order = sites.map((_, row) => row).sort((one, two) => (sites[two].status !== "planned") - (sites[one].status !== "planned") || sites[two].desks - sites[one].desks);
  map.sites = sites;
  map.rings = order.map((row) => {
    const parts = buildRing();
    const g = s("g.s77-ring", { "data-site": row }, Object.values(parts));
    return { row, parts, g };
  });
  fill(map.ringLayer, map.rings.map((ring) => ring.g));
  sizeRings(map);
  placeLabels(map);
}

/** Place and scale the rings for the zoom; those that would hide another are moved beside it. */
function sizeRings(map) {
  if (!map.rings || !map.rings.length) return;
  const placed = [];
  for (const ring of map.rings) {
    const site = map.sites[ring.row];
    const radius = ringRadius(site.desks, site.status) * map.shrink;
    const at = beside(placed, site.x, site.y, radius);
    placed.push({ ...at, radius });
    Object.assign(ring, at, { radius });
    ring.g.setAttribute("transform", `translate(${at.x.toFixed(1)} ${at.y.toFixed(1)}) scale(${map.shrink.toFixed(3)})`);
  }
}

function beside(placed, x, y, radius) {
  let at = { x, y };
  for (let turn = 0; turn < 16; turn += 1) {
    const hit = placed.find((other) => Math.hypot(at.x - other.x, at.y - other.y) < 0.86 * (other.radius + radius));
    if (!hit) return at;
    const angle = Math.atan2(y - hit.y, x - hit.x || 0.01) + turn * 0.79;
    const reach = hit.radius + radius;
    at = { x: hit.x + reach * Math.cos(angle), y: hit.y + reach * Math.sin(angle) };
  }
  return at;
}

// Names -----------------------------------------------------------------------------------------

/** Communes in the order in which they deserve a name: seats, then telecentres, then workers. */
function labelOrder(map) {
  const { communes, telecentres } = map.app.boot;
  const hosts = new Set((telecentres || []).map((site) => site.commune));
  const score = communes.name.map((name, row) => {
    const seat = plain(name) === plain(communes.arrondissement[row] || "");
    const host = hosts.has(communes.code[row]) || hosts.has(name);
    return (seat ? 1e6 : 0) + communes.workers[row] * (host ? 6 : 1);
  });
  return score.map((_, row) => row).sort((one, two) => score[two] - score[one]);
}

function plain(text) {
  return text.toLowerCase().normalize("NFD").replace(/[^a-z]/g, "");
}

/** Write as many names as can be read: nine at rest, more on a wide map, all from zoom 4. */
function placeLabels(map) {
  if (!map.labelLayer || !map.unit) return;
  map.order = map.order || labelOrder(map);
  const { k } = map.view;
  const wide = (map.pixels || REST).x >= 600;
  const most = k >= 4 ? 507 : Math.round((wide ? 20 : 9) * k ** 1.3);
  const gap = (k >= 4 ? 0 : wide ? 34 : 44) * map.unit;
  const taken = (map.rings || []).map(({ x, y, radius }) => [x - radius, y - radius, x + radius, y + radius]);
  taken.push(...coveredBoxes(map));
  const nodes = [...contextLabels(map, taken)];
  const done = [];
  if (map.callout) {
    const { row, text } = map.callout;
    nodes.push(s("text.s77-callout", placeLabel(map, row, taken, done, 0, text) || map.callout.at, text));
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
  const { paris } = map.app.boot;
  if (map.options.context === false || !paris) return [];
  const y = paris.y - 20 * map.unit;
  taken.push(labelBox(map, paris.x, y, "Paris", "middle"));
  const others = (map.app.boot.neighbours || []).filter((one) => one.x !== undefined && one.code !== "75");
  return [
    s("text.s77-paris", { x: paris.x, y, "text-anchor": "middle" }, "Paris"),
    ...others.map((one) => s("text.s77-depname", { x: one.x, y: one.y, "text-anchor": "middle" }, one.name.toUpperCase())),
  ];
}

/** Name one commune before all others, with its number; none for row -1. */
function setCallout(map, row, text = "") {
  if (((map.callout || {}).text || "") === text) return;
  const { x, y } = map.app.boot.communes;
  map.callout = row < 0 ? null : { row, text, at: { x: x[row], y: y[row], "text-anchor": "middle" } };
  placeLabels(map);
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
