// Why: a place, a person of that place, that person's week in A and B, and one choice explained.

import { append, fill, h, later, mounted, setText } from "../core/dom.js";
import { clamp } from "../core/numbers.js";
import { errorText } from "../state/app.js";
import { capital } from "../core/words.js";
import { fieldOf, railOf, valuesAt } from "../state/sides.js";
import { classesOf, scaleOf } from "../state/scales.js";
import { fewRows, levelsAt } from "../state/comparison.js";
import { communeName, siteLabel, siteName, sitesAt, territoryFrame } from "../state/places.js";
import { legendScale } from "../charts/legend.js";
import { mountQueue } from "../widgets/queue.js";
import { createMap, followKeys } from "../map/map.js";
import { mapKeys } from "../map/keys.js";
import { createMapView } from "../map/view.js";
import { describePlace, describeSite } from "../map/places.js";
import { describeDifference } from "../compare/paint.js";
import { jumpLine, weekFigure, yearFigure } from "./week.js";
import { changeFigure, reasonsOf } from "./reasons.js";

/** Mount the view in an element; returns {destroy}. */
export function mountWhy(app, el) {
  el.classList.add("s77-why");
  const view = { app, el, asked: { people: 0, worker: 0 }, side: "b", person: null, explained: null };
  view.title = h("h1", { id: "s77-title", tabindex: "-1" });
  view.queue = h("p.s77-queue", { hidden: true });
  view.people = h("aside.s77-people", { "aria-label": app.t("why_people"), id: "s77-levers" });
  view.story = h("main.s77-story", { "aria-labelledby": "s77-title" });
  view.reasons = h("section.s77-reasons", { id: "s77-figures", "aria-label": app.t("why_change"), tabindex: "-1" });
  append(el, [view.people, h("div.s77-ttl", { role: "region", "aria-labelledby": "s77-title" }, view.title, view.queue), view.story, view.reasons]);
  view.showSide = (side) => {
    view.side = side;
    showPerson(view);
    askWhatIf(view);
  };
  buildPeople(view);
  const queue = mountQueue(app, view.queue);
  // Another comparison makes another person of the same name: what is on screen is asked again.
  // More draws of the same comparison do not: people are those of the first.
  const again = later(() => {
    if (view.asked.people && view.comparison === comparisonKey(app)) return;
    askPeople(view);
  }, 300);
  const stops = [
    again.cancel,
    app.on("state:place", () => askPeople(view)), app.on("state:worker", () => askWorker(view)),
    app.on("state:day", () => askWorker(view)), app.on(["sides", "compare", "state:indicator"], () => paintWhyMap(view)),
    app.on(["sides", "compare"], () => { if (!app.state.worker) showNobody(view); }),
    app.on("compare", again),
    ...followKeys(app, () => view.map),
  ];
  startWhy(view);
  return mounted([() => { view.gone = true; }, ...stops, queue.destroy, view.map.destroy]);
}

function comparisonKey(app) {
  return app.compare ? app.compare.key : "";
}

/** A worker of a shared address names their commune: the place need not be given too. */
function startWhy(view) {
  const { app } = view;
  const { place, worker } = app.state;
  if (worker && !place) return app.set({ place: { kind: "commune", id: worker.slice(0, 5) } });
  askPeople(view);
}

function placeName(app, place) {
  if (!place) return "";
  return place.kind === "telecentre" ? siteName(app, place.id) : communeName(app.boot.communes, place.id);
}

// The place and its people ------------------------------------------------------------------------

