// Playback of the days already in the browser, and steps of a day.

import { dayIndexOf } from "../state/sides.js";

export const SPEEDS = [1, 5, 20];

export function togglePlay(app) {
  if (app.playing) stopPlay(app);
  else startPlay(app);
}

/**
 * Play the days already in the browser: the server is not asked anything. The frames a second
 * that were reached are left in root.dataset.fps, for tests and the measuring script.
 */
function startPlay(app) {
  const side = app.sides.b || app.sides.a;
  if (!side) return;
  if (app.state.by === "year") app.set({ by: "day" });
  // Vestibular safety: with reduced motion, one step a second, a week at a time.
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  app.playing = true;
  app.emit("playing");
  let last = performance.now();
  let due = 0;
  let counted = { frames: 0, since: last };
  const frame = (now) => {
    if (!app.playing || !app.root.isConnected) return;
    due += ((now - last) / 1000) * (calm ? 1 : app.state.speed);
    last = now;
    counted = countFrame(app, counted, now);
    if (due >= 1) {
      // A slow browser skips days rather than falling behind.
      const steps = Math.min(Math.floor(due), 20);
      due -= Math.floor(due);
      if (!stepDay(app, calm ? 5 : steps, { quiet: true })) return stopPlay(app);
    }
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

function countFrame(app, { frames, since }, now) {
  if (now - since < 1000) return { frames: frames + 1, since };
  app.root.dataset.fps = ((1000 * (frames + 1)) / (now - since)).toFixed(1);
  return { frames: 0, since: now };
}

function stopPlay(app) {
  app.playing = false;
  app.emit("playing");
  // Tell Python and the screen reader where playback ended, once.
  app.pending.day = app.state.day;
  app.push();
  app.emit("told");
}

/** Go forward or back by simulated days; false at the end of the year. */
export function stepDay(app, by, options = {}) {
  const side = app.sides.b || app.sides.a;
  if (!side) return false;
  if (app.state.by === "year") app.set({ by: "day" });
  const at = dayIndexOf(app, side);
  const next = app.state.by === "typical week" ? nextInWeek(side, at, by) : at + by;
  if (next >= side.days.length) {
    if (at === side.days.length - 1) return false;
    app.set({ day: side.days[side.days.length - 1] }, options);
    return true;
  }
  app.set({ day: side.days[Math.max(0, next)] }, options);
  return true;
}

/** In a typical week, days turn from Friday back to Monday. */
function nextInWeek(side, at, by) {
  const wanted = (side.weekdays[at] + (by > 0 ? 1 : 4)) % 5;
  const near = [...Array(9).keys()].map((offset) => at - 4 + offset);
  const found = near.find((day) => side.weekdays[day] === wanted);
  return found === undefined ? at : found;
}
