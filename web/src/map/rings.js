// Telecentres as rings: desks, use, refusals.

import { fill, s } from "../core/dom.js";
import { clamp } from "../core/numbers.js";
import { placeLabels } from "./names.js";

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
    edge: s("circle.s77-ring-edge"), refusal: s("path.s77-ring-refusal"), number: s("text.s77-ring-number", { y: 5 }),
  };
}

/** Show desks, share of use, refusals, status ("open", "planned", "closed") and a number on a ring. */
function showRing(parts, { desks, share, refusals, status, number = "" }) {
  const key = `${desks}|${Math.round(100 * share)}|${refusals >= 0.5}|${status}|${number}`;
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
  parts.number.textContent = number;
  const tip = 0.72 * radius;
  parts.refusal.setAttribute("d", refusals >= 0.5 && open ? `M${tip.toFixed(1)} ${(-tip).toFixed(1)}l9 -15l9 15z` : "");
}

/** A small ring for legends and tables: an <svg> of its own. */
export function ringIcon(desks, share, refusals = 0, status = "open", number = "") {
  const parts = buildRing();
  showRing(parts, { desks, share, refusals, status, number });
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
export function paintRings(map, sites) {
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
  const order = sites.map((_, row) => row).sort((one, two) => Number(sites[two].status !== "planned") - Number(sites[one].status !== "planned") || sites[two].desks - sites[one].desks);
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
export function sizeRings(map) {
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