function buildPeople(view) {
  const { app } = view;
  view.map = createMap(app, {
    view: createMapView(app, territoryFrame(app)), align: "xMidYMid", context: false,
    label: () => app.t("map_group"), over: () => [view.home, ...view.map.el.querySelectorAll(".s77-zoom button")],
    describe: (kind, index) => describePlace(app, app.sides.b || app.sides.a, kind, index),
    pick: (kind, index) => pickWhyPlace(view, kind, index),
  });
  view.home = h("button.s77-btn", { type: "button", onclick: () => app.set({ place: null, worker: "" }) }, `‹ ${app.label(app.boot.place)}`);
  view.placeHead = h("h2", { lang: "fr" });
  view.placeNote = h("p.s77-small", { role: "status" });
  view.dayKeys = h("ul.s77-daykeys.s77-small");
  view.list = h("ul.s77-personlist");
  view.list.addEventListener("keydown", (event) => walkPeople(event, view.list));
  view.legend = h("div.s77-whylegend");
  append(view.people, [
    h("div.s77-whymap", { id: "s77-mapplace" }, view.map.el, view.home), view.legend,
    h("div.s77-placehead", view.placeHead, view.placeNote, view.dayKeys), view.list,
  ]);
  paintWhyMap(view);
}

function walkPeople(event, list) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const buttons = [...list.querySelectorAll("button")];
  const at = buttons.indexOf(document.activeElement);
  if (!step || at < 0) return;
  event.preventDefault();
  event.stopPropagation();
  buttons[clamp(at + step, 0, buttons.length - 1)].focus();
}

function pickWhyPlace(view, kind, index) {
  const { app, map } = view;
  if (kind === "segment") return;
  const place = kind === "telecentre" ? { kind, id: map.sites[index].id } : { kind: "commune", id: app.boot.communes.code[index] };
  app.set({ place, worker: "" });
}

function paintWhyMap(view) {
  const { app, map } = view;
  const side = app.sides.b || app.sides.a;
  if (!side) return;
  const scale = scaleOf(app, app.state.indicator);
  const values = levelsAt(app, side, scale.indicator.name, { by: "year" });
  if (values) map.paint(classesOf(scale, values), scale.prefix);
  map.veil(fewRows(app));
  const riders = fieldOf(side, "segment", "peak_riders");
  const seats = fieldOf(side, "segment", "seats");
  if (riders) map.paintRails(valuesAt(side, riders, { by: "year" }), seats && valuesAt(side, seats, { by: "year" }), { rail: railOf(app, side) });
  const sites = sitesAt(app, side, { by: "year" });
  map.paintRings(sites);
  fill(view.legend, legendScale(app.fmt, scale, {
    title: capital(app.label(scale.indicator)),
    note: [app.label(side), app.t(`legend_${scale.indicator.kind}`)].join(app.fmt.colon),
  }), h("ul.s77-legmore", mapKeys(app, { side, sites })));
}

function showWhyPlace(view) {
  const { app, map } = view;
  const { place } = app.state;
  view.home.hidden = !place;
  view.el.classList.toggle("s77-noplace", !place);
  setText(view.placeHead, placeName(app, place));
  const row = place && place.kind === "commune" ? app.boot.communes.code.indexOf(place.id) : -1;
  map.select(row);
  const site = place && place.kind === "telecentre" ? (map.sites || []).find((one) => one.id === place.id) : null;
  const at = row >= 0 ? { x: app.boot.communes.x[row], y: app.boot.communes.y[row] } : site;
  if (at) map.view.to(4, at.x, at.y);
  else map.view.home();
}

/** Ask Python, dropping answers that come after another question of the same chain was asked. */
async function askWhy(view, chain, kind, args, onanswer) {
  const { app } = view;
  const asked = (view.asked[chain] += 1);
  let answer;
  try {
    answer = await app.ask(kind, args);
  } catch {
    answer = { error: { key: "why_failed" } };
  }
  if (!view.gone && asked === view.asked[chain]) onanswer(answer);
}

