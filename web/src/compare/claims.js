// Claims of others with verdicts.

import { fill, h, setText } from "../core/dom.js";
import { NARROW } from "../core/format.js";
import { capital } from "../core/words.js";
import { drawsOf, hasComparison, isProvisional } from "../state/comparison.js";
import { openDialog } from "../widgets/dialog.js";
import { verdictMark } from "../charts/marks.js";

/** A few claims of each verdict stay on the page; all of them are one click away. */
export function showClaims(column) {
  const { app } = column;
  const claims = hasComparison(app) ? app.compare.claims : [];
  column.allClaims.hidden = !claims.length;
  setText(column.allClaims, app.t("cmp_claims_all", { n: claims.length }));
  const seen = {};
  const ranked = claims.map((claim) => [(seen[claim.verdict] = (seen[claim.verdict] || 0) + 1), claim]);
  // One of each verdict first: those are the last to go where there is little room.
  const few = [1, 2].flatMap((rank) => ranked.filter(([at]) => at === rank).map(([, claim]) => claim));
  column.few = few.map((claim) => claimItem(app, claim));
  fill(column.claims, claims.length ? column.few : h("li", h("p.s77-small", noClaimsText(app))));
}

/** Say why there is no verdict. */
export function noClaimsText(app) {
  if (drawsOf(app) > 1) return app.t("cmp_claims_none");
  return app.t(isProvisional(app) ? "cmp_claims_later" : "cmp_claims_one_draw");
}

/** Leave as many claims as the column can show whole: a projector's screen does not scroll. */
export function fitClaims({ el, claims, few }) {
  if (!few.length) return;
  fill(claims, few);
  while (claims.childElementCount > 1 && el.scrollHeight > el.clientHeight + 1) claims.lastChild.remove();
}

export function openAllClaims(app) {
  openDialog(app, app.t("cmp_claims"), h("ul.s77-claims", app.compare.claims.map((claim) => claimItem(app, claim, true))), { wide: true });
}

export function claimItem(app, claim, full = false) {
  const [by, source, short, whole] = ["whose", "source", "found", "text"].map((key) => app.label({ fr: claim[`${key}_fr`], en: claim[`${key}_en`] }));
  const whose = [by, source, source.includes(claim.year) ? "" : claim.year].filter(Boolean).join(", ");
  const found = sentence(full ? whole : short);
  return h("li", verdictMark(claim.verdict), h("p", { title: full ? null : [whole, whose].filter(Boolean).join(" – ") },
    quoted(app, app.label(claim)), " ", h("b", `${claim[`verdict_${app.lang}`]}.`), found ? ` ${found}` : "",
    full && whose ? h("span.s77-diffnote", whose) : null));
}

/** A text as one sentence more. */
function sentence(text) {
  return text && `${capital(text)}${/[.!?]$/.test(text) ? "" : "."}`;
}

function quoted(app, text) {
  return app.fmt.french ? `«${NARROW}${text}${NARROW}»` : `“${text}”`;
}
