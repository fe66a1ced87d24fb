import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const SOURCES = fileURLToPath(new URL("../src/", import.meta.url));

/** A folder imports from those of the rows above it and from itself. */
const LAYERS = [["core"], ["charts", "state"], ["widgets"], ["map", "levers"], ["year"], ["export"],
  ["compare"], ["explore", "why", "story", "studies"], ["shell", "page"], ["."]];

/** {module: [modules that it imports]}, paths from src/. */
function graph() {
  const files = readdirSync(SOURCES, { recursive: true }).map(String).filter((name) => name.endsWith(".js"));
  return Object.fromEntries(files.map((name) => {
    const found = readFileSync(path.join(SOURCES, name), "utf8").matchAll(/^(?:import|export) [^;]*?from "(\.[^"]+)";/gms);
    return [name, [...found].map(([, from]) => path.join(path.dirname(name), from))];
  }));
}

test("modules import only from layers below, and what is there", () => {
  const rank = (name) => LAYERS.findIndex((row) => row.includes(path.dirname(name)));
  for (const [name, imports] of Object.entries(graph())) {
    assert.ok(rank(name) >= 0, `${name} is in no layer`);
    for (const other of imports) {
      const inside = path.dirname(name) === path.dirname(other);
      assert.ok(inside || rank(other) < rank(name), `${name} must not import ${other}`);
    }
  }
});

test("no module imports itself by way of others", () => {
  const all = graph();
  const done = new Set();
  const walk = (name, trail) => {
    assert.ok(!trail.includes(name), `a circle: ${[...trail.slice(trail.indexOf(name)), name].join(" → ")}`);
    if (done.has(name)) return;
    all[name].forEach((other) => walk(other, [...trail, name]));
    done.add(name);
  };
  Object.keys(all).forEach((name) => walk(name, []));
});
