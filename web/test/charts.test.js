import assert from "node:assert/strict";
import { test } from "node:test";
import { dayFrame, gridShades, valueRange } from "../src/charts/days.js";
import { layoutFlows } from "../src/charts/flows.js";

const CALENDAR = { days: ["2014-09-02", "2014-09-03", "2014-09-12"], weekdays: [1, 2, 4] };
const BOX = { clientWidth: 600, clientHeight: 200 };

test("days lie on the axis by date, from a Monday on, between the margins", () => {
  const frame = dayFrame(BOX, CALENDAR, { left: 40, right: 20, top: 5 });
  assert.equal(frame.weeks, 2);
  assert.equal(frame.wide, 540);
  const [second, third, last] = CALENDAR.days.map(frame.x);
  assert.ok(second > 40 && last < 580);
  assert.ok(Math.abs((last - second) / (third - second) - 10) < 1e-9, "ten days are ten times one");
});

test("the weekday grid takes its room from the lines", () => {
  const [without, within] = [false, true].map((grid) => dayFrame(BOX, CALENDAR, { left: 40, right: 20, top: 5, grid }));
  assert.equal(without.bottom, 180);
  assert.equal(within.bottom, within.gridTop - 7);
  assert.ok(within.gridTop + 5 * (within.rows + 1) <= 200 - 17 + 1e-9);
});

test("an axis begins at zero where that costs little, and holds all values", () => {
  assert.equal(valueRange([[2, 10]]).low, 0);
  const far = valueRange([[95, 100], [NaN]]);
  assert.ok(far.low > 90 && far.low < 95 && far.high > 100);
  assert.deepEqual(valueRange([[NaN]]), { low: 0, high: 1, ticks: [] });
});

test("shades have six steps, and none for what is missing", () => {
  const { of } = gridShades([Array.from({ length: 101 }, (_, at) => at)]);
  assert.deepEqual([-5, 0, 50, 100, 900, NaN].map(of), [0, 0, 3, 5, 5, -1]);
});

test("ribbons fill their nodes on both sides, and none leaves the picture", () => {
  const kinds = ["office", "home", "telecentre"];
  const list = [
    { from: "office", to: "home", value: 30 }, { from: "office", to: "telecentre", value: 10 },
    { from: "home", to: "telecentre", value: 60 },
  ];
  const { from, to, ribbons } = layoutFlows(kinds, list, 500, 300, 14);
  assert.deepEqual(from.map((node) => [node.kind, node.total]), [["office", 40], ["home", 60]]);
  assert.deepEqual(to.map((node) => [node.kind, node.total]), [["home", 30], ["telecentre", 70]]);
  for (const node of [...from, ...to]) {
    assert.ok(Math.abs(node.used - node.height) < 1e-9, `${node.kind} is ${node.height} high and filled to ${node.used}`);
    assert.ok(node.y >= 0 && node.y + node.height <= 300);
  }
  const thick = Object.fromEntries(ribbons.map((flow) => [`${flow.from} ${flow.to}`, flow.thick]));
  assert.ok(Math.abs(thick["home telecentre"] / thick["office telecentre"] - 6) < 1e-9);
});