function askPeople(view) {
  const { app } = view;
  view.comparison = comparisonKey(app);
  const { place } = app.state;
  showWhyPlace(view);
  fill(view.list);
  fill(view.dayKeys);
  setText(view.placeNote, "");
  if (!place || place.kind === "line") return showNobody(view);
  setText(view.placeNote, app.t("why_asking"));
  if (!app.state.worker) showNobody(view);
  const kind = place.kind === "telecentre" ? "users_of_telecentre" : "workers_of_commune";
  askWhy(view, "people", kind, { [place.kind]: place.id, day: app.state.day }, (answer) => {
    if (answer.error) return setText(view.placeNote, errorText(app, answer.error));
    showPeople(view, answer);
    if (app.state.worker) askWorker(view);
  });
}

function showPeople(view, answer) {
  const { app } = view;
  const { rows = [] } = answer;
  if (!rows.length) return setText(view.placeNote, app.t(answer.kind === "users_of_telecentre" ? "why_no_user" : "why_none"));
  const drawn = app.t("why_drawn", {
    n: app.fmt.num(answer.simulated), drawn: app.fmt.num(rows.length), differing: app.fmt.num(answer.differing),
  });
  // The week of the list is one for all of them; whoever is chosen may be told by another.
  const [first] = rows[0].week;
  setText(view.placeNote, [drawn, first ? app.t("why_list_week", { monday: app.fmt.dayMonth(first.day) }) : ""].join(" "));
  fill(view.list, rows.map((row) => personItem(view, row)));
  fill(view.dayKeys, dayKeys(app, rows));
  markPerson(view);
}

function personItem(view, row) {
  const { app } = view;
  const days = row.allowance_half_days_b / 2;
  const right = row.at_home ? app.t("why_at_home") : !row.teleworkable ? app.t("why_not_teleworkable")
    : days ? app.t("why_allowance", { n: app.fmt.num(days, days % 1 ? 1 : 0) }) : app.t("why_no_allowance");
  const count = (key, n) => app.t(n === 1 ? `${key}_1` : key, { n: app.fmt.num(n) });
  const change = row.visits ? count("why_visits", row.visits) : row.days_that_differ ? count("why_days_differ", row.days_that_differ) : "";
  return h("li", h("button", {
    type: "button", dataset: { worker: row.identity }, onclick: () => app.set({ worker: row.identity }),
  }, h("span.s77-who", h("b", row[`group_${app.lang}`]), h("span.s77-small", [row[`size_${app.lang}`], right].filter(Boolean).join(", "))),
  h("span.s77-weekpatches", ["a", "b"].map((side) => h("span", row.week.map((day) => dayPatch(app, day, side)))), change ? h("small", change) : null)));
}

/** What the colours of the patches mean: those that are there. */
function dayKeys(app, rows) {
  const days = rows.flatMap((row) => row.week.flatMap((day) => [day.a, day.b]));
  const seen = new Set(days.map((plan) => (plan ? plan.kind : "off")));
  return ["office", "home", "half", "telecentre", "off"].filter((kind) => seen.has(kind)).map((kind) => h("li",
    h("i.s77-daypatch", { class: kind === "off" ? "s77-dayoff" : `s77-${kind}`, "aria-hidden": "true" }), app.t(kind === "off" ? "why_off" : `why_kind_${kind}`)));
}

/** A small named patch of a day in A or in B: colour, letter, and words for those who do not see it. */
function dayPatch(app, day, side) {
  const plan = day[side];
  const text = `${side.toUpperCase()}, ${app.fmt.weekday(day.day)}${app.fmt.colon}${plan ? app.t(`why_kind_${plan.kind}`) : app.t("why_off")}`;
  return h("i.s77-daypatch", { class: plan ? `s77-${plan.kind}` : "s77-dayoff", title: text, role: "img", "aria-label": text });
}

