// Who changes: flows from where they work in A to where they work in B, those who do not aside.

import { append, fill, frameOnce, h, mounted, onResize, setText } from "../core/dom.js";
import { decimalsFor } from "../core/numbers.js";
import { changersOf, hasComparison } from "../state/comparison.js";
import { table } from "../widgets/table.js";
import { openDialog } from "../widgets/dialog.js";
import { drawFlows, flowCount } from "../charts/flows.js";

/** Mount the flows in an element; returns {destroy}. */
export function mountFlows(app, el) {
  const flows = { app };
  flows.box = h("div.s77-flowbox");
  flows.head = h("h2");
  flows.own = h("p.s77-small");
  append(el, [h("div.s77-fighead", flows.head,
    h("span.s77-totable", h("button.s77-link.s77-small", { type: "button", onclick: () => openFlowTable(app) }, app.t("table")))), flows.box, flows.own]);
  const draw = frameOnce(() => showFlows(flows));
  return mounted([onResize(flows.box, () => showFlows(flows)), app.on("compare", draw)]);
}

function showFlows(flows) {
  const { app, box } = flows;
  if (!hasComparison(app)) return setText(flows.head, app.t("cmp_flows"));
  // As in the finding above, whole persons and two digits: the same number must not be read twice
  // in two ways.
  const changed = Math.round(Number(app.compare.transitions.changed.toPrecision(2)));
  setText(flows.head, app.t(app.fmt.isOne(changed) ? "cmp_flows_n_1" : "cmp_flows_n", { n: app.fmt.num(changed) }));
  // They are no commuters, yet most of the users: without them the ribbons and the users seem to disagree.
  const own = app.compare.transitions.home_based;
  flows.own.hidden = !(Math.abs(own) >= 0.5);
  setText(flows.own, app.t("cmp_flows_own", { n: app.fmt.signed(own, 0) }));
  const list = changersOf(app);
  if (!list.length) return fill(box, h("p.s77-small", app.t("cmp_nobody_changes")));
  const [width, height] = [box.clientWidth, box.clientHeight];
  if (width < 120 || height < 80) return;
  const letter = parseFloat(getComputedStyle(box).fontSize);
  // On a phone there is no room between the two sides for those who do not change.
  const stay = app.t("cmp_stay", { n: app.fmt.num(app.compare.transitions.stay) });
  const wide = width >= 420;
  fill(box, wide ? null : h("p.s77-small", stay),
    drawFlows(flowSpec(app, list, wide ? stay : ""), app.fmt, width, wide ? height : height - 1.5 * letter, letter));
}

function flowSpec(app, list, middle) {
  const name = (kind) => app.t(`cmp_kind_${kind}`);
  const half = (flow) => (Number.isFinite(flow.half) ? ` ± ${app.fmt.num(flow.half, decimalsFor(flow.half, 2, 1))}` : "");
  const flows = list.map((flow) => ({
    ...flow, title: app.t("cmp_flow", { from: name(flow.from), to: name(flow.to), n: flowCount(app.fmt, flow.value) + half(flow) }),
  }));
  return {
    flows, name, kinds: app.compare.transitions.kinds, heads: { left: app.t("cmp_in_a"), right: app.t("cmp_in_b"), middle },
    label: [app.t("cmp_flows"), ...flows.map(({ title }) => title)].join(". "),
  };
}

function openFlowTable(app) {
  if (!hasComparison(app)) return;
  const rows = changersOf(app).map((flow) => ({ ...flow, a: app.t(`cmp_kind_${flow.from}`), b: app.t(`cmp_kind_${flow.to}`) }));
  openDialog(app, app.t("cmp_flows"), table([
    { key: "a", label: app.t("cmp_in_a") }, { key: "b", label: app.t("cmp_in_b") },
    { key: "value", label: app.t("cmp_workers_day"), numeric: true, text: (row) => app.fmt.num(row.value, 1) + (Number.isFinite(row.half) ? ` ± ${app.fmt.num(row.half, 1)}` : "") },
    { key: "minutes", label: app.t("cmp_minutes_day"), numeric: true, text: (row) => app.fmt.signed(row.minutes, 0) },
  ], rows, { caption: app.t("cmp_flows"), sortBy: "value" }));
}
