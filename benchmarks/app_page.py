"""What `benchmarks.app` does inside the page: functions in JavaScript, times in milliseconds."""

TOOLS = """
window.measured = {
  root: () => document.querySelector(".s77-root"),
  compared: () => (measured.root() || { dataset: {} }).dataset.compared || "",
  /** The next frame has been painted. */
  painted: () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0))),
  /** Wait, a frame at a time, until something holds; then until it is painted. */
  until: async (holds) => {
    while (!holds()) await new Promise(requestAnimationFrame);
    await measured.painted();
    await measured.painted();
  },
  coloured: () => document.querySelectorAll(".s77-communes path:not(.s77-none)").length,
  idle: () => measured.root() && !document.querySelector(".s77-progress.s77-on"),
  release: (desks) => {
    const input = document.querySelector('.s77-lever[data-lever="desks"] input[type=range]');
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(input, desks);
    measured.before = measured.compared();
    measured.began = performance.now();
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
    measured.answer = measured.until(() => measured.compared() !== measured.before)
      .then(() => performance.now() - measured.began);
  },
  buttons: {
    language: () => [...document.querySelectorAll(".s77-tools .s77-seg button")].find((one) => one.getAttribute("aria-pressed") === "false"),
    theme: () => document.querySelector(".s77-tools .s77-square"),
    day: () => document.querySelector(".s77-play .s77-step"),
  },
};
addEventListener("click", (event) => {
  measured.click = measured.painted().then(() => performance.now() - event.timeStamp);
}, true);
"""  # noqa: E501
"""Run before the page's own scripts."""

FIRST_PICTURE = """async () => {
  await measured.until(() => measured.compared() && measured.coloured() > 400);
  return performance.now();
}"""
"""From the opening of the address until the maps of both runs are painted."""

RELEASE = "async (desks) => { measured.release(desks); return measured.answer; }"
RELEASE_ONLY = "(desks) => { measured.release(desks); }"
ANSWERED = "() => measured.answer"
COMPARED = "() => measured.compared()"
CLICKED = "() => measured.click"
IDLE = "() => measured.until(measured.idle)"

BUTTON = """(kind) => {
  const box = measured.buttons[kind]().getBoundingClientRect();
  return [box.x + box.width / 2, box.y + box.height / 2];
}"""
"""Where the middle of a button is."""

PLAY = """async (seconds) => {
  const speeds = document.querySelectorAll(".s77-play .s77-seg:not([hidden]) button");
  speeds[2].click();
  const dates = new Set();
  const rates = [];
  document.querySelector(".s77-pp").click();
  await measured.painted();
  const end = performance.now() + 1000 * seconds;
  let since = performance.now();
  let frames = 0;
  while (performance.now() < end) {
    await new Promise(requestAnimationFrame);
    frames += 1;
    dates.add(document.querySelector(".s77-date-now").textContent);
    const now = performance.now();
    if (now - since >= 1000) {
      rates.push((1000 * frames) / (now - since));
      [frames, since] = [0, now];
    }
  }
  document.querySelector(".s77-pp").click();
  return { rates, days: dates.size };
}"""
"""Play for some seconds at the greatest speed: frames of each second, and the dates shown."""
