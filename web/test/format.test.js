import assert from "node:assert/strict";
import { test } from "node:test";
import { dayNumberOf, weekdayOf } from "../src/core/dates.js";
import { createFormat, typographic } from "../src/core/format.js";
import { endsApart } from "../src/core/words.js";

const [fr, en] = [createFormat("fr"), createFormat("en")];

test("thousands, decimals, signs and what is missing, in both languages", () => {
  assert.deepEqual([fr, en].map((fmt) => fmt.num(1234567.891, 1)), ["1\u202f234\u202f567,9", "1,234,567.9"]);
  assert.deepEqual([fr, en].map((fmt) => fmt.num(-0.04, 1)), ["0,0", "0.0"]);
  assert.deepEqual([2.5, -2.5, 0.001].map((value) => fr.signed(value, 1)), ["+2,5", "−2,5", "0,0"]);
  assert.deepEqual([NaN, null, undefined, Infinity].map((value) => en.num(value)), ["–", "–", "–", "–"]);
});

test("percent and euro stand where the language wants them", () => {
  assert.deepEqual([fr, en].map((fmt) => fmt.pct(0.106)), ["10,6\u202f%", "10.6%"]);
  assert.deepEqual([fr, en].map((fmt) => fmt.withUnit(-113.2, "€", 2)), ["−113,20\u00a0€", "−113.20\u00a0€"]);
  assert.deepEqual([fr, en].map((fmt) => fmt.withUnit(5, "€", 0, true)), ["+5\u00a0€", "+5\u00a0€"]);
  assert.equal(fr.withUnit(3, "min"), "3\u00a0min");
  assert.deepEqual([fr, en].map((fmt) => fmt.interval(9.3, 9.9, 1)), ["9,3 à 9,9", "9.3 to 9.9"]);
});

test("dates are written as the language writes them, whatever the zone", () => {
  assert.deepEqual([fr, en].map((fmt) => fmt.date("2014-11-18")), ["mardi 18 novembre 2014", "Tuesday 18 November 2014"]);
  assert.equal(fr.dayMonth("2014-05-01"), "1er mai");
  assert.equal(en.dateShort("2014-05-01"), "1 May 2014");
  assert.deepEqual(["2014-01-06", "2016-02-29", "2017-01-01"].map(weekdayOf), [0, 0, 6]);
  assert.equal(dayNumberOf("2016-03-01") - dayNumberOf("2016-02-28"), 2);
});

test("texts of data files get the marks of their language", () => {
  assert.equal(typographic("l'offre : « 5 € » ?", "fr"), "l’offre\u202f: «\u202f5\u00a0€\u202f»\u202f?");
  assert.equal(typographic('the worker\'s "own" desk', "en"), "the worker’s “own” desk");
});

test("what is typed is read as the language writes it, or is no number", () => {
  assert.deepEqual(["1 234,5", "−2", "+0,35", "40 %", "12\u00a0€", ",5"].map(fr.parse), [1234.5, -2, 0.35, 40, 12, 0.5]);
  assert.deepEqual(["1,234.5", "€12", "-1,5", "0,1234", "12,345,678"].map(en.parse), [1234.5, 12, -1.5, 0.1234, 12345678]);
  for (const text of ["", "a lot", "1.2.3", "--1", "1e3", "Infinity"]) assert.ok(Number.isNaN(en.parse(text)), text);
});

test("of names that begin alike the first part is a letter", () => {
  assert.deepEqual(endsApart(["Roissy-en-Brie", "Melun", "Roissy-en-France"]), ["R.-en-Brie", "Melun", "R.-en-France"]);
});
