// A story on its own: what a widget's model does, with the data of the scenes in the page itself.

/** Return a model whose state moves from scene to scene, from a language on, and that computes nothing. */
export function storyModel(data, lang) {
  const listeners = new Map();
  const bytes = new Map();
  const traits = { boot: data.boot, status: { phase: "idle" }, banner: {}, answer: {}, address: "", panel: "app" };

  const bytesOf = (key) => {
    if (!bytes.has(key)) {
      const text = atob(data.sides[key].data);
      const found = new Uint8Array(text.length);
      for (let i = 0; i < text.length; i += 1) found[i] = text.charCodeAt(i);
      bytes.set(key, new DataView(found.buffer));
    }
    return bytes.get(key);
  };

  const put = (name, value) => {
    if (traits[name] === value) return;
    traits[name] = value;
    for (const fn of listeners.get(`change:${name}`) || []) fn();
  };

  const showScene = (number, state) => {
    const scene = data.scenes[Math.max(0, Math.min(number, data.scenes.length - 1))];
    put("levers", scene.levers);
    put("state", { ...scene.state, lang: state.lang, theme: state.theme, rev: state.rev });
    for (const side of ["a", "b"]) {
      const key = scene[`side_${side}`];
      put(`bytes_${side}`, bytesOf(key));
      put(`side_${side}`, data.sides[key].meta);
    }
    put("compare", data.compares[scene.compare]);
    put("scene", scene.scene);
  };

  const send = (message) => {
    if (message.type === "set") {
      const next = message.state;
      if (next.scene !== traits.state.scene) showScene(next.scene, next);
      // Levers and scenarios stay as the scene has them: there is nobody here who computes.
      const { levers, sites, scenario_a, scenario_b, seed } = traits.state;
      put("state", { ...next, levers, sites, scenario_a, scenario_b, seed });
    } else if (message.type === "ask") {
      put("answer", { id: message.id, kind: message.kind, error: { key: "story_offline", args: {} } });
    }
  };

  const first = { lang, theme: "auto" };
  traits.state = { ...data.scenes[0].state };
  showScene(0, first);
  return {
    get: (name) => traits[name],
    set: (name, value) => put(name, value),
    save_changes() {},
    on(name, fn) {
      if (!listeners.has(name)) listeners.set(name, new Set());
      listeners.get(name).add(fn);
    },
    off(name, fn) {
      const heard = listeners.get(name);
      if (heard) heard.delete(fn);
    },
    send,
  };
}
