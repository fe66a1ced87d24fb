// Where a map looks: zoom and pan by wheel, drag, touch, pinch and keys. Maps may share a view.

import { frameOnce, isNarrow, later, onResize } from "../core/dom.js";
import { clamp } from "../core/numbers.js";
import { hideTip } from "./pointer.js";
import { sizeRings } from "./rings.js";
import { placeLabels, REST } from "./names.js";

export const MOST_ZOOM = 14;

/** A view: {k: zoom ≥ 1, x, y: centre in map units}. Give it to several maps to link them. */
export function createMapView(app, frame = mapFrame(app)) {
  const [left, top, width, height] = frame;
  const view = { base: { left, top, width, height }, k: 1, x: left + width / 2, y: top + height / 2, heard: new Set() };
  view.on = (fn) => {
    view.heard.add(fn);
    return () => view.heard.delete(fn);
  };
  const told = frameOnce(() => view.heard.forEach((fn) => fn()));
  view.to = (k, x, y) => {
    view.k = Math.min(MOST_ZOOM, Math.max(1, k));
    // Keep the middle inside the département's frame, more tightly as one zooms out.
    const room = { x: (width / 2) * (1 - 1 / view.k), y: (height / 2) * (1 - 1 / view.k) };
    view.x = clamp(x, left + width / 2 - room.x, left + width / 2 + room.x);
    view.y = clamp(y, top + height / 2 - room.y, top + height / 2 + room.y);
    told();
  };
  /** Zoom by a factor about a point of the map (its middle by default). */
  view.zoom = (factor, x = view.x, y = view.y) => {
    const k = Math.min(MOST_ZOOM, Math.max(1, view.k * factor));
    const part = 1 - view.k / k;
    view.to(k, view.x + (x - view.x) * part, view.y + (y - view.y) * part);
  };
  view.pan = (dx, dy) => view.to(view.k, view.x - dx, view.y - dy);
  view.home = () => view.to(1, left + width / 2, top + height / 2);
  view.keepInSight = (x, y) => {
    const reach = { x: (0.42 * width) / view.k, y: (0.42 * height) / view.k };
    if (Math.abs(x - view.x) > reach.x || Math.abs(y - view.y) > reach.y) view.to(view.k, x, y);
  };
  return view;
}

/** The frame at rest; a phone has no room for the country beyond the central workplaces. */
function mapFrame(app) {
  const [left, top, width, height] = app.boot.viewbox;
  const { centre } = app.boot;
  const cut = isNarrow(app) && centre ? Math.max(0, centre.x - 70 - left) : 0;
  return [left + cut, top, width - cut, height];
}

/** Connect a map to its view: the frame follows the view, gestures move it. */
export function attachView(map) {
  const settle = later(() => placeLabels(map), 90);
  const follow = () => {
    frameMap(map);
    settle();
  };
  const stop = map.view.on(follow);
  const stopSize = onResize(map.el, ([{ contentRect: { width, height } }]) => {
    map.pixels = { x: width || REST.x, y: height || REST.y };
    follow();
  });
  frameMap(map);
  addWheel(map);
  addDrag(map);
  map.destroy = () => {
    stop();
    settle.cancel();
    stopSize();
  };
}

/** Set the visible frame, and the sizes that stay constant on screen whatever the zoom. */
function frameMap(map) {
  const { view, svg } = map;
  const { width, height } = view.base;
  const wide = width / view.k;
  const high = height / view.k;
  svg.setAttribute("viewBox", `${view.x - wide / 2} ${view.y - high / 2} ${wide} ${high}`);
  // What the observer has told: to ask for it here would have the page laid out once a map.
  const { pixels = REST } = map;
  map.unit = Math.max(wide / pixels.x, high / pixels.y);
  const spare = { x: pixels.x * map.unit - wide, y: pixels.y * map.unit - high };
  const onLeft = (map.options.align || "xMaxYMid").startsWith("xMax") ? 1 : 0.5;
  map.visible = {
    left: view.x - wide / 2 - spare.x * onLeft, right: view.x + wide / 2 + spare.x * (1 - onLeft),
    top: view.y - high / 2 - spare.y / 2, bottom: view.y + high / 2 + spare.y / 2,
  };
  // Lines and rings grow more slowly than the land, so that zooming in makes room between them.
  map.shrink = view.k ** -0.6;
  svg.style.setProperty("--u", `${map.unit.toFixed(4)}px`);
  svg.style.setProperty("--p", `${(map.unit / map.scale).toFixed(4)}px`);
  svg.style.setProperty("--r", map.shrink.toFixed(4));
  map.hatch.setAttribute("patternTransform", `scale(${(map.unit / map.scale).toFixed(3)}) rotate(45)`);
  svg.style.touchAction = view.k > 1.01 ? "none" : "pan-y";
  map.el.classList.toggle("s77-zoomed", view.k > 1.01);
  if (map.tipFrame !== view.k) hideTip(map);
  map.tipFrame = view.k;
  if (map.homeButton) map.homeButton.hidden = view.k < 1.01;
  sizeRings(map);
}

function mapPoint(map, clientX, clientY) {
  const matrix = map.svg.getScreenCTM();
  return { x: (clientX - matrix.e) / matrix.a, y: (clientY - matrix.f) / matrix.d };
}

function addWheel(map) {
  map.svg.addEventListener("wheel", (event) => {
    if (map.options.scrolls && !event.ctrlKey) return;
    // At rest, zooming out lets the page scroll: a map must not be a trap for the wheel.
    if (event.deltaY > 0 && map.view.k <= 1.001) return;
    event.preventDefault();
    const step = event.deltaMode === 1 ? 16 : 1;
    const { x, y } = mapPoint(map, event.clientX, event.clientY);
    map.view.zoom(Math.exp(-event.deltaY * step * 0.0022), x, y);
    hideTip(map);
  }, { passive: false });
  map.svg.addEventListener("dblclick", (event) => {
    const { x, y } = mapPoint(map, event.clientX, event.clientY);
    map.view.zoom(2, x, y);
  });
}

/** One pointer pans, two pinch; a press that moves less than 5 pixels stays a click. */
function addDrag(map) {
  const fingers = new Map();
  const { svg, view } = map;
  let start = null;
  svg.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
    start = [event.clientX, event.clientY];
    if (fingers.size === 1) view.moved = false;
  });
  svg.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    const before = fingers.get(event.pointerId);
    const now = [event.clientX, event.clientY];
    if (!view.moved && Math.hypot(now[0] - start[0], now[1] - start[1]) < 5) return;
    if (!view.moved) svg.setPointerCapture(event.pointerId);
    view.moved = view.dragging = true;
    if (fingers.size === 2) pinch(map, fingers, event.pointerId, now);
    else if (view.k > 1.01) view.pan((now[0] - before[0]) * map.unit, (now[1] - before[1]) * map.unit);
    fingers.set(event.pointerId, now);
  });
  const release = (event) => {
    fingers.delete(event.pointerId);
    if (!fingers.size) view.dragging = false;
  };
  for (const name of ["pointerup", "pointercancel"]) svg.addEventListener(name, release);
}

function pinch(map, fingers, id, now) {
  const other = [...fingers].find(([one]) => one !== id)[1];
  const before = fingers.get(id);
  const apart = (point) => Math.hypot(point[0] - other[0], point[1] - other[1]);
  const { x, y } = mapPoint(map, (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
  map.view.zoom(apart(now) / Math.max(1, apart(before)), x, y);
}
