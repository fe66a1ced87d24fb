// The year: a line by day, a weekday × week grid, dated policies; date, playback and its modes.

const SPEEDS = [1, 5, 20];

/** Mount the strip in an element; returns {destroy}. */
function mountYear(app, el) {
  const strip = { app, el };
  drawPlayBar(strip);
  strip.chart = s("svg.s77-cal", { role: "img" });
  strip.slider = h("input.s77-dateslider", { type: "range", "aria-label": app.t("date") });
  strip.slider.addEventListener("input", () => pickDate(strip, Number(strip.slider.value)));
  strip.box = h("div.s77-calbox", strip.chart, strip.slider);
  append(el, [strip.bar, strip.more, strip.box]);
  addDragOnYear(strip);
  const watcher = new ResizeObserver(() => drawYear(strip));
  watcher.observe(strip.box);
  const stops = [
    app.on(["sides", "compare", "state:indicator"], () => drawYear(strip)),
    app.on(["state:day", "state:by", "sides"], () => moveCursor(strip)),
    app.on(["state:by", "state:speed", "state:levers", "state:sites", "levers", "playing"], () => showPlayBar(strip)),
  ];
  // The chart waits for the observer, which comes with the first layout and needs no second one.
  moveCursor(strip);
  showPlayBar(strip);
  return {
    destroy: () => {
      watcher.disconnect();
      stops.forEach((stop) => stop());
    },
  };
}

// Play bar ---------------------------------------------------------------------------------------

