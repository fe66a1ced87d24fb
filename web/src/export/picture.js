// A picture of the view as one SVG: what is seen, element by element, without its controls.

import { isNarrow, s, setAttributes, SVG_NS } from "../core/dom.js";
import { capital } from "../core/words.js";
import { sourceLine } from "../state/comparison.js";
import { momentText, shownSide } from "../state/sides.js";

// Controls, hidden texts and what only a hand needs: a picture leaves the room without them.
// The text of some buttons is a heading or a name, which is read as well as pressed.
const NOT_DRAWN = "button:not(:is(table, .s77-planlist, .s77-personlist, .s77-card) button, .s77-barlabel), select, input, textarea, .s77-zoom, .s77-play, .s77-lev, .s77-holds, .s77-sr, .s77-queue, .s77-tip, .s77-menu, .s77-editor, .s77-scenefoot, .s77-seg, .s77-divider, dialog, script, style";
const STYLED = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linecap", "stroke-linejoin",
  "font-size", "font-weight", "font-family", "font-style", "text-anchor", "paint-order", "letter-spacing", "opacity", "display", "visibility"];
const FOOT_LINE = 17;
const INHERITED = new Set(STYLED.filter((name) => !["opacity", "display"].includes(name)));

/** {text, width, height} of the present view, always in the light colours. */
export function pictureOf(app) {
  const view = app.root.querySelector(".s77-view");
  const { theme } = app.root.dataset;
  // Transitions would be caught half-way between two themes.
  app.root.classList.add("s77-drawing");
  app.root.dataset.theme = "light";
  try {
    return drawPicture(app, view);
  } finally {
    app.root.dataset.theme = theme;
    app.root.classList.remove("s77-drawing");
  }
}

function drawPicture(app, view) {
  const box = view.getBoundingClientRect();
  const width = Math.ceil(box.width);
  const lines = footLines(app, width);
  const foot = 24 + FOOT_LINE * lines.length;
  const height = Math.ceil(Math.max(box.height, isNarrow(app) ? view.scrollHeight : 0)) + foot;
  const paper = getComputedStyle(app.root).backgroundColor;
  const svg = s("svg", { xmlns: SVG_NS, width, height, viewBox: `0 0 ${width} ${height}`, "font-family": "'S77 Sans', Arial, sans-serif" },
    s("title", app.root.querySelector("h1") ? app.root.querySelector("h1").textContent : "sim77"),
    s("style", fontFaces()), s("rect", { width, height, fill: paper }));
  drawNode(svg, view, { left: box.left, top: box.top }, { left: box.left, top: box.top, right: box.right, bottom: box.top + height - foot });
  svg.append(s("line", { x1: 20, x2: width - 20, y1: height - foot + 12, y2: height - foot + 12, stroke: "#DED9CE" }),
    ...lines.map((text, at) => s("text", { x: 20, y: height - foot + 12 + FOOT_LINE * (at + 1), "font-size": 12, fill: "#46515F" }, text)));
  return { text: new XMLSerializer().serializeToString(svg), width, height };
}

/** What is shown, at which moment, from which data, in lines that fit into the width. */
function footLines(app, width) {
  const made = app.t("exp_made", { date: app.fmt.dateShort(new Date().toISOString().slice(0, 10)) });
  // A study says itself of what and when it was made; the page's own two runs are not in it.
  const run = app.viewExport ? [] : [momentLine(app), capital(sourceLine(app))];
  const most = Math.floor((width - 40) / 5.6);
  return [["sim77", ...run, made].filter(Boolean).join(". "), app.label(app.boot.credits)].flatMap((text) => wrapped(text, most));
}

function momentLine(app) {
  const side = ["explore", "compare", "present"].includes(app.state.view) && shownSide(app);
  return side ? capital(momentText(app, side)) : "";
}

/** A text in lines of so many letters at most. */
function wrapped(text, most) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = `${lines[lines.length - 1]} ${word}`.trimStart();
    if (longer.length > most) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

/** The type faces of the page, which are data in its style sheets: the picture keeps its looks. */
function fontFaces() {
  const found = [];
  for (const sheet of document.styleSheets) {
    try {
      for (const rule of sheet.cssRules) if (rule instanceof CSSFontFaceRule && rule.cssText.includes("S77")) found.push(rule.cssText);
    } catch {
      // a sheet of another origin cannot be read, and is none of ours
    }
  }
  return [...new Set(found)].join("\n");
}

