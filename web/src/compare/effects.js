// The column of Compare: effects with their intervals, who wins and loses.

import { append, fill, frameOnce, h, mounted, onResize, setText } from "../core/dom.js";
import { capital } from "../core/words.js";
import { decimalsApart, decimalsFor, numberOf } from "../core/numbers.js";
import {
  differenceOf, differenceScale, drawsOf, drawsText, effectNumbers, hasComparison, headlines, isNoise,
  levelText,
} from "../state/comparison.js";
import { table } from "../widgets/table.js";
import { openDialog } from "../widgets/dialog.js";
import { segmented } from "../widgets/segmented.js";
import { effectMark } from "../charts/marks.js";
import { bars, barWithInterval } from "../charts/bars.js";
import { fitClaims, openAllClaims, showClaims } from "./claims.js";

/** Mount the column in an element; returns {destroy}. */
export function mountEffects(app, el) {
  const column = { app, el, unpaired: false, by: "groups", claims: h("ul.s77-claims"), few: [] };
  column.list = h("div.s77-efflist");
  column.note = h("p.s77-small");
  column.pairing = h("button.s77-link.s77-small", { type: "button", "aria-pressed": "false", onclick: () => togglePairing(column) }, app.t("cmp_unpaired"));
  column.winners = h("div.s77-winners");
  column.tabs = segmented(app.t("cmp_who_wins"), [
    ["groups", app.t("cmp_by_group")], ["deciles", app.t("cmp_by_decile")], ["communes", app.t("cmp_by_commune")],
  ], (by) => {
    column.by = by;
    showWinners(column);
  });
  column.winHead = h("p.s77-small");
  column.allClaims = h("button.s77-link.s77-small.s77-totable", { type: "button", onclick: () => openAllClaims(app) });
  const fit = frameOnce(() => fitClaims(column));
  const all = h("button.s77-link.s77-small", { type: "button", onclick: () => openAllEffects(app) }, app.t("table"));
  append(el, [
    h("div.s77-fighead", h("h2", app.t("cmp_effects")), h("span.s77-totable", all)), column.list,
    h("div.s77-effnote", column.note, column.pairing),
    h("div.s77-fighead.s77-winhead", h("h2", app.t("cmp_who_wins")), column.tabs.el), column.winHead, column.winners,
    h("div.s77-fighead.s77-claimhead", h("h2", app.t("cmp_claims")), column.allClaims), column.claims,
  ]);
  const draw = () => {
    showEffects(column);
    showWinners(column);
    showClaims(column);
  };
  draw();
  const stops = [
    onResize(el, () => fitClaims(column)),
    app.on("compare", () => { draw(); fit(); }), app.on("phase", () => {
      setText(column.note, hasComparison(app) ? drawsText(app) : "");
      if (drawsOf(app) < 2) showClaims(column);
    }),
    app.on(["state:indicator", "state:by", "sides"], frameOnce(() => showWinners(column))),
  ];
  return mounted(stops);
}

function showEffects(column) {
  const { app } = column;
  const effects = hasComparison(app) ? app.compare.effects : [];
  const rows = headlines(app, effects);
  fill(column.list, rows.map((effect, at) => effectRow(column, effect, at === 0)));
  setText(column.note, hasComparison(app) ? drawsText(app) : "");
  column.pairing.hidden = drawsOf(app) < 2;
}

export function effectRow(column, effect, first = false) {
  const { app } = column;
  const told = effectNumbers(app, effect);
  const noise = isNoise(effect);
  const interval = told.known ? app.fmt.interval(told.low, told.high, told.decimals, true) : "";
  return h("div.s77-eff", { class: noise ? "s77-innoise" : "" },
    h("p.s77-efflabel", capital(app.label(effect))),
    h("p.s77-effvalue", h("b", app.fmt.signed(told.diff, told.decimals)), told.unit ? h("small", ` ${told.unit}`) : null, h("span.s77-effint", interval), noise ? h("span.s77-sr", `, ${app.t("cmp_noise")}`) : null),
    effectMark({
      value: told.diff, low: told.low, high: told.high, noise, word: noise ? app.t("cmp_noise_short") : "", zero: first ? "0" : "",
      free: column.unpaired ? ["unpaired_low", "unpaired_high"].map((key) => numberOf(effect[key]) * told.factor) : [],
    }));
}

function togglePairing(column) {
  column.unpaired = !column.unpaired;
  column.pairing.setAttribute("aria-pressed", String(column.unpaired));
  setText(column.pairing, column.app.t(column.unpaired ? "cmp_paired_only" : "cmp_unpaired"));
  showEffects(column);
  if (column.unpaired && column.app.compare.times_wider) {
    setText(column.note, `${drawsText(column.app)} ${column.app.t("cmp_times_wider", { n: column.app.fmt.num(column.app.compare.times_wider, column.app.compare.times_wider < 10 ? 1 : 0) })}`);
  }
}

