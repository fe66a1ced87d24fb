// Elements: made, filled, measured; and functions that run once a frame or after a pause.

export const SVG_NS = "http://www.w3.org/2000/svg";

/**
 * Build an HTML element: h("p.s77-small#id", {title, onclick, dataset…}, ...children).
 * @param {string} spec
 * @param {any} [attributes]
 * @param {any[]} children
 * @returns {any}
 */
export function h(spec, attributes, ...children) {
  return build(document.createElement(nameOf(spec)), spec, attributes, children);
}

/**
 * Build an SVG element with the same arguments as `h`.
 * @param {string} spec
 * @param {any} [attributes]
 * @param {any[]} children
 * @returns {any}
 */
export function s(spec, attributes, ...children) {
  return build(document.createElementNS(SVG_NS, nameOf(spec)), spec, attributes, children);
}

/** @param {string} spec */
function nameOf(spec) {
  return spec.split(/[.#]/, 1)[0];
}

/**
 * @param {Element} element
 * @param {string} spec
 * @param {any} attributes
 * @param {any[]} children
 */
function build(element, spec, attributes, children) {
  const classes = [...spec.matchAll(/\.([\w-]+)/g)].map((found) => found[1]);
  if (classes.length) element.setAttribute("class", classes.join(" "));
  const id = spec.match(/#([\w-]+)/);
  if (id) element.id = id[1];
  // A second argument that is no plain object is a child: h("p", "text").
  if (attributes !== null && attributes !== undefined && !isPlain(attributes)) {
    children.unshift(attributes);
    attributes = null;
  }
  setAttributes(element, attributes || {});
  append(element, children);
  return element;
}

/** @param {any} value */
function isPlain(value) {
  return typeof value === "object" && !(value instanceof Node) && !Array.isArray(value);
}

/**
 * Set attributes; a function becomes a listener, true an empty attribute, null/false none.
 * @param {any} element
 * @param {Record<string, any>} attributes
 */
export function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on") && typeof value === "function") {
      element.addEventListener(name.slice(2), value);
    } else if (name === "class") {
      element.setAttribute("class", [element.getAttribute("class"), value].filter(Boolean).join(" "));
    } else if (name === "dataset") {
      Object.assign(element.dataset, value);
    } else if (name === "value" && "value" in element) {
      element.value = value;
    } else if (value === null || value === undefined || value === false) {
      element.removeAttribute(name);
    } else {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
}

/**
 * Append children, however nested; null, undefined and false are left out.
 * @param {Element} element
 * @param {any[]} children
 */
export function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
}

/**
 * Replace all children of an element.
 * @template {Element} E
 * @param {E} element
 * @param {any[]} children
 */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

/**
 * Write text only where it differs: a text node set again costs a layout at every frame.
 * @param {Node} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * True where the page is one column: a phone, a zoom of 200 %, a narrow notebook.
 * @param {{ root: Element }} app
 */
export function isNarrow(app) {
  return app.root.classList.contains("s77-narrow");
}

/**
 * Return a function that waits for a pause of `ms`; the last call wins.
 * @param {(...args: any[]) => void} fn
 * @param {number} ms
 */
export function later(fn, ms) {
  let timer = 0;
  const call = (/** @type {any[]} */ ...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => fn(...args), ms);
  };
  call.cancel = () => clearTimeout(timer);
  return call;
}

/**
 * A name no other element of the document has: several widgets may share one page.
 * @param {{ uid?: string, count?: number }} app
 */
export function uid(app) {
  app.uid = app.uid || `s77-${Math.random().toString(36).slice(2, 8)}`;
  app.count = (app.count || 0) + 1;
  return `${app.uid}-${app.count}`;
}

/**
 * Return a function that runs fn at the next frame, once however often it is called.
 * @param {() => void} fn
 */
export function frameOnce(fn) {
  let asked = 0;
  return () => {
    if (!asked) {
      asked = requestAnimationFrame(() => {
        asked = 0;
        fn();
      });
    }
  };
}

/**
 * True where a key belongs to what has the focus, not to the page.
 * @param {KeyboardEvent} event
 */
export function inField(event) {
  const [target] = event.composedPath();
  if (!(target instanceof Element)) return false;
  if (target.matches("textarea, select, [contenteditable], input:not([type=range]):not([type=checkbox])")) return true;
  // Sliders keep their arrows, buttons their space bar.
  if (target.matches("input")) return event.key.startsWith("Arrow") || event.key === " ";
  return target.matches("button, summary, a") && (event.key === " " || event.key === "Enter");
}

/**
 * Call a function whenever an element changes its size; returns the function that stops that.
 * @param {Element} element
 * @param {ResizeObserverCallback} fn
 */
export function onResize(element, fn) {
  const observer = new ResizeObserver(fn);
  observer.observe(element);
  return () => observer.disconnect();
}

/**
 * What a part of the page gives back once it is there: {destroy}, which stops all that it has begun.
 * @param {(() => void)[]} stops
 * @param {object} [more]
 * @returns {any}
 */
export function mounted(stops, more = {}) {
  return { ...more, destroy: () => stops.forEach((stop) => stop()) };
}
