import assert from "node:assert/strict";
import { test } from "node:test";
import { createFormat } from "../src/core/format.js";
import { classOf, decimalsApart, decimalsFor, decimalsOf, effectDecimals, niceCeiling, ticks, ticksBesideZero } from "../src/core/numbers.js";

/** Numbers that are the same at each run, between 0 and 1. */
function drawn(seed) {
  let state = seed;
  return () => {
    state = (1103515245 * state + 12345) % 2147483648;
    return state / 2147483648;
  };
}

for (const [ends, shown] of [
  // Clear, and shown as clear: the nearer end is not written as zero.
  [[-0.002, -0.0038, -0.0002], ["−0.0020", "−0.0038", "−0.0002"]],
  [[3.2, 2.4, 4], ["+3.2", "+2.4", "+4.0"]],
  [[-240.2, -366.4, -112.9], ["−240", "−370", "−110"]],
  [[-35, -267, 196], ["−40", "−270", "+200"]],
  [[26.9, 18, 35.8], ["+27", "+18", "+36"]],
  [[0, 0, 0], ["0", "0", "0"]],
  [[0.0004, 0.00038, 0.00042], ["+0.00040", "+0.00038", "+0.00042"]],
  [[-1e-11, -1e-11, -1e-11], ["0", "0", "0"]],
]) {
  test(`an effect and its ends look as different as they are: ${ends}`, () => {
    const decimals = effectDecimals(...ends);
    assert.deepEqual(ends.map((end) => createFormat("en").signed(end, decimals)), shown);
  });
}

test("numbers side by side look alike only where they are", () => {
  const draw = drawn(7);
  const { num } = createFormat("fr");
  for (let at = 0; at < 500; at += 1) {
    const values = [0, 1, 2].map(() => (2 * draw() - 1) * 10 ** (Math.floor(15 * draw()) - 8));
    const texts = values.map((value) => num(value, decimalsApart(values, 0)));
    const finest = Math.max(2e-9, 1e-10 * Math.max(...values.map(Math.abs)));
    values.forEach((one, i) => {
      assert.doesNotMatch(texts[i], /^−0(,0+)?$/);
      assert.ok(Math.abs(one) <= finest || /[1-9]/.test(texts[i]), `${one} is written ${texts[i]}`);
      for (let k = 0; k < i; k += 1) assert.ok(Math.abs(one - values[k]) <= finest || texts[i] !== texts[k], String(values));
    });
  }
});

test("a number gets two digits, and no more decimals than allowed", () => {
  assert.deepEqual([123.4, 12.34, 1.234, 0.1234, 0.001234].map((value) => decimalsFor(value)), [0, 0, 1, 2, 3]);
  assert.equal(decimalsFor(0.00001234, 9), 6);
  assert.equal(decimalsFor(NaN), 0);
});

test("breaks of a scale get the least decimals that show each exactly", () => {
  assert.equal(decimalsOf([1, 2, 3]), 0);
  assert.equal(decimalsOf([0.5, 1]), 1);
  assert.equal(decimalsOf([0.25, 1 / 3]), 3);
});

test("the top of an axis is round and not below the value", () => {
  for (const [value, top] of [[0, 1], [97, 100], [101, 120], [2400, 2500], [0.031, 0.04]]) {
    assert.ok(Math.abs(niceCeiling(value) - top) < 1e-9, `${value} gives ${niceCeiling(value)}`);
  }
});

test("ticks are round, inside the range, and zero is no negative zero", () => {
  assert.deepEqual(ticks(-10, 10, 4), [-10, -5, 0, 5, 10]);
  assert.deepEqual(ticks(0, 1, 2), [0, 0.5, 1]);
  assert.ok(ticks(-1, 1, 4).every((value) => !Object.is(value, -0)));
  assert.deepEqual(ticks(3, 3), [3]);
  assert.deepEqual(ticks(-1, 4.5, 2), [0]);
  assert.deepEqual(ticksBesideZero(-1, 4.5, 2), [2, 4]);
  assert.deepEqual(ticksBesideZero(0, 0), []);
});

test("the class of a value is how many breaks it reaches; a missing one has none", () => {
  assert.deepEqual([-1, 0, 0.9, 1, 5].map((value) => classOf([0, 1, 2], value)), [0, 1, 1, 2, 3]);
  assert.equal(classOf([0, 1], NaN), -1);
});