function drawPlayBar(strip) {
  const { app } = strip;
  strip.playIcon = s("path", { d: "" });
  strip.play = h("button.s77-pp", { type: "button", onclick: () => togglePlay(app) },
    s("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, strip.playIcon));
  strip.date = h("span.s77-date-now", { role: "status", "aria-live": "off" });
  // Twice: in the bar, and on a phone, where the bar has no room for them, above the chart.
  const speeds = (where) => segmented(app, app.t("speed"),
    SPEEDS.map((speed) => [speed, app.t("days_per_second", { n: speed })]), (speed) => app.set({ speed }), where);
  const modes = (where) => segmented(app, app.t("moment"), [
    ["day", app.t("by_day")], ["typical week", app.t("by_week")], ["year", app.t("by_year")],
  ], (by) => app.set({ by }), where);
  strip.speeds = [speeds("s77-x"), speeds("")];
  strip.modes = [modes("s77-x"), modes("")];
  strip.legend = h("span.s77-small.s77-x.s77-yearlegend");
  strip.shadekey = h("span.s77-small.s77-x.s77-shadekey", { "aria-hidden": "true" });
  strip.levers = h("button.s77-btn.s77-only-s", { type: "button", onclick: () => app.emit("sheet") });
  const step = (sign, key, by, where = "s77-x") => h("button.s77-btn.s77-step", {
    type: "button", "aria-label": app.t(key), title: app.t(key), class: where, onclick: () => stepDay(app, by),
  }, sign);
  strip.more = h("div.s77-yearmore", step("‹", "day_before", -1, ""), step("›", "day_after", 1, ""), strip.modes[1].el, strip.speeds[1].el);
  strip.bar = h("div.s77-play",
    step("‹", "day_before", -1), strip.play, step("›", "day_after", 1), strip.date,
    strip.speeds[0].el, strip.modes[0].el, h("span.s77-grow.s77-x"), strip.legend, strip.shadekey, app.stored ? null : strip.levers);
}

function showPlayBar(strip) {
  const { app } = strip;
  const label = app.t(app.playing ? "pause" : "play");
  strip.play.setAttribute("aria-label", label);
  strip.play.title = label;
  strip.playIcon.setAttribute("d", app.playing ? "M3 1h4v14h-4zM9 1h4v14h-4z" : "M3 1l11 7-11 7z");
  strip.speeds.forEach((one) => one.show(app.state.speed));
  strip.modes.forEach((one) => one.show(app.state.by));
  setText(strip.levers, app.t("levers_n", { n: app.fmt.num(changedCount(app)) }));
}

// Playback ---------------------------------------------------------------------------------------

function togglePlay(app) {
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
function stepDay(app, by, options = {}) {
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

// Chart ------------------------------------------------------------------------------------------

/** Lay out the strip in pixels, so that text keeps its size whatever the width. */
function yearFrame(strip, side) {
  const width = strip.box.clientWidth;
  const height = strip.box.clientHeight;
  const first = dayNumberOf(side.days[0]) - side.weekdays[0];
  const last = dayNumberOf(side.days[side.days.length - 1]);
  const weeks = Math.floor((last - first) / 7) + 1;
  const left = 46;
  const wide = width - left - 14;
  const rows = clamp((height - 20) * 0.1, 7, 14);
  const gridTop = height - 17 - 5 * (rows + 1);
  return { width, height, first, weeks, left, wide, rows, gridTop, top: 16, bottom: gridTop - 7,
    x: (day) => left + (wide * (dayNumberOf(day) - first + 0.5)) / (7 * weeks) };
}

function drawYear(strip) {
  const { app, chart, slider } = strip;
  const side = app.sides.b || app.sides.a;
  if (!side || strip.box.clientWidth < 200 || strip.box.clientHeight < 60) return;
  const frame = yearFrame(strip, side);
  strip.frame = frame;
  const scale = scaleOf(app, app.state.indicator);
  chart.setAttribute("viewBox", `0 0 ${frame.width} ${frame.height}`);
  chart.setAttribute("aria-label", app.t("year_chart", { indicator: app.label(scale.indicator) }));
  const series = ["a", "b"].map((name) => [name, dailySeries(app, app.sides[name], scale)]).filter(([, values]) => values);
  strip.shades = gridShades(series.map(([, values]) => values));
  const range = axisRange(series.map(([, values]) => values));
  const y = (value) => frame.bottom - ((frame.bottom - frame.top) * (value - range.low)) / (range.high - range.low);
  strip.cursor = s("line.s77-cursor", { y1: 2, y2: frame.height - 16 });
  strip.cell = s("rect.s77-cellnow", { width: frame.wide / frame.weeks, height: frame.rows + 1 });
  fill(chart,
    range.ticks.map((value, at) => axisLine(app, frame, y(value), value, scale, at === range.ticks.length - 1)),
    drawGrid(strip, frame, side, scale), drawMonths(app, frame, side), drawFlags(app, frame, side),
    series.map(([name, values]) => drawLine(frame, app.sides[name], values, y, name)),
    strip.cell, strip.cursor);
  slider.min = frame.first;
  slider.max = frame.first + 7 * frame.weeks - 1;
  slider.style.left = `${frame.left}px`;
  slider.style.width = `${frame.wide}px`;
  slider.style.height = `${frame.gridTop}px`;
  showYearLegend(strip, scale);
  moveCursor(strip);
}

/** The whole-département values by day in shown units, or null. */
function dailySeries(app, side, scale) {
  const field = fieldOf(side, "day", scale.indicator.name);
  if (!field) return null;
  return Float32Array.from({ length: field.days }, (_, day) => valueAt(field, day) * scale.factor);
}

/** From zero where that costs little; the strip shows rhythm, and says its numbers. */
function axisRange(all) {
  const values = all.flatMap((one) => [...one]).filter(Number.isFinite);
  if (!values.length) return { low: 0, high: 1, ticks: [] };
  const low = Math.min(...values);
  const high = Math.max(...values);
  const room = (high - low || Math.abs(high) || 1) * 0.12;
  const from = low >= 0 && low < 0.6 * high ? 0 : low - room;
  return { low: from, high: high + room, ticks: ticks(from, high + room, 2) };
}

function axisLine(app, frame, y, value, scale, withUnit) {
  if (y < 8 || y > frame.bottom + 1) return null;
  const text = app.fmt.num(value, decimalsOf([value], 2)) + (withUnit && scale.unit === "%" ? app.fmt.percentSign : "");
  return [
    s("line.s77-grid", { x1: frame.left, x2: frame.left + frame.wide, y1: y, y2: y }),
    s("text.s77-t3", { x: frame.left - 6, y: y + 4, "text-anchor": "end" }, text),
  ];
}

/** By day thin, by week strong: the week's rhythm must not hide the season's. */
function drawLine(frame, side, values, y, name) {
  const weekly = new Map();
  side.days.forEach((day, at) => {
    const week = Math.floor((dayNumberOf(day) - frame.first) / 7);
    if (!weekly.has(week)) weekly.set(week, []);
    if (Number.isFinite(values[at])) weekly.get(week).push(values[at]);
  });
  const middle = (week) => frame.left + (frame.wide * (week + 0.36)) / frame.weeks;
  const points = [...weekly].filter(([, list]) => list.length).map(([week, list]) =>
    `${middle(week).toFixed(1)},${y(list.reduce((sum, one) => sum + one, 0) / list.length).toFixed(1)}`);
  const daily = side.days.map((day, at) => [frame.x(day), values[at]]).filter(([, value]) => Number.isFinite(value))
    .map(([x, value]) => `${x.toFixed(1)},${y(value).toFixed(1)}`);
  const last = points.length ? points[points.length - 1].split(",").map(Number) : null;
  return [
    name === "b" ? s("polyline.s77-daily", { points: daily.join(" ") }) : null,
    s(`polyline.s77-week-${name}`, { points: points.join(" ") }),
    last && name === "b" ? s("text.s77-blabel", { x: frame.width - 11, y: last[1] + 4 }, "B") : null,
  ];
}

/**
 * The grid has its own shades, of another ramp than the map's: means of a whole département vary
 * far less than its communes, and would all fall into one class.
 */
function gridShades(all) {
  const values = all.flatMap((one) => [...one]).filter(Number.isFinite).sort((one, two) => one - two);
  if (!values.length) return { low: 0, high: 1, of: () => -1 };
  const at = (part) => values[Math.round(part * (values.length - 1))];
  const [low, high] = [at(0.02), at(0.98)];
  const of = (value) => (Number.isFinite(value) ? clamp(Math.floor((6 * (value - low)) / (high - low || 1)), 0, 5) : -1);
  return { low, high, of };
}

function drawGrid(strip, frame, side, scale) {
  const { app } = strip;
  const field = fieldOf(side, "day", scale.indicator.name);
  const cellWidth = frame.wide / frame.weeks;
  const shades = strip.shades;
  const cells = side.days.map((day, at) => {
    const week = Math.floor((dayNumberOf(day) - frame.first) / 7);
    if (side.weekdays[at] > 4) return null;
    const kind = field ? shades.of(valueAt(field, at) * scale.factor) : -1;
    return s("rect", {
      class: kind < 0 ? "s77-none" : `s77-g${kind}`, "data-day": at,
      x: (frame.left + week * cellWidth + 0.5).toFixed(1), y: frame.gridTop + side.weekdays[at] * (frame.rows + 1),
      width: Math.max(1, cellWidth - 1).toFixed(1), height: frame.rows,
    });
  });
  const holidays = (side.holidays || []).map((day) => {
    const week = Math.floor((dayNumberOf(day) - frame.first) / 7);
    const weekday = weekdayOf(day);
    if (weekday > 4 || week < 0 || week >= frame.weeks) return null;
    return s("rect.s77-holiday", {
      x: (frame.left + week * cellWidth + 1).toFixed(1), y: frame.gridTop + weekday * (frame.rows + 1) + 0.5,
      width: Math.max(1, cellWidth - 2).toFixed(1), height: frame.rows - 1,
    });
  });
  const names = [0, 2, 4].map((weekday) => s("text.s77-t2", {
    x: frame.left - 6, y: frame.gridTop + weekday * (frame.rows + 1) + frame.rows - 0.5, "text-anchor": "end",
  }, app.fmt.weekdayShort(weekday)));
  return s("g", cells, holidays, names);
}

function drawMonths(app, frame, side) {
  const seen = new Set();
  let free = 0;
  return side.days.map((day) => {
    const month = day.slice(0, 7);
    if (seen.has(month)) return null;
    seen.add(month);
    const x = frame.x(day);
    if (x < free || x > frame.width - 26) return null;
    free = x + 44;
    return s("text.s77-t2", { x: x.toFixed(0), y: frame.height - 4 }, app.fmt.monthShort(Number(month.slice(5)) - 1));
  });
}

/** Dated policies as flags; names that would touch are left to their title. */
function drawFlags(app, frame, side) {
  let free = frame.left - 20;
  const size = parseFloat(getComputedStyle(app.root).fontSize);
  const letter = 0.48 * size;
  const shown = (side.policies || []).filter((one) => one.date > side.days[0] && one.date <= side.days[side.days.length - 1]);
  return [...shown].sort((one, two) => one.date.localeCompare(two.date)).map((policy) => {
    const x = frame.x(policy.date);
    const text = app.label(policy);
    const wide = letter * text.length;
    const onLeft = x + wide > frame.width - 10;
    const start = onLeft ? x - wide : x;
    const room = start > free;
    if (room) free = start + wide + 14;
    return [
      s("line.s77-flag", { x1: x, x2: x, y1: 4, y2: frame.height - 17 }, s("title", `${app.fmt.dateShort(policy.date)} : ${text}`)),
      room ? s("text.s77-t2", { x: onLeft ? x - 5 : x + 5, y: Math.max(12, 0.8 * size), "text-anchor": onLeft ? "end" : "start" }, text) : null,
    ];
  });
}

function showYearLegend(strip, scale) {
  const { app } = strip;
  const name = (side) => (app.sides[side] ? app.label(app.sides[side]) : "");
  fill(strip.legend, `${app.label(scale.indicator)}${scale.unit ? `, ${scale.unit}` : ""}${app.fmt.french ? NARROW : ""}: `,
    app.sides.b ? h("b.s77-isb", `— ${name("b")}${app.sides.a ? " (B)" : ""}`) : null, app.sides.a ? h("span.s77-mut", `, - - ${name("a")} (A)`) : null);
  const { low, high } = strip.shades;
  const decimals = decimalsFor(high, 3, 2);
  fill(strip.shadekey, app.fmt.num(low, decimals), [0, 1, 2, 3, 4, 5].map((kind) => h(`i.s77-g${kind}`)),
    app.fmt.withUnit(high, scale.unit === "%" ? "%" : "", decimals));
}

/** Move the cursor and the date: all that a frame of playback changes here. */
function moveCursor(strip) {
  const { app, frame, slider } = strip;
  const side = app.sides.b || app.sides.a;
  if (!side) return;
  setText(strip.date, momentText(app, side));
  if (!frame) return;
  const at = dayIndexOf(app, side);
  const day = side.days[at];
  const x = frame.x(day).toFixed(1);
  strip.cursor.setAttribute("transform", `translate(${x} 0)`);
  const week = Math.floor((dayNumberOf(day) - frame.first) / 7);
  strip.cell.setAttribute("x", (frame.left + (week * frame.wide) / frame.weeks).toFixed(1));
  strip.cell.setAttribute("y", frame.gridTop - 0.5 + side.weekdays[at] * (frame.rows + 1));
  strip.chart.classList.toggle("s77-whole", app.state.by === "year");
  slider.value = dayNumberOf(day);
  slider.setAttribute("aria-valuetext", app.fmt.date(day));
}

/** Go to the simulated day nearest to a day number. */
function pickDate(strip, number) {
  const { app } = strip;
  const side = app.sides.b || app.sides.a;
  const now = dayIndexOf(app, side);
  const nearest = side.days.reduce((best, day, at) =>
    Math.abs(dayNumberOf(day) - number) < Math.abs(dayNumberOf(side.days[best]) - number) ? at : best, 0);
  // An arrow key over a week-end must still move on.
  const aim = nearest === now && number !== dayNumberOf(side.days[now]) ? now + Math.sign(number - dayNumberOf(side.days[now])) : nearest;
  app.set({ day: side.days[clamp(aim, 0, side.days.length - 1)], by: app.state.by === "year" ? "day" : app.state.by });
}

function addDragOnYear(strip) {
  const { app, chart } = strip;
  chart.addEventListener("click", (event) => {
    const cell = event.target.closest("[data-day]");
    const side = app.sides.b || app.sides.a;
    if (cell && side) app.set({ day: side.days[Number(cell.dataset.day)], by: "day" });
  });
}
