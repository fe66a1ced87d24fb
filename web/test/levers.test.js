import assert from "node:assert/strict";
import { test } from "node:test";
import { createFormat } from "../src/core/format.js";
import { changedCount, firstPeriod, isChanged, leverText, leverValue, setLever, swapSides } from "../src/levers/values.js";

const PRICE = { name: "price_day", kind: "number", unit: "€", low: 0, high: 40, decimals: 0, default: 15, value_in_a: 12 };
const SHARE = { name: "desk_share", kind: "number", share: true, low: 0, high: 1, decimals: 0, default: 0.5, value_in_a: 0.5 };

/** As much of the app as levers need; what is set is at once the state. */
function appOf(levers = {}, lang = "en") {
  const app = {
    state: { levers, sites: { opened: [], closed: [] }, scenario_a: "x", scenario_b: "y", day: "2014-09-02" },
    levers: [PRICE, SHARE], sides: {}, told: [], fmt: createFormat(lang),
    t: (key) => key, tOr: (_key, other) => other,
    set: (patch) => Object.assign(app.state, patch), emit: (name, what) => app.told.push([name, what.key]),
  };
  return app;
}

test("a lever is what the page has set, else what the scenario B has", () => {
  assert.equal(leverValue(appOf(), PRICE), 15);
  assert.equal(leverValue(appOf({ price_day: 0 }), PRICE), 0);
});

test("a lever has changed where B differs from A, whoever made it differ", () => {
  assert.equal(isChanged(appOf(), PRICE), true);
  assert.equal(isChanged(appOf({ price_day: 12 }), PRICE), false);
  assert.equal(isChanged(appOf(), SHARE), false);
  assert.equal(isChanged(appOf(), { ...PRICE, value_in_a: null }), false);
  assert.equal(isChanged(appOf({ price_day: 15 }), { ...PRICE, value_in_a: null }), true);
  const app = appOf({ desk_share: 0.7 });
  app.state.sites.closed.push("melun");
  assert.equal(changedCount(app), 3);
});

test("a lever put back to B's value is not set any more", () => {
  const app = appOf({ price_day: 3, desk_share: 0.7 });
  setLever(app, PRICE, 15);
  assert.deepEqual(app.state.levers, { desk_share: 0.7 });
  setLever(app, SHARE, undefined);
  assert.deepEqual(app.state.levers, {});
});

test("values are written with their unit, shares in percent", () => {
  assert.equal(leverText(appOf(), PRICE, 12), "12\u00a0€");
  assert.equal(leverText(appOf({}, "fr"), SHARE, 0.35), "35\u202f%");
  assert.equal(leverText(appOf(), PRICE, null), "lever_none");
  assert.equal(leverText(appOf(), { ...PRICE, kind: "weekdays" }, ["monday", 2]), "Monday, Wednesday");
});

test("a first period begins on the day shown and is ten days long, within what was simulated", () => {
  const days = Array.from({ length: 12 }, (_, at) => `2014-09-${String(at + 1).padStart(2, "0")}`);
  const app = appOf();
  app.sides.b = { days };
  assert.deepEqual(firstPeriod(app), { from: "2014-09-02", until: "2014-09-11" });
  app.state.day = "2014-09-10";
  assert.deepEqual(firstPeriod(app), { from: "2014-09-10", until: "2014-09-12" });
});

test("a swap exchanges the scenarios, and says where moved levers stay", () => {
  const app = appOf({ price_day: 3 });
  swapSides(app);
  assert.deepEqual([app.state.scenario_a, app.state.scenario_b], ["y", "x"]);
  assert.deepEqual(app.told, [["banner", "cmp_swapped"]]);
});
