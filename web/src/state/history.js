// Ways back: out of Present, and by the browser's own button.

/** What a scene sets, and takes from whoever comes to see it. */
export const SCENE_KEYS = ["scenario_a", "scenario_b", "levers", "sites", "seed", "indicator", "by", "day", "place"];

export function settingsOf(state) {
  return Object.fromEntries(SCENE_KEYS.map((key) => [key, structuredClone(state[key])]));
}

/**
 * A change of the state that goes into or out of Present: what the scenes will overwrite is kept in
 * `app.before`, with the view, and comes back on leaving.
 */
export function acrossPresent(app, patch) {
  const { view } = app.state;
  if (!patch.view || patch.view === view) return patch;
  if (patch.view === "present") app.before = { ...settingsOf(app.state), view };
  if (view !== "present" || !app.before) return patch;
  const { before } = app;
  app.before = null;
  return { ...before, ...patch };
}

/** The window's address is the shared state, wherever the page is ours alone. */
export function showAddress(app) {
  const address = app.model.get("address");
  const state = app.model.get("state") || {};
  if (!address || app.embedded) return;
  // An answer to what is changed again already would be a step in the wrong place.
  if (state.rev < app.sent || Object.keys(app.pending).length) return;
  const query = `?${address}`;
  try {
    // What one would want to come back to is a step of its own; a lever or a day is not.
    if (app.visited.size && stepOf(query) !== stepOf(location.search)) history.pushState(null, "", query);
    else history.replaceState(null, "", query);
  } catch {
    // a file opened from a disk may not change its address: sharing then copies it from the dialog
  }
  app.visited.set(location.search, structuredClone(state));
}

/** What makes an address a step: the view, and what it is about. In Present the scenes choose the place. */
function stepOf(query) {
  const given = new URLSearchParams(query);
  const view = given.get("view") || "compare";
  return JSON.stringify([view, given.get("study"), given.get("worker"), view === "present" ? null : given.get("place")]);
}

/** Follow the browser's Back and Forward; returns the function that stops. */
export function followHistory(app) {
  if (app.embedded) return () => {};
  const follow = () => {
    const state = app.visited.get(location.search);
    // Left before the page was loaded again: only Python reads an address.
    if (!state) return location.reload();
    app.set({ ...state, lang: app.state.lang, theme: app.state.theme });
  };
  window.addEventListener("popstate", follow);
  return () => window.removeEventListener("popstate", follow);
}
