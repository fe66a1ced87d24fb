// Flows from the places on the left to those on the right, as ribbons.

import { s } from "../core/dom.js";

/**
 * @typedef {import("../core/format.js").Format} Format
 * @typedef {{ from: string, to: string, value: number }} Flow
 * @typedef {Flow & { thick: number, y1: number, y2: number }} Ribbon
 * @typedef {{ kind: string, total: number, y: number, height: number, used: number }} FlowNode
 */

/**
 * Nodes of one side from top to bottom with a gap, in the order of the kinds.
 * @param {string[]} kinds
 * @param {Flow[]} list
 * @param {"from" | "to"} key
 * @param {number} top
 * @param {number} size
 * @param {number} gap
 */
function stackNodes(kinds, list, key, top, size, gap) {
  let at = top;
  /** @type {Map<string, FlowNode>} */
  const nodes = new Map();
  for (const kind of kinds) {
    const total = list.filter((flow) => flow[key] === kind).reduce((sum, flow) => sum + flow.value, 0);
    if (!total) continue;
    nodes.set(kind, { kind, total, y: at, height: Math.max(2, size * total), used: 0 });
    at += Math.max(2, size * total) + gap;
  }
  return nodes;
}

/**
 * Ribbons and nodes of both sides, in pixels: where `drawFlows` draws them.
 * @template {Flow} F
 * @param {string[]} kinds
 * @param {F[]} list
 * @param {number} width
 * @param {number} height
 * @param {number} letter
 */
export function layoutFlows(kinds, list, width, height, letter) {
  const total = list.reduce((sum, flow) => sum + flow.value, 0);
  // A thin end has its two lines of text beside it: room for them below the heads and at the foot.
  const [top, foot, gap] = [2.4 * letter, 1.3 * letter, Math.max(Math.min(34, height / 7), 2.2 * letter)];
  const many = Math.max(new Set(list.map((flow) => flow.from)).size, new Set(list.map((flow) => flow.to)).size);
  const size = Math.max(height - top - foot - gap * (many - 1), 0) / total;
  // Room for the longest name beside each column, also on a phone.
  const side = Math.min(130, Math.max(width * 0.27, 8.2 * letter), width * 0.37);
  const from = stackNodes(kinds, list, "from", top, size, gap);
  const to = stackNodes(kinds, list, "to", top, size, gap);
  const ribbons = [...list].sort((one, two) => two.value - one.value).map((flow) => ({ ...flow, thick: Math.max(1, size * flow.value), y1: 0, y2: 0 }));
  // Ribbons leave and arrive in the order of the kinds, so that as few as possible cross.
  placeEnds(ribbons, from, "from", "to", "y1", [...to.keys()]);
  placeEnds(ribbons, to, "to", "from", "y2", [...from.keys()]);
  return { left: side, right: width - side, from: [...from.values()], to: [...to.values()], ribbons };
}

/**
 * @param {Ribbon[]} ribbons
 * @param {Map<string, FlowNode>} nodes
 * @param {"from" | "to"} key
 * @param {"from" | "to"} other
 * @param {"y1" | "y2"} end
 * @param {string[]} order
 */
function placeEnds(ribbons, nodes, key, other, end, order) {
  const sorted = [...ribbons].sort((one, two) => order.indexOf(one[other]) - order.indexOf(two[other]));
  for (const flow of sorted) {
    const node = /** @type {FlowNode} */ (nodes.get(flow[key]));
    flow[end] = node.y + node.used + flow.thick / 2;
    node.used += flow.thick;
  }
}

/**
 * How many change; a minus where they leave, a plus where they arrive.
 * @param {Format} fmt
 * @param {number} value
 */
export function flowCount(fmt, value, sign = 0) {
  return ["−", "", "+"][sign + 1] + fmt.num(value, value < 10 ? 1 : 0);
}

/**
 * Draw flows.
 * @param {{ kinds: string[], flows: { from: string, to: string, value: number, title: string }[],
 *   heads: { left: string, right: string, middle: string }, label: string, name: (kind: string) => string }} spec
 * @param {Format} fmt
 * @param {number} width
 * @param {number} height
 * @param {number} letter
 */
export function drawFlows({ kinds, flows, heads, label, name }, fmt, width, height, letter) {
  const count = (/** @type {number} */ value, sign = 0) => flowCount(fmt, value, sign);
  const { left, right, from, to, ribbons } = layoutFlows(kinds, flows, width, height, letter);
  const head = (/** @type {number} */ x, /** @type {string} */ text) => s("text.s77-t2", { x, y: 0.9 * letter, "text-anchor": "middle" }, text);
  /** @type {(x: number, anchor: string, sign: number) => (one: FlowNode) => Element[]} */
  const node = (x, anchor, sign) => (one) => flowNode(one, x, anchor, name(one.kind), count(one.total, sign));
  return s("svg.s77-sankey", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "xMidYMax", role: "img", "aria-label": label },
    head(left + 5, heads.left), head(right - 5, heads.right), heads.middle ? head(width / 2, heads.middle) : null,
    ribbons.map((flow) => ribbon(flow, left + 10, right - 10)),
    ribbons.filter((flow) => flow.thick >= 15).map((flow) => s("text.s77-flown", { x: left + 16, y: flow.y1 + 4.5 }, count(flow.value))),
    from.map(node(left, "end", -1)), to.map(node(right - 10, "start", 1)));
}

/**
 * The ribbon takes the colour of where it goes.
 * @param {Ribbon & { title: string }} flow
 * @param {number} x1
 * @param {number} x2
 */
function ribbon(flow, x1, x2) {
  const middle = (x1 + x2) / 2;
  return s(`path.s77-ribbon.s77-to-${flow.to}`, {
    d: `M${x1} ${flow.y1}C${middle} ${flow.y1} ${middle} ${flow.y2} ${x2} ${flow.y2}`, "stroke-width": flow.thick.toFixed(1),
  }, s("title", flow.title));
}

/**
 * @param {FlowNode} node
 * @param {number} x
 * @param {string} anchor
 * @param {string} name
 * @param {string} count
 */
function flowNode(node, x, anchor, name, count) {
  const textX = anchor === "end" ? x - 7 : x + 17;
  const y = node.y + node.height / 2;
  return [
    s(`rect.s77-node-${node.kind}`, { x, y: node.y, width: 10, height: node.height }),
    s("text.s77-nodename", { x: textX, y, dy: "-0.1em", "text-anchor": anchor }, name),
    s("text.s77-t2", { x: textX, y, dy: "1em", "text-anchor": anchor }, count),
  ];
}
