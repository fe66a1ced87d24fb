// Levers for one target alone: the trains of one line, the desks of one telecentre.

/** The levers of the panel: each for all, followed by the targets for which it has been moved. */
function allSpecs(app) {
  return app.levers.filter((spec) => spec.kind !== "sites").flatMap((spec) => [
    spec, ...(spec.targets || []).filter((target) => targetName(spec, target) in (app.state.levers || {})).map((target) => targetSpec(spec, target)),
  ]);
}

function targetName(spec, target) {
  return `${spec.name}@${target.name}`;
}

function targetSpec(spec, target) {
  return {
    ...spec, name: targetName(spec, target), fr: `${spec.fr} : ${target.fr}`, en: `${spec.en}: ${target.en}`,
    default: target.default, value_in_a: target.value_in_a, targets: [],
  };
}

/** Which targets have a lever of their own: the panel is drawn again when this changes. */
function targetsKey(app) {
  return Object.keys(app.state.levers || {}).filter((name) => name.includes("@")).sort().join();
}

/** In the note of a lever: choose the one target that it is to be moved for. */
function targetPicker(app, spec) {
  const free = (spec.targets || []).filter((target) => !(targetName(spec, target) in (app.state.levers || {})));
  if (!free.length) return null;
  const select = h("select.s77-select", {
    onchange: () => {
      const target = free[select.selectedIndex - 1];
      const start = target.default ?? spec.default ?? spec.neutral ?? spec.low;
      const name = targetName(spec, target);
      app.set({ levers: { ...app.state.levers, [name]: start } });
      const slider = app.root.querySelector(`[data-lever="${CSS.escape(name)}"] input`);
      if (slider) slider.focus();
    },
  }, h("option", app.t("lever_for_all")), free.map((target) => h("option", app.label(target))));
  return h("label.s77-lever-target", h("span", app.t("lever_for")), select);
}
