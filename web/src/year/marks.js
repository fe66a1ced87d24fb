// What both charts of the year carry: the months, and dated policies as flags.

import { flagsOf, monthNames } from "../charts/days.js";

export function yearMarks(app, frame, side) {
  const flags = (side.policies || []).map((policy) => {
    const text = app.label(policy);
    return { date: policy.date, text, title: `${app.fmt.dateShort(policy.date)}${app.fmt.colon}${text}` };
  });
  const size = parseFloat(getComputedStyle(app.root).fontSize);
  return [monthNames(app.fmt, frame, side), flagsOf(frame, side, flags, size)];
}