function markPerson(view) {
  for (const button of view.list.querySelectorAll("button")) {
    if (button.dataset.worker === view.app.state.worker) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

function showNobody(view) {
  const { app } = view;
  const place = placeName(app, app.state.place);
  setText(view.title, place ? app.t("why_title_place", { place }) : app.t("why_title"));
  fill(view.reasons);
  // Who stands on a button with the keyboard stays there when more draws arrive.
  if (!app.state.place && view.centres && view.centres.contains(document.activeElement)) return;
  view.centres = app.state.place ? null : centresToChoose(view);
  fill(view.story, h("p.s77-lead", app.t("why_start")), view.centres || placeFacts(view));
}

/** The telecentres of B, as a way to the people who use them. */
function centresToChoose(view) {
  const { app } = view;
  const side = app.sides.b || app.sides.a;
  const open = side ? sitesAt(app, side, { by: "year" }).filter((site) => site.status === "open") : [];
  if (!open.length) return null;
  const busiest = open.sort((one, other) => other.share * other.desks - one.share * one.desks);
  return h("div", h("h2", app.t("telecentres")), h("p.s77-jump", busiest.map((site) => h("button.s77-btn", {
    type: "button", lang: "fr", onclick: () => app.set({ place: { kind: "telecentre", id: site.id }, worker: "" }),
  }, siteLabel(app, site)))));
}

/** What A and B are for the place chosen, before anybody is: its values, or its use and accounts. */
function placeFacts(view) {
  const { app, map } = view;
  const { place } = app.state;
  const side = app.sides.b || app.sides.a;
  if (!place || !side) return null;
  const row = app.boot.communes.code.indexOf(place.id);
  const lines = place.kind === "telecentre"
    ? describeSite(app, (map.sites || []).find((site) => site.id === place.id))
    : row >= 0 ? describeDifference({ app }, "commune", row) : [];
  return h("div.s77-placefacts", lines.slice(1));
}

// The person ------------------------------------------------------------------------------------

function askWorker(view) {
  const { app } = view;
  const { worker, day, place } = app.state;
  markPerson(view);
  if (!worker) {
    view.asked.worker += 1;
    return showNobody(view);
  }
  view.explained = null;
  view.whatIf = {};
  const telecentre = place && place.kind === "telecentre" ? place.id : "";
  askWhy(view, "worker", "worker", { worker, day, telecentre }, (answer) => {
    if (answer.error) return showWhyError(view, answer.error, () => askWorker(view));
    view.person = answer;
    showPerson(view);
    askExplanation(view);
  });
}

function askExplanation(view) {
  const { app } = view;
  // The day of the answer, not of the state: it is the working day nearest to what was asked.
  askWhy(view, "worker", "explain", { worker: app.state.worker, day: view.person.day }, (answer) => {
    if (answer.error) return showWhyError(view, answer.error, () => askExplanation(view), view.reasons);
    view.explained = answer;
    showPerson(view);
    app.announce(view.title.textContent);
    askWhatIf(view);
  });
}

/** Last, because it takes longest: the week run again with one lever moved at a time. */
function askWhatIf(view) {
  const { app, side } = view;
  if (view.whatIf[side]) return;
  askWhy(view, "worker", "what_if", { worker: app.state.worker, day: view.person.day, side }, (answer) => {
    view.whatIf[side] = answer;
    showPerson(view);
  });
}

function showWhyError(view, error, again, place = view.story) {
  fill(place, h("p", errorText(view.app, error)), h("button.s77-btn", { type: "button", onclick: again }, view.app.t("retry")));
}

function showPerson(view) {
  const { app, person, explained } = view;
  const { person: who } = person;
  const message = explained ? explained.text[app.lang] : null;
  setText(view.title, message ? message[0] : `${who.commune}${app.fmt.colon}${who[`group_${app.lang}`]}, ${app.fmt.date(person.day)}`);
  fill(view.story,
    message ? h("div.s77-sentences", message.slice(2).map((text) => h("p", text)))
      : h("p.s77-lead.s77-mut", { role: "status" }, app.t("why_explaining")),
    weekFigure(view), jumpLine(view), view.explained ? changeFigure(view) : null, yearFigure(view),
    message ? h("details.s77-about", h("summary", app.t("why_more")), h("p.s77-small", message[1])) : null);
  fill(view.reasons, explained ? reasonsOf(view) : h("p.s77-mut", app.t("why_explaining")));
}
