import assert from "node:assert/strict";
import { test } from "node:test";
import { barWithInterval, endsOf, markPlace } from "../src/charts/bars.js";
import { dayFrame, gridShades, valueRange, weekMeans } from "../src/charts/days.js";
import { flowCount, layoutFlows } from "../src/charts/flows.js";
import { meets, seatsNameAt } from "../src/charts/profile.js";
import { namesInLines, plotFrame, shortNames } from "../src/charts/plot.js";
import { createFormat } from "../src/core/format.js";

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

test("bars share one scale with zero on it; what is unknown has no mark", () => {
  const rows = [barWithInterval("share", { value: 2, low: 1, high: 4 }), barWithInterval("share", { value: -1, low: NaN, high: NaN })];
  const ends = endsOf(rows.flat());
  assert.deepEqual(ends, [-1, 4]);
  assert.deepEqual(markPlace(rows[0][0], ends), { left: 20, wide: 40, outside: false });
  assert.deepEqual(markPlace(rows[1][0], ends), { left: 0, wide: 20, outside: false });
  assert.equal(markPlace(rows[1][1], ends), null);
  assert.deepEqual(endsOf([{ kind: "dot", from: 3 }]), [0, 3]);
});

test("what lies outside of a row's ends is at the edge, and said to be outside", () => {
  const dot = (from) => markPlace({ kind: "dot", from }, [-4, 4]);
  assert.deepEqual([-9, -4, 0, 1, 9].map((from) => dot(from).left), [0, 0, 50, 62.5, 100]);
  assert.deepEqual([-9, 4, 9].map((from) => dot(from).outside), [true, false, true]);
  assert.deepEqual(markPlace({ kind: "agree", from: -1, to: 99 }, [-4, 4]), { left: 37.5, wide: 62.5, outside: false });
});

test("the mean of a week is that of its known days", () => {
  const frame = dayFrame(BOX, CALENDAR, { left: 40, right: 20, top: 5 });
  assert.deepEqual(weekMeans(frame, CALENDAR, [1, 3, 7]), [["2014-09-03", 2], ["2014-09-12", 7]]);
  assert.deepEqual(weekMeans(frame, CALENDAR, [NaN, 3, NaN]), [["2014-09-03", 3]]);
});

test("a plot holds all its values, and its numbers have room on the left, in both languages", () => {
  for (const fmt of [createFormat("fr"), createFormat("en")]) {
    for (const scale of [1e-3, 1, 1e6]) {
      const frame = plotFrame(fmt, { from: 0, to: 20, texts: [] }, { right: 326, top: 12, bottom: 180, low: -2.3 * scale, high: 3.1 * scale, edge: 10 });
      assert.ok(frame.marks.length >= 3 && frame.marks.every((mark) => mark >= frame.low && mark <= frame.high));
      for (const mark of frame.marks) assert.ok(frame.left - 7 - 7 * fmt.num(mark, frame.decimals).length >= -1);
      for (const x of [0, 7, 20]) assert.ok(frame.x(x) >= frame.left && frame.x(x) <= 326);
      for (const y of [-2.3, 3.1]) assert.ok(frame.y(y * scale) >= 12 - 1e-9 && frame.y(y * scale) <= 180 + 1e-9);
    }
  }
});

test("names on an axis lose what all begin with, and go on in the next line where there is no room", () => {
  assert.deepEqual(shortNames(["a+one", "a+two"]), ["one", "two"]);
  assert.deepEqual(namesInLines(["Hybrid, 2022 + Network of 2013", "Hybrid, 2022 + Full network"], 90), [["Network of", "2013"], ["Full network"]]);
  assert.deepEqual(namesInLines(["telecentre", "home"], 41), [["tele…"], ["home"]]);
});

test("who leaves has a minus, who arrives a plus", () => {
  const fmt = createFormat("en");
  assert.deepEqual([flowCount(fmt, 43, -1), flowCount(fmt, 9.84), flowCount(fmt, 1.9, 1)], ["−43", "9.8", "+1.9"]);
});

test("the name of the line of seats keeps clear of the top of the axis", () => {
  const frame = { above: 20, y: (value) => 100 - 0.8 * value };
  assert.equal(seatsNameAt(frame, 50), 55, "above its line");
  assert.equal(seatsNameAt(frame, 100), 33, "below it, where the top of the axis is written above");
});

test("the top number of an axis gives way to a note that reaches it", () => {
  assert.ok(meets({ right: 180 }, "8 000", "au plus 131 % des places assises"));
  assert.ok(!meets({ right: 300 }, "8 000", "au plus 131 % des places assises"));
  assert.ok(!meets({ right: 180 }, "8 000", ""));
});
