import assert from "node:assert/strict";
import { test } from "node:test";

import { differenceScale, drawsText, effectNumbers, fewRows, headlines, levelDraws, levelsAt, presenceOf, worstOf, differenceText } from "../src/state/comparison.js";
import { scaleOf, steadyBreaks } from "../src/state/scales.js";

/** An app that compares one indicator with breaks of its difference. */
function comparing(kind, breaks) {
  const indicator = { name: "minutes", kind, unit: "min", good: 1, breaks: [] };
  return {
    boot: { indicators: [indicator] }, state: { indicator: "minutes" },
    compare: { effects: [], breaks: { minutes: { breaks: [], breaks_diff: breaks } } },
    t: (key, given) => `${key}: ${given.unit}`, tOr: (_, text) => text,
  };
}

test("numbers that more draws will change are called provisional", () => {
  const app = (phase, seeds) => ({ status: { phase }, compare: { effects: [], seeds }, fmt: { num: String }, t: (key) => key });
  assert.deepEqual(["idle", "refining", "error"].map((phase) => drawsText(app(phase, [1, 2]))), ["cmp_draws", "cmp_draws_soon", "cmp_draws"]);
  assert.deepEqual(["idle", "refining"].map((phase) => drawsText(app(phase, [1]))), ["cmp_one_draw_only", "cmp_one_draw"]);
});

test("an effect of one draw has no more decimals than mean something", () => {
  const effect = { name: "minutes", unit: "min", a: 151.6040, b: 151.6038, diff: -0.00021, low: null, high: null };
  assert.equal(effectNumbers(comparing("mean", []), effect).decimals, 2);
  assert.equal(effectNumbers(comparing("mean", []), { ...effect, low: -0.00024, high: -0.00018 }).decimals, 5);
});

test("a small difference per worker is told per thousand workers", () => {
  const scale = differenceScale(comparing("mean", [-0.005, -0.0025, 0.0025, 0.005]));
  assert.deepEqual(scale.shown, [-5, -2.5, 2.5, 5]);
  assert.equal(scale.factor, 1000);
  assert.equal(scale.unit, "per_thousand_workers: min");
  assert.equal(scale.breakDecimals, 1);
});

test("the commune named as losing is one that surely loses, and visibly", () => {
  const layer = { exact: true, diff: [-0.3, -0.9, 2, -0.0001], above: [2], below: [1, 0] };
  const scale = (good) => ({ indicator: { good }, breaks: [-1, -0.5, -0.1, 0.1, 0.5, 1] });
  assert.equal(worstOf(layer, scale(1)), 1);
  assert.equal(worstOf(layer, scale(-1)), 2);
  assert.equal(worstOf(layer, scale(0)), -1);
  assert.equal(worstOf({ ...layer, below: [] }, scale(1)), -1);
  assert.equal(worstOf({ ...layer, below: [3] }, scale(1)), -1);
  assert.equal(worstOf({ ...layer, exact: false }, scale(1)), -1);
});

test("a larger one, and a total, keep their unit", () => {
  for (const app of [comparing("mean", [-0.5, 0.5]), comparing("sum", [-0.005, 0.005])]) {
    const scale = differenceScale(app);
    assert.deepEqual([scale.factor, scale.unit], [1, "min"]);
  }
});

test("over the year everybody is where the mean of all draws has them, and users of telecentres are of two kinds", () => {
  const days = new Map([["workers_at_work", 100], ["home", 8], ["telecentre", 1], ["office", 90], ["half", 1], ["home_based", 5]].map(
    ([name, value]) => [`day:${name}`, { what: "day", name, codes: [value], days: 1, count: 1, scale: 1, offset: 0, missing: 255, means: new Map() }]));
  const side = { key: "b", days: ["2014-11-18"], weekdays: [1], fields: days };
  const levels = {
    workers_at_work: 102, home: 9, telecentre: 2, office_car: 60, office_walk: 30, half_car: 0.5, half_walk: 0.5, centre_users: 10,
  };
  const compare = { key_b: "b", seeds: [1, 2], effects: Object.entries(levels).map(([name, b]) => ({ name, b })) };
  const app = { sides: { b: side }, state: { by: "year" }, compare };
  const drawn = { workers: 102, home: 9, telecentre: 2, office: 90, half: 1, own: 7, users: 10 };
  const once = { workers: 100, home: 8, telecentre: 1, office: 90, half: 1, own: 5, users: 7 };
  assert.deepEqual(presenceOf(app, side), drawn);
  // One draw says where they were in it, and so does a day; other runs than those on screen say nothing.
  assert.deepEqual(presenceOf({ ...app, compare: { ...compare, seeds: [1] } }, side), once);
  assert.deepEqual(presenceOf({ ...app, state: { by: "day" } }, side), once);
  assert.deepEqual(presenceOf({ ...app, compare: { ...compare, key_b: "c" } }, side), once);
});

