// Pointing at a map and picking from it, by hand and by keyboard: one tab stop, arrows walk.

import { fill, h, setText } from "../core/dom.js";
import { ARROWS, nextPlace } from "./walk.js";

export function tipLine(name, value) {
  return h("p.s77-tipline", h("span", name), h("b", value));
}

// Pointing and picking -----------------------------------------------------------------------

/**
 * What is under an event: ["commune", 12], ["telecentre", 3], ["segment", 40] or null.
 * @returns {[string, number] | null}
 */
function targetOf(event) {
  const node = event.target.closest("[data-row],[data-site],[data-segment]");
  if (!node) return null;
  if (node.dataset.site !== undefined) return ["telecentre", Number(node.dataset.site)];
  if (node.dataset.segment !== undefined) return ["segment", Number(node.dataset.segment)];
  return ["commune", Number(node.dataset.row)];
}

export function addTooltip(map) {
  if (!map.options.describe) return;
  map.svg.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch" || map.view.dragging) return hideTip(map);
    const target = targetOf(event);
    hoverCommune(map, target && target[0] === "commune" ? target[1] : -1);
    if (!target) return hideTip(map);
    const box = map.el.getBoundingClientRect();
    showTip(map, target, event.clientX - box.left, event.clientY - box.top);
  });
  map.svg.addEventListener("pointerleave", () => {
    hideTip(map);
    hoverCommune(map, -1);
  });
}

function hoverCommune(map, row) {
  if (map.hovered === row) return;
  map.hovered = row;
  map.hover.setAttribute("d", row >= 0 ? map.app.boot.communes.path[row] : "");
}

/** Show the tooltip of a target beside a point of the map box, inside its edges. */
function showTip(map, [kind, index], x, y) {
  const key = `${kind}${index}`;
  if (map.tipKey !== key) fill(map.tip, map.options.describe(kind, index));
  map.tipKey = key;
  map.tip.hidden = false;
  const { clientWidth: width, clientHeight: height } = map.el;
  const left = x + 16 + map.tip.offsetWidth > width ? x - 16 - map.tip.offsetWidth : x + 16;
  const top = Math.min(Math.max(y - 12, 4), height - map.tip.offsetHeight - 4);
  map.tip.style.transform = `translate(${Math.max(4, Math.round(left))}px, ${Math.round(Math.max(4, top))}px)`;
}

export function hideTip(map) {
  map.tip.hidden = true;
  map.tipKey = null;
}

export function addPicking(map) {
  map.svg.addEventListener("click", (event) => {
    const target = targetOf(event);
    if (!target || map.view.moved || !map.options.pick) return;
    const box = map.el.getBoundingClientRect();
    hideTip(map);
    map.options.pick(target[0], target[1], { x: event.clientX - box.left, y: event.clientY - box.top });
  });
}

// Keyboard: one tab stop, arrows walk over communes --------------------------------------------

export function addMapKeys(map) {
  map.walk = -1;
  map.el.addEventListener("keydown", (event) => {
    if (event.target !== map.el || event.ctrlKey || event.metaKey || event.altKey) return;
    const done = mapKey(map, event.key);
    if (done) {
      event.preventDefault();
      event.stopPropagation();
    }
  });
  map.el.addEventListener("blur", () => {
    hoverCommune(map, -1);
    hideTip(map);
  });
}

function mapKey(map, key) {
  if (key in ARROWS) return walkCommunes(map, ARROWS[key]);
  if (key === "+" || key === "=") return map.view.zoom(1.6) || true;
  if (key === "-" || key === "−") return map.view.zoom(1 / 1.6) || true;
  if (key === "0") return map.view.home() || true;
  if (key === "Enter" && map.walk >= 0 && map.options.pick) {
    hideTip(map);
    map.options.pick("commune", map.walk, pixelOf(map, map.walk));
    return true;
  }
  if (key !== "Escape" || map.tip.hidden) return false;
  hideTip(map);
  return true;
}

/** Go to the nearest commune within 60° of an arrow's direction, and say it. */
function walkCommunes(map, direction) {
  const { x, y, workers } = map.app.boot.communes;
  if (map.walk >= 0) return goTo(map, nextPlace(x, y, map.walk, direction));
  return goTo(map, map.selected >= 0 ? map.selected : workers.indexOf(Math.max(...workers)));
}

/** Show a commune and say it, as if the arrows had led there. */
export function goTo(map, row) {
  const { x, y } = map.app.boot.communes;
  map.walk = row;
  hoverCommune(map, map.walk);
  map.view.keepInSight(x[map.walk], y[map.walk]);
  if (map.options.describe) {
    const point = pixelOf(map, map.walk);
    showTip(map, ["commune", map.walk], point.x, point.y);
    setText(map.voice, [...map.tip.children].map((node) => node.innerText || node.textContent).join(", "));
  }
  return true;
}

/** Where the middle of a commune is, in pixels of the map box. */
function pixelOf(map, row) {
  const { x, y } = map.app.boot.communes;
  const matrix = map.svg.getScreenCTM();
  const box = map.el.getBoundingClientRect();
  return { x: matrix.a * x[row] + matrix.e - box.left, y: matrix.d * y[row] + matrix.f - box.top };
}