function drawNode(svg, node, origin, clip) {
  if (node.matches(NOT_DRAWN)) return drawControl(svg, node, origin, clip);
  const style = getComputedStyle(node);
  if (style.display === "none" || style.visibility === "hidden" || Number(style.opacity) === 0) return;
  const box = node.getBoundingClientRect();
  const inside = style.overflowX === "visible" ? clip : crossed(clip, box);
  if (node.tagName.toLowerCase() === "svg") return drawSvg(svg, node, box, origin, clip);
  drawBox(svg, style, box, origin, clip);
  for (const child of node.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) drawText(svg, child, style, origin, inside);
    else if (child.nodeType === Node.ELEMENT_NODE) drawNode(svg, child, origin, inside);
  }
}

/** Of the controls, only a choice tells what is seen: its text stays, its frame goes. */
function drawControl(svg, node, origin, clip) {
  if (!node.matches("select.s77-select") || !node.selectedOptions[0] || node.closest(".s77-lev")) return;
  const box = node.getBoundingClientRect();
  if (!seen(box, clip) || !box.width) return;
  svg.append(s("text", { x: (box.left - origin.left + 4).toFixed(1), y: (box.top - origin.top + 0.66 * box.height).toFixed(1), "font-size": getComputedStyle(node).fontSize, fill: "#16202C" }, node.selectedOptions[0].textContent));
}

function crossed(one, two) {
  return { left: Math.max(one.left, two.left), top: Math.max(one.top, two.top), right: Math.min(one.right, two.right), bottom: Math.min(one.bottom, two.bottom) };
}

function seen(box, clip) {
  return box.right > clip.left && box.left < clip.right && box.bottom > clip.top + 2 && box.top < clip.bottom - 2;
}

const CLEAR = /^rgba\(.*, 0\)$|^transparent$/;

function drawBox(svg, style, box, origin, clip) {
  if (!seen(box, clip) || !box.width || !box.height) return;
  const at = { x: (box.left - origin.left).toFixed(1), y: (box.top - origin.top).toFixed(1) };
  const radius = style.borderTopLeftRadius.endsWith("%") ? box.height / 2 : Math.min(parseFloat(style.borderTopLeftRadius) || 0, box.height / 2);
  const bottom = Math.min(box.bottom, clip.bottom) - box.top;
  if (!CLEAR.test(style.backgroundColor)) svg.append(s("rect", { ...at, width: box.width.toFixed(1), height: bottom.toFixed(1), rx: radius || null, fill: style.backgroundColor }));
  if (style.backgroundImage.startsWith("repeating")) svg.append(hatch(at, box));
  if (radius && isRing(style)) return void svg.append(ring(style, box, at, bottom, radius));
  for (const [edge, x1, y1, x2, y2] of [["Top", 0, 0, 1, 0], ["Bottom", 0, 1, 1, 1], ["Left", 0, 0, 0, 1], ["Right", 1, 0, 1, 1]]) {
    const wide = parseFloat(style[`border${edge}Width`]);
    if (!wide || style[`border${edge}Style`] === "none" || CLEAR.test(style[`border${edge}Color`])) continue;
    const place = (share, size, from) => (from + share * size).toFixed(1);
    svg.append(s("line", {
      x1: place(x1, box.width, Number(at.x)), x2: place(x2, box.width, Number(at.x)), y1: place(y1, bottom, Number(at.y)), y2: place(y2, bottom, Number(at.y)),
      stroke: style[`border${edge}Color`], "stroke-width": wide,
    }));
  }
}

const EDGES = ["Top", "Bottom", "Left", "Right"];

/** Whether a border is the same all around, so that it follows round corners. */
function isRing(style) {
  const [first, ...others] = EDGES.map((edge) => ["Width", "Style", "Color"].map((of) => style[`border${edge}${of}`]).join(" "));
  return parseFloat(style.borderTopWidth) > 0 && style.borderTopStyle !== "none" && !CLEAR.test(style.borderTopColor) && others.every((one) => one === first);
}

function ring(style, box, at, bottom, radius) {
  const wide = parseFloat(style.borderTopWidth);
  return s("rect", {
    x: (Number(at.x) + wide / 2).toFixed(1), y: (Number(at.y) + wide / 2).toFixed(1), width: (box.width - wide).toFixed(1), height: Math.max(bottom - wide, 0).toFixed(1),
    rx: Math.max(radius - wide / 2, 0).toFixed(1), fill: "none", stroke: style.borderTopColor, "stroke-width": wide,
  });
}

