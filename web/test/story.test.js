import assert from "node:assert/strict";
import { test } from "node:test";
import { storyModel } from "../src/story.js";

const SIDE = { meta: { key: "s" }, data: btoa("\u0001\u0002") };
const DATA = {
  boot: {}, sides: { s: SIDE, t: { meta: { key: "t" }, data: btoa("\u0003") } }, compares: { c: { key: "c" }, d: { key: "d" } },
  scenes: [
    { levers: [], state: { scene: 0, levers: { price: 3 }, seed: 1 }, side_a: "s", side_b: "s", compare: "c", scene: { title: "one" } },
    { levers: [], state: { scene: 1, levers: {}, seed: 1 }, side_a: "s", side_b: "t", compare: "d", scene: { title: "two" } },
  ],
};

test("a step to a scene brings its results, and keeps language and theme", () => {
  const model = storyModel(DATA, "fr");
  const heard = [];
  for (const name of ["side_b", "compare"]) model.on(`change:${name}`, () => heard.push(name));
  assert.equal(model.get("compare").key, "c");
  model.send({ type: "set", state: { ...model.get("state"), scene: 1, lang: "en", theme: "dark" } });
  assert.deepEqual(heard, ["side_b", "compare"]);
  assert.equal(model.get("side_b").key, "t");
  assert.equal(model.get("bytes_b").getUint8(0), 3);
  assert.deepEqual([model.get("state").scene, model.get("state").lang, model.get("state").theme], [1, "en", "dark"]);
});

test("levers stay as the scene has them, for nobody computes here", () => {
  const model = storyModel(DATA, "fr");
  model.send({ type: "set", state: { ...model.get("state"), levers: { price: 40 }, seed: 9, day: "2014-09-01" } });
  assert.deepEqual(model.get("state").levers, { price: 3 });
  assert.deepEqual([model.get("state").seed, model.get("state").day], [1, "2014-09-01"]);
});

test("a question is answered with the reason why it is not", () => {
  const model = storyModel(DATA, "fr");
  model.send({ type: "ask", id: 7, kind: "worker" });
  assert.deepEqual(model.get("answer"), { id: 7, kind: "worker", error: { key: "story_offline", args: {} } });
});
