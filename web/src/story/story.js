// Stories and their scenes as data and as words.

import { h } from "../core/dom.js";
import { effectDecimals, numberOf, placesFor } from "../core/numbers.js";
import { hasComparison, isNoise, levelText } from "../state/comparison.js";

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
  return app.label(both).replace(/\{(\w+)(?::(\w+)(%?))?\}/g, (_whole, what, name, percent) => storyNumber(app, what, name, percent, app.label(both)) ?? "…");
}

/**
 * The figure that a name in braces stands for, rounded as Python does, which knows more of them (`story_figures`).
 * In the unit of the indicator, which the text names: not in that which suits a table.
 */
function storyNumber(app, what, name, percent, text) {
  if (!hasComparison(app)) return null;
  const { transitions, effects, days, seeds } = app.compare;
  const alone = { changed: transitions.changed, stay: transitions.stay, workers: transitions.changed + transitions.stay, days, seeds: seeds.length };
  const digits = { changed: 2, stay: 3 };
  if (what in alone) return app.fmt.num(alone[what], what in digits ? placesFor(alone[what], digits[what]) : 0);
  const effect = effects.find((one) => one.name === name);
  if (!effect) return null;
  const factor = percent ? 100 : 1;
  const unit = percent ? app.fmt.percentSign : "";
  const [diff, low, high] = [effect.diff, effect.low, effect.high].map((one) => numberOf(one) * factor);
  const known = Number.isFinite(low) && Number.isFinite(high);
  const decimals = effectDecimals(diff, low, high);
  if (what === "effect") return app.fmt.signed(diff, decimals) + unit;
  if (what === "size") return app.fmt.num(Math.abs(diff), Math.max(decimals, 0)) + unit;
  if (what === "interval" && known) return app.fmt.interval(low, high, decimals, true);
  if ((what === "low" || what === "high") && known) return app.fmt.signed({ low, high }[what], decimals) + unit;
  if (what === "noise") return isNoise(effect) ? app.t("cmp_noise") : "";
  if (what === "a" || what === "b") {
    // Only a text that names both levels must tell them apart.
    if (["a", "b"].every((side) => [`{${side}:${name}}`, `{${side}:${name}%}`].some((named) => text.includes(named)))) return levelText(app, effect, what, factor) + unit;
    const level = numberOf(effect[what]) * factor;
    return app.fmt.num(level, placesFor(level, 3)) + unit;
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