/** The veil's swatch is a gradient on the page; here it is a few lines. */
function hatch(at, box) {
  const [x, y] = [Number(at.x), Number(at.y)];
  const lines = [];
  for (let step = 4; step < box.width; step += 5) lines.push(`M${x + step} ${y}l${-Math.min(step, box.height)} ${Math.min(step, box.height)}`);
  return s("path", { d: lines.join(""), stroke: "#A9A294", fill: "none" });
}

/** A text node line by line: words that share a height share a line, and what is cut ends with "…". */
function drawText(svg, node, style, origin, clip) {
  if (!node.data.trim()) return;
  const range = document.createRange();
  let line = null;
  const flush = () => {
    if (line && seen(line.box, clip) && line.text.trim()) svg.append(textLine(line, style, origin));
  };
  // A line may break after a hyphen as well as after a space.
  for (const word of node.data.matchAll(/[^\s-]+[\s-]*|[\s-]+/g)) {
    // A space before the first word is none of it: SVG leaves it out, and what follows would move left.
    if (!word[0].trim() && !line) continue;
    range.setStart(node, word.index);
    range.setEnd(node, word.index + word[0].trimEnd().length);
    const [box] = range.getClientRects();
    if (!box) continue;
    const cut = box.right > clip.right + 2;
    if (line && Math.abs(box.top - line.box.top) < 3) {
      if (!line.text.endsWith("…")) line.text = cut ? `${line.text.trimEnd()}…` : line.text + word[0];
    } else {
      flush();
      line = { box, text: cut ? cutWord(range, clip.right - parseFloat(style.fontSize)) : word[0] };
    }
  }
  flush();
}

/** The letters of a word that end before `right`, shortened in the range itself, and "…". */
function cutWord(range, right) {
  while (!range.collapsed && range.getBoundingClientRect().right > right) range.setEnd(range.endContainer, range.endOffset - 1);
  return `${range.toString()}…`;
}

function textLine({ box, text }, style, origin) {
  const size = parseFloat(style.fontSize);
  // The baseline lies where the middle of the line box and the middle of the letters agree.
  const y = box.top - origin.top + box.height / 2 + 0.34 * size;
  return s("text", {
    x: (box.left - origin.left).toFixed(1), y: y.toFixed(1), fill: style.color, "font-size": size.toFixed(2), "font-weight": style.fontWeight,
    "font-family": style.fontFamily, "font-style": style.fontStyle === "normal" ? null : style.fontStyle,
  }, text.replace(/\s+/g, " ").trimEnd());
}

/** A drawing with its computed looks written into it; what is inherited is written once. */
function drawSvg(svg, node, box, origin, clip) {
  if (!seen(box, clip) || !box.width) return;
  const clone = node.cloneNode(true);
  inlineStyle(node, clone, null);
  const overBox = node.closest(".s77-overbox");
  setAttributes(clone, { x: (box.left - origin.left).toFixed(1), y: (box.top - origin.top).toFixed(1), width: box.width.toFixed(1), height: box.height.toFixed(1), class: null });
  clone.removeAttribute("class");
  if (!overBox) return svg.append(clone);
  // The right half of a swipe is cut as on the page.
  const cut = (parseFloat((overBox.style.clipPath.match(/([\d.]+)%/) || [])[1]) / 100) * box.width || 0;
  const id = `cut-${svg.childElementCount}`;
  svg.append(s("clipPath", { id }, s("rect", { x: box.left - origin.left + cut, y: 0, width: box.width - cut, height: 99999 })), s("g", { "clip-path": `url(#${id})` }, clone));
}

function inlineStyle(from, to, parent) {
  const style = getComputedStyle(from);
  const parentStyle = parent || null;
  const values = {};
  for (const name of STYLED) {
    const value = style.getPropertyValue(name);
    values[name] = value;
    const same = parentStyle && INHERITED.has(name) ? parentStyle[name] === value : (name === "opacity" && value === "1") || (name === "display" && value !== "none");
    if (!same) to.setAttribute(name, value);
  }
  // The colours of a gradient come from the page's variables, which the file does not have.
  if (from.tagName === "stop") for (const name of ["stop-color", "stop-opacity"]) to.setAttribute(name, style.getPropertyValue(name));
  to.removeAttribute("style");
  if (from.tagName !== "svg") to.removeAttribute("class");
  const transform = from.style && from.style.transform;
  if (transform) to.setAttribute("style", `transform:${transform}`);
  for (let at = 0; at < from.children.length; at += 1) inlineStyle(from.children[at], to.children[at], values);
}
