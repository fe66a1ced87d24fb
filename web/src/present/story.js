// Stories and their scenes as data and as words.

import { h } from "../core/dom.js";
import { decimalsFor, numberOf } from "../core/numbers.js";
import { effectNumbers, hasComparison, isNoise, levelText } from "../state/comparison.js";

// The story -----------------------------------------------------------------------------------

/** Stories of the page: those made here first, then those that came with the app. */
export function storiesOf(app) {
  return [...(app.drafts || []), ...(app.boot.stories || []).filter((story) => !(app.drafts || []).some((draft) => draft.name === story.name))];
}

export function storyOf(show) {
  const all = storiesOf(show.app);
  return all.find((story) => story.name === show.app.state.story) || all[0] || null;
}

export function scenesOf(show) {
  const story = storyOf(show);
  return story ? story.scenes || [] : [];
}

export function sceneAt(show) {
  return scenesOf(show)[show.app.state.scene || 0] || null;
}

/** The scene as Python tells it, its figures filled in; a draft of this page tells itself. */
export function sceneText(show, scene) {
  const { app } = show;
  const told = app.model.get("scene");
  const story = storyOf(show);
  const fits = told && story && told.story === story.name && told.scene === (app.state.scene || 0);
  return fits && !(app.drafts || []).includes(story) ? { ...scene, ...told } : scene;
}

/** A text of a scene in the page's language, its numbers taken from the comparison. */
export function textOf(app, both) {
  return app.label(both).replace(/\{(\w+)(?::(\w+)(%?))?\}/g, (_whole, what, name) => storyNumber(app, what, name, app.label(both)) ?? "…");
}

/** The figure that a name in braces stands for; Python knows more of them (`story_figures`). */
function storyNumber(app, what, name, text) {
  if (!hasComparison(app)) return null;
  const { transitions, effects, days, seeds } = app.compare;
  const alone = { changed: transitions.changed, stay: transitions.stay, workers: transitions.changed + transitions.stay, days, seeds: seeds.length };
  if (what in alone) return app.fmt.num(alone[what]);
  const effect = effects.find((one) => one.name === name);
  if (!effect) return null;
  const told = effectNumbers(app, effect);
  if (what === "effect") return app.fmt.signed(told.diff, told.decimals);
  if (what === "size") return app.fmt.num(Math.abs(told.diff), told.decimals);
  if (what === "interval" && told.known) return app.fmt.interval(told.low, told.high, told.decimals, true);
  if ((what === "low" || what === "high") && told.known) return app.fmt.signed(told[what], told.decimals);
  if (what === "noise") return isNoise(effect) ? app.t("cmp_noise") : "";
  if (what === "a" || what === "b") {
    // Only a text that names both levels must tell them apart.
    if (["a", "b"].every((side) => [`{${side}:${name}}`, `{${side}:${name}%}`].some((named) => text.includes(named)))) return levelText(app, effect, what, told.factor);
    const level = numberOf(effect[what]) * told.factor;
    return app.fmt.num(level, decimalsFor(level, 3, 3));
  }
  return null;
}

export function paragraphsOf(text) {
  return text.split(/\n\s*\n/).map((one) => one.trim()).filter(Boolean);
}

/** "*word*" is coloured; nothing else is markup, and no text becomes HTML. */
export function markedUp(text) {
  return text.split(/\*([^*\n]+)\*/).map((part, at) => (at % 2 ? h("em.s77-key", part) : part));
}
