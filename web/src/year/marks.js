// What both charts of the year carry: the months, and dated policies as flags.

import { flagsOf, monthNames } from "../charts/days.js";

export function yearMarks(app, frame, side) {
  const policies = side.policies || [];
  // One flag a date: of several policies the first is named, and how many come with it.
  const flags = [...new Set(policies.map(({ date }) => date))].map((date) => {
    const texts = policies.filter((policy) => policy.date === date).map((policy) => app.label(policy));
    const more = texts.length > 1 ? ` + ${texts.length - 1}` : "";
    return { date, text: `${texts[0]}${more}`, title: `${app.fmt.dateShort(date)}${app.fmt.colon}${texts.join(", ")}` };
  });
  const size = parseFloat(getComputedStyle(app.root).fontSize);
  return [monthNames(app.fmt, frame, side), flagsOf(frame, side, flags, size)];
}