test("classes of levels stay while A does, unless levels are of another size", () => {
  const app = comparing("mean", []);
  const shown = (key, breaks) => {
    app.compare = { ...app.compare, key_a: key, breaks: { minutes: { breaks, breaks_diff: [] } } };
    return scaleOf(app, "minutes").shown;
  };
  assert.deepEqual(shown("a", [100, 200]), [100, 200]);
  assert.deepEqual(shown("a", [50, 100]), [100, 200], "a step of rounding");
  assert.deepEqual(shown("a", [500, 1000]), [500, 1000], "another size");
  assert.deepEqual(shown("b", [50, 100]), [50, 100], "another A");
});

test("levels of a year are means of all draws, with communes of few told apart", () => {
  const app = comparing("mean", []);
  app.sides = { a: { key: "1", fields: new Map() }, b: { key: "2", fields: new Map() } };
  Object.assign(app.compare, { key_a: "1", key_b: "2" });
  app.compare.communes = { minutes: { a: [1, null], b: [2, 4], few: [0, 1] } };
  assert.deepEqual([...levelsAt(app, app.sides.b, "minutes", { by: "year" })], [2, 4]);
  const [first, nobody] = levelsAt(app, app.sides.a, "minutes", { by: "year" });
  assert.equal(first, 1);
  assert.ok(Number.isNaN(nobody), "nobody is there");
  assert.deepEqual(fewRows(app), [1]);
  app.compare.seeds = [1, 2, 3];
  assert.equal(levelDraws(app, app.sides.b, "minutes", { by: "year" }), 3);
  assert.equal(levelDraws(app, app.sides.b, "minutes", { by: "day", day: 0 }), 1);
  app.sides.b.key = "a lever moved";
  assert.equal(levelDraws(app, app.sides.b, "minutes", { by: "year" }), 1);
  assert.equal(levelsAt(app, app.sides.b, "minutes", { by: "year" }), null, "not those of before");
});

test("a sample that the app chose tells no refusals", () => {
  const app = comparing("mean", []);
  app.boot.key_figures = [];
  const effects = ["travel_min", "refusals"].map((name) => ({ name, unit: "minutes a day" }));
  const told = () => headlines(app, effects).map((one) => one.name);
  assert.deepEqual(told(), ["travel_min", "refusals"]);
  app.boot.few_desks = true;
  assert.deepEqual(told(), ["travel_min"]);
});

test("classes of levels stay under a lever, and are those of all pairs whichever answer came first", () => {
  const few = [1, 2], all = [1.5, 3];
  const app = { compare: { key: "a|b", key_a: "a", seeds: [1] } };
  assert.equal(steadyBreaks(app, "minutes", few), few);
  app.compare = { key: "a|b", key_a: "a", seeds: [1, 2] };
  assert.equal(steadyBreaks(app, "minutes", all), all);
  app.compare = { key: "a|moved", key_a: "a", seeds: [1] };
  assert.equal(steadyBreaks(app, "minutes", few), all);
  app.compare = { key: "a|moved", key_a: "a", seeds: [1, 2] };
  assert.equal(steadyBreaks(app, "minutes", few), all);
  assert.deepEqual(steadyBreaks(app, "minutes", [10, 30]), [10, 30]);
  assert.equal(steadyBreaks({ compare: { key: "a|b", key_a: "a", seeds: [1, 2] } }, "minutes", all), all);
});

const speaking = { t: (key) => key, fmt: {
  withUnit: (value, unit, decimals) => `${value.toFixed(decimals)} ${unit}`,
  interval: (low, high, decimals) => `${low.toFixed(decimals)} to ${high.toFixed(decimals)}`,
} };
const minutes = { factor: 1, unit: "min", decimals: 3 };

test("a difference without an interval has no more digits than the classes of the map", () => {
  const one = { diff: [0.000092], low: [null], high: [null] };
  assert.equal(differenceText(speaking, minutes, one, 0), "0.000 min");
  const many = { diff: [0.000092], low: [0.00002], high: [0.000164] };
  assert.equal(differenceText(speaking, minutes, many, 0), "0.00009 min (0.00002 to 0.00016)");
});
