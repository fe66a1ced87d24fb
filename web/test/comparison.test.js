import assert from "node:assert/strict";
import { test } from "node:test";

import { differenceScale, worstOf } from "../src/state/comparison.js";

/** An app that compares one indicator with breaks of its difference. */
function comparing(kind, breaks) {
  const indicator = { name: "minutes", kind, unit: "min", good: 1, breaks: [] };
  return {
    boot: { indicators: [indicator] }, state: { indicator: "minutes" },
    compare: { effects: [], breaks: { minutes: { breaks: [], breaks_diff: breaks } } },
    t: (key, given) => `${key}: ${given.unit}`, tOr: (_, text) => text,
  };
}

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
