import assert from "node:assert/strict";
import { test } from "node:test";
import { createFormat } from "../src/core/format.js";
import { dayIndexOf, decodeSide, fieldOf, hasLongZones, isWholeYears, lineName, momentText, newLines, railOf, readAt, totalAt, valueAt } from "../src/state/sides.js";
import { classesAt, classesOf } from "../src/state/scales.js";

const DAYS = ["2014-09-04", "2014-09-05", "2014-09-08"]; // Thursday, Friday, Monday

/** A side of two communes as Python packs it: bytes with 255 for what is missing, and 32-bit numbers. */
function packed(shift = 0) {
  const codes = [10, 255, 20, 40, 30, 60];
  const bytes = new Uint8Array(shift + 20);
  bytes.set(codes, shift);
  const floats = new DataView(bytes.buffer);
  [1.5, 2.5, 3.5].forEach((value, at) => floats.setFloat32(shift + 8 + 4 * at, value, true));
  const fields = [
    { what: "commune", name: "minutes", dtype: "u1", start: 0, length: 6, shape: [3, 2], scale: 0.5, offset: 1 },
    { what: "day", name: "home", dtype: "f4", start: 8, length: 12, shape: [3] },
  ];
  return [{ key: "k", days: DAYS, fields }, bytes.subarray(shift)];
}

test("places of work take a line of their own where they are many", () => {
  const app = (zones) => ({ sides: { b: zones && { zones } }, label: (text) => text });
  assert.deepEqual([null, "Paris", "Paris, inner ring and outer ring"].map((zones) => hasLongZones(app(zones))), [false, false, true]);
});

for (const shift of [0, 1]) {
  test(`days, means and missing values are read back, bytes ${shift ? "not " : ""}aligned`, () => {
    const side = decodeSide(...packed(shift));
    const field = fieldOf(side, "commune", "minutes");
    assert.equal(valueAt(field, 0, 0), 6);
    assert.ok(Number.isNaN(valueAt(field, 0, 1)));
    assert.deepEqual([...readAt(side, "commune", "minutes", { by: "year" })], [11, 26]);
    assert.deepEqual([...readAt(side, "commune", "minutes", { by: "week", weekday: 0 })], [16, 31]);
    assert.equal(totalAt(side, "home", { by: "year" }), 2.5);
    assert.ok(Number.isNaN(totalAt(side, "unknown", { by: "year" })));
  });
}

test("means that Python computed itself come before those of the days", () => {
  const [meta, bytes] = packed();
  meta.fields.push({ what: "commune_week", name: "minutes", dtype: "u1", start: 0, length: 6, shape: [3, 2] });
  const weekday = (at) => [...readAt(decodeSide(meta, bytes), "commune", "minutes", { by: "week", weekday: at })];
  assert.deepEqual([1, 2, 4].map(weekday), [[20, 40], [30, 60], [30, 60]]);
});

test("bytes that have not all come make no side", () => {
  const [meta, bytes] = packed();
  assert.equal(decodeSide(meta, bytes.subarray(0, 12)), null);
});

test("a day that was not simulated is shown as the one before it", () => {
  const side = decodeSide(...packed());
  const at = (day) => dayIndexOf({ state: { day } }, side);
  assert.deepEqual(["2014-01-01", "2014-09-04", "2014-09-05", "2014-09-07", "2014-12-31"].map(at), [0, 0, 1, 1, 2]);
});

test("classes of a day are those of its values", () => {
  const side = decodeSide(...packed());
  const [field, scale] = [fieldOf(side, "commune", "minutes"), { breaks: [10, 20, 30] }];
  for (const day of [0, 1, 2]) {
    const moment = { by: "day", day };
    assert.deepEqual(classesAt(side, field, scale, moment), classesOf(scale, readAt(side, "commune", "minutes", moment)));
  }
  assert.deepEqual([...classesAt(side, field, scale, { by: "day", day: 0 })], [0, -1]);
});

test("the lines that a scenario adds come after those of the territory, and are named as new", () => {
  const words = { line_named: "Line", line_new: "new" };
  const app = { boot: { rail: [{ id: "0", line: "R" }] }, t: (key, { line }) => `${words[key]} ${line}`, label: (one) => one.en };
  const added = ["X/a/b", "X/b/c"].map((id) => ({ id, line: "X", fr: "Ligne X", en: "Line X" }));
  const side = { rail: added };
  assert.equal(railOf(app, { rail: [] }), app.boot.rail);
  assert.equal(railOf(app, null), app.boot.rail);
  assert.deepEqual(railOf(app, side).map((one) => one.id), ["0", "X/a/b", "X/b/c"]);
  assert.equal(railOf(app, side), railOf(app, side), "the list is kept: maps draw only what differs");
  assert.deepEqual(railOf(app, side).map((one) => lineName(app, one)), ["Line R", "new Line X", "new Line X"]);
  assert.deepEqual(newLines(app, side), ["new Line X"]);
  assert.deepEqual(newLines(app, undefined), []);
});

test("days are called a year only if they are one", () => {
  const shown = (lang, ...days) => momentText({ state: { by: "year" }, fmt: createFormat(lang), t: (key, args) => [key, ...Object.values(args)].join(" ") }, { days });
  assert.equal(shown("fr", "2014-09-22", "2014-10-10"), "moment_between 22 septembre 10 octobre 2014");
  assert.equal(shown("en", "2014-12-01", "2015-01-30"), "moment_between 1 December 2014 30 January 2015");
  assert.equal(shown("fr", "2014-09-01", "2014-09-30"), "moment_month septembre 2014");
  assert.equal(shown("fr", "2014-01-02", "2014-12-31"), "moment_year 2014");
  assert.equal(shown("fr", "2014-01-02", "2016-12-30"), "moment_year 2014–2016");
  assert.deepEqual([["2014-01-07", "2014-12-24"], ["2014-01-08", "2014-12-31"], ["2014-01-02", "2014-12-23"]].map(isWholeYears), [true, false, false]);
});