function openAllEffects(app) {
  if (!hasComparison(app)) return;
  const rows = app.compare.effects.map((effect) => ({ ...effect, label: capital(app.label(effect)), told: effectNumbers(app, effect) }));
  const level = (key) => ({ key, label: key.toUpperCase(), numeric: true, text: (row) => levelText(app, row, key, row.told.factor) });
  openDialog(app, app.t("cmp_effects"), table([
    { key: "label", label: app.t("indicator") },
    level("a"), level("b"),
    { key: "diff", label: "B − A", numeric: true, text: (row) => app.fmt.withUnit(row.told.diff, row.told.unit, row.told.decimals, true) },
    { key: "low", label: app.t("cmp_interval"), numeric: true, text: (row) => (row.told.known ? app.fmt.interval(row.told.low, row.told.high, row.told.decimals, true) : "–") },
    { key: "noise", label: app.t("cmp_sure"), sort: (row) => Number(isNoise(row)), text: (row) => (isNoise(row) ? app.t("cmp_noise") : row.nothing ? app.t("cmp_nothing") : row.told.known ? app.t("cmp_clear") : "–") },
  ], rows, { caption: app.t("cmp_effects") }), { wide: true });
}

// Winners and losers ------------------------------------------------------------------------------

function showWinners(column) {
  const { app } = column;
  column.tabs.show(column.by);
  if (!hasComparison(app)) return fill(column.winners);
  const scale = differenceScale(app);
  const found = { groups: groupRows, deciles: decileRows, communes: communeRows }[column.by](app, scale);
  const unit = found.unit ?? scale.unit;
  const good = found.good ?? scale.indicator.good;
  const key = good < 0 ? "cmp_who_wins_less" : good > 0 ? "cmp_who_wins_more" : "cmp_who_wins_of";
  setText(column.winHead, app.t(key, { what: found.what || capital(app.label(scale.indicator)), unit: unit ? `, ${unit}` : "" }));
  const rows = good < 0 ? found.rows.map(turned) : found.rows;
  fill(column.winners, rows.length ? gainBars(app, rows, good) : h("p.s77-small", app.t("cmp_no_loser_named")));
}

/** A change the other way round: what is less where less is better is a gain, and a gain is above zero. */
function turned(row) {
  return { ...row, value: -row.value, low: -row.high, high: -row.low };
}

/** Gains and losses, or mere changes, as bars; what chance may have made is hollow. */
function gainBars(app, rows, good) {
  // One number of decimals for the list, from its largest bar: figures to compare must line up. What chance may
  // have made needs not be told apart; of one draw nobody knows what that is.
  const isKnown = (row) => Number.isFinite(row.low) && Number.isFinite(row.high);
  const byChance = (row) => isKnown(row) && row.low <= 0 && row.high >= 0 && row.value !== 0;
  const largest = Math.max(...rows.map((row) => Math.abs(row.value || 0)));
  const clear = rows.filter((row) => isKnown(row) && !byChance(row)).map((row) => row.value || 0);
  const half = Math.max(...rows.filter(isKnown).map((row) => (row.high - row.low) / 2));
  const finest = clear.length || !(half > 0) ? 5 : decimalsFor(half, 5, 2);
  const decimals = decimalsApart(clear, decimalsFor(largest, finest, 2));
  return bars(rows.map((row) => {
    const known = isKnown(row), noise = byChance(row);
    const kind = noise ? "noise" : !good ? "share" : row.value >= 0 ? "gain" : "loss";
    const text = app.fmt.signed(row.value, decimals);
    return {
      label: row.label, lang: row.lang, marks: barWithInterval(kind, row),
      value: noise ? h("span.s77-mut", text, h("span.s77-sr", `, ${app.t("cmp_noise")}`)) : text,
      valueTitle: known ? app.fmt.interval(row.low, row.high, decimals, true) : null,
    };
  }));
}

function groupRows(app, scale) {
  const rows = app.compare.groups.filter((row) => row.indicator === scale.indicator.name).map((row) => ({
    label: app.label(row), value: row.diff * scale.factor, low: numberOf(row.low) * scale.factor, high: numberOf(row.high) * scale.factor,
  }));
  return { rows };
}

/**
 * Deciles are of the commute: the first tenth are those who live nearest to their work. As in the other lists a
 * row is B − A: minutes of travel, fewer of which are better.
 */
function decileRows(app) {
  const rows = app.compare.deciles.map((row) => ({
    label: app.t("cmp_decile", { n: row.decile_of_commute, minutes: app.fmt.num(row.commute_min) }),
    value: -numberOf(row.gain_min_per_day), low: -numberOf(row.high), high: -numberOf(row.low),
  }));
  return { rows, good: -1, unit: "", what: app.t("cmp_minutes_by_decile") };
}

/** The communes that surely win and lose most. */
function communeRows(app, scale) {
  const layer = differenceOf(app);
  if (!layer || !layer.exact) return { rows: [] };
  const named = [...layer.above, ...[...layer.below].reverse()];
  // Whoever gains comes first.
  return { rows: (scale.indicator.good < 0 ? named.reverse() : named).map((row) => ({
    label: app.boot.communes.name[row], lang: "fr", value: numberOf(layer.diff[row]) * scale.factor,
    low: numberOf(layer.low[row]) * scale.factor, high: numberOf(layer.high[row]) * scale.factor,
  })) };
}
