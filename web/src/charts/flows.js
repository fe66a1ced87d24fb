// Flows from one set of places to another, as ribbons.

import { s } from "../core/dom.js";
import { MINUS } from "../core/format.js";
import { decimalsFor } from "../core/numbers.js";

function countText(app, value) {
  return app.fmt.num(value, value < 10 ? 1 : 0);
}

/** Nodes of one side from top to bottom with a gap, in the order of the plans. */
function stackNodes(app, list, key, top, size, gap) {
  let at = top;
  const nodes = new Map();
  for (const kind of app.compare.switches.kinds) {
    const total = list.filter((flow) => flow[key] === kind).reduce((sum, flow) => sum + flow.value, 0);
    if (!total) continue;
    nodes.set(kind, { kind, total, y: at, height: Math.max(2, size * total), used: 0 });
    at += Math.max(2, size * total) + gap;
  }
  return nodes;
}

export function sankey(app, list, width, height, letter) {
  const total = list.reduce((sum, flow) => sum + flow.value, 0);
  const [top, gap] = [1.6 * letter, Math.min(34, height / 7)];
  const many = Math.max(new Set(list.map((flow) => flow.from)).size, new Set(list.map((flow) => flow.to)).size);
  const size = (height - top - 6 - gap * (many - 1)) / total;
  // Room for the longest name beside each column, also on a phone.
  const side = Math.min(130, Math.max(width * 0.27, 8.2 * letter), width * 0.37);
  const [left, right] = [side, width - side];
  const from = stackNodes(app, list, "from", top, size, gap);
  const to = stackNodes(app, list, "to", top, size, gap);
  const ribbons = [...list].sort((one, two) => two.value - one.value).map((flow) => ({ ...flow, thick: Math.max(1, size * flow.value) }));
  // Ribbons leave and arrive in the order of the plans, so that as few as possible cross.
  placeEnds(ribbons, from, "from", "to", "y1", [...to.keys()]);
  placeEnds(ribbons, to, "to", "from", "y2", [...from.keys()]);
  return s("svg.s77-sankey", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "xMidYMax", role: "img", "aria-label": flowSentence(app, list) },
    s("text.s77-t2", { x: left + 5, y: 0.9 * letter, "text-anchor": "middle" }, app.t("cmp_in_a")),
    s("text.s77-t2", { x: right - 5, y: 0.9 * letter, "text-anchor": "middle" }, app.t("cmp_in_b")),
    // On a phone there is no room between the two for those who do not change.
    width < 420 ? null : s("text.s77-t2", { x: width / 2, y: 0.9 * letter, "text-anchor": "middle" }, stayText(app)),
    ribbons.map((flow) => ribbon(app, flow, left + 10, right - 10)),
    ribbons.filter((flow) => flow.thick >= 15).map((flow) => s("text.s77-flown", { x: left + 16, y: flow.y1 + 4.5 }, countText(app, flow.value))),
    [...from.values()].map((node) => flowNode(app, node, left, "end", -1)),
    [...to.values()].map((node) => flowNode(app, node, right - 10, "start", 1)));
}

export function stayText(app) {
  return app.t("cmp_stay", { n: app.fmt.num(app.compare.switches.stay) });
}

function placeEnds(ribbons, nodes, key, other, end, order) {
  const sorted = [...ribbons].sort((one, two) => order.indexOf(one[other]) - order.indexOf(two[other]));
  for (const flow of sorted) {
    const node = nodes.get(flow[key]);
    flow[end] = node.y + node.used + flow.thick / 2;
    node.used += flow.thick;
  }
}

/** The ribbon takes the colour of where it goes. */
function ribbon(app, flow, x1, x2) {
  const middle = (x1 + x2) / 2;
  return s(`path.s77-ribbon.s77-to-${flow.to}`, {
    d: `M${x1} ${flow.y1}C${middle} ${flow.y1} ${middle} ${flow.y2} ${x2} ${flow.y2}`, "stroke-width": flow.thick.toFixed(1),
  }, s("title", flowText(app, flow)));
}

function flowNode(app, node, x, anchor, sign) {
  const textX = anchor === "end" ? x - 7 : x + 17;
  const y = node.y + node.height / 2;
  return [
    s(`rect.s77-node-${node.kind}`, { x, y: node.y, width: 10, height: node.height }),
    s("text.s77-nodename", { x: textX, y, dy: "-0.1em", "text-anchor": anchor }, app.t(`cmp_kind_${node.kind}`)),
    s("text.s77-t2", { x: textX, y, dy: "1em", "text-anchor": anchor }, `${sign < 0 ? MINUS : "+"}${countText(app, node.total)}`),
  ];
}

function flowText(app, flow) {
  const half = Number.isFinite(flow.half) ? ` ± ${app.fmt.num(flow.half, decimalsFor(flow.half, 2, 1))}` : "";
  return app.t("cmp_flow", { from: app.t(`cmp_kind_${flow.from}`), to: app.t(`cmp_kind_${flow.to}`), n: countText(app, flow.value) + half });
}

function flowSentence(app, list) {
  return `${app.t("cmp_flows")}. ${list.map((flow) => flowText(app, flow)).join(". ")}`;
}
