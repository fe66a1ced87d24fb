import assert from "node:assert/strict";
import { test } from "node:test";
import { siteCalled, siteLabel, siteName } from "../src/state/places.js";

const app = {
  t: (key) => ({ site_assumed: "site supposé" })[key], label: (names) => names.fr,
  boot: { telecentres: [{ id: "melun", name: "Melun", assumed: false }, { id: "meaux", name: "Meaux", assumed: true }] },
};

test("a telecentre whose site is assumed says so after its name", () => {
  assert.deepEqual(app.boot.telecentres.map((site) => siteLabel(app, site)), ["Melun", "Meaux (site supposé)"]);
  assert.deepEqual(["melun", "meaux", "new-77379"].map((id) => siteName(app, id)), ["Melun", "Meaux (site supposé)", "new-77379"]);
});

test("a telecentre is called as the language of the page calls it", () => {
  const english = { ...app, label: (names) => names.en, boot: { site_names: { melun: { fr: "Moulin", en: "The mill" } } } };
  assert.equal(siteCalled(english, { id: "melun", name: "Moulin" }), "The mill");
  assert.equal(siteLabel(english, { id: "melun", name: "Moulin", assumed: true }), "The mill (site supposé)");
  assert.equal(siteLabel(english, { id: "barn", name: "Grange" }), "Grange");
});

test("a telecentre that a scenario opens has the name that its side gives", () => {
  const side = { telecentres: [{ id: "new-93051", name: "Noisy-le-Grand" }] };
  assert.equal(siteName({ ...app, sides: { a: null, b: side } }, "new-93051"), "Noisy-le-Grand");
  assert.equal(siteName({ ...app, sides: { a: side, b: null } }, "new-93051"), "Noisy-le-Grand");
  assert.equal(siteName({ ...app, sides: { a: null, b: null } }, "new-93051"), "new-93051");
});
