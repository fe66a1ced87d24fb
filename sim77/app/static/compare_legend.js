// What explains the maps of Compare: legends with numbers, tooltips, the table behind them.

function showCompareLegends(maps, layer, level) {
  const { app } = maps;
  maps.indicator.value = level.indicator.name;
  const only = level.indicator.difference_only;
  fill(maps.legend, only ? h("p.s77-small", app.t("cmp_only_difference"))
    : [legendScale(app, level, {}), h("p.s77-small", `${capital(app.label(level.indicator))}, ${app.t(`legend_${level.indicator.kind}`)}`)]);
  const held = app.held && app.sides[app.held];
  const side = held || app.sides.b;
  setText(maps.heading, held ? `${app.held.toUpperCase()} : ${app.label(held)}` : maps.swipe ? app.t("cmp_swipe_head") : app.t("cmp_difference"));
  maps.heading.classList.toggle("s77-held", Boolean(held));
  const moment = side ? momentText(app, side) : "";
  if (held || maps.swipe) {
    return fill(maps.bigLegend, only ? null : legendScale(app, level, {}), h("p.s77-small", moment));
  }
  fill(maps.bigLegend, differenceLegend(app, layer), h("p.s77-small", legendNote(app, layer, moment)));
}

function differenceLegend(app, layer) {
  const scale = differenceScale(app);
  const box = legendScale(app, scale, {});
  const longest = Math.max(0, ...scale.shown.map((value) => app.fmt.signed(value, scale.breakDecimals).length));
  box.classList.toggle("s77-tight", longest > 5);
  const { good } = scale.indicator;
  const ends = good ? (good > 0 ? ["cmp_worse", "cmp_better"] : ["cmp_better", "cmp_worse"]) : ["cmp_less", "cmp_more"];
  box.append(h("p.s77-ends.s77-mut", h("span", app.t(ends[0])), h("span", app.t(ends[1]))));
  // With one draw the hatch can only mean too few workers: it must not claim to know the noise.
  const veiled = layer ? [...layer.veil] : [];
  const noise = veiled.some((one, row) => one && !layer.few[row]);
  return h("div.s77-difflegend", box, veiled.some(Boolean)
    ? h("div.s77-veilkey", h("i.s77-veilswatch", { "aria-hidden": "true" }), h("span", app.t(noise ? "cmp_noise" : "cmp_few_short"))) : null);
}

/** How sure the picture is, in one line: a mean with draws, or one day of one draw. */
function legendNote(app, layer, moment) {
  if (!layer) return "";
  if (!layer.exact) return `${moment}. ${app.t("cmp_day_one_draw")}`;
  const days = hasComparison(app) ? app.t("cmp_mean_days", { n: app.fmt.num(app.compare.days) }) : moment;
  return `${days} ${drawsText(app)}`;
}

/** The tooltip of a commune: A, B, the difference, its interval and whether it may be quoted. */
function describeDifference(maps, kind, index) {
  const { app } = maps;
  const side = app.sides.b || app.sides.a;
  if (kind !== "commune") return describePlace(app, side, kind, index);
  const { communes } = app.boot;
  const layer = differenceOf(app);
  const [level, scale] = [scaleOf(app, app.state.indicator), differenceScale(app)];
  const only = level.indicator.difference_only;
  const row = (name) => tipLine(name.toUpperCase(), valueText(app, level, numberOf(layer[name][index])));
  return [
    h("b", { lang: "fr" }, communes.name[index]),
    h("p.s77-small", app.label(level.indicator)),
    ...(layer && !only ? [row("a"), row("b")] : []),
    layer ? tipLine("B − A", differenceText(app, scale, layer, index)) : null,
    layer && layer.veil[index] ? h("p.s77-small", `▨ ${app.t(layer.few[index] ? "cmp_few" : "cmp_noise")}`) : null,
    communes.workers[index] ? tipLine(app.t("workers_to_paris"), app.fmt.num(communes.workers[index])) : h("p", app.t("no_worker")),
  ].filter(Boolean);
}

/** The table behind the maps: the same values, sortable. */
function openDifferenceTable(app) {
  const layer = differenceOf(app);
  if (!layer) return;
  const [level, scale] = [scaleOf(app, app.state.indicator), differenceScale(app)];
  const { communes } = app.boot;
  const rows = communes.name.map((name, row) => ({
    name, row, workers: communes.workers[row], a: numberOf(layer.a[row]), b: numberOf(layer.b[row]), diff: numberOf(layer.diff[row]),
  }));
  const value = (key) => ({ key, label: key.toUpperCase(), numeric: true, text: (row) => valueText(app, level, row[key]) });
  const caption = compareSentence({ app }, "big");
  openDialog(app, `${capital(app.label(level.indicator))}, B − A`, table(app, [
    { key: "name", label: app.t("commune"), lang: "fr" },
    { key: "workers", label: app.t("workers_to_paris"), numeric: true, text: (row) => app.fmt.num(row.workers) },
    ...(level.indicator.difference_only ? [] : [value("a"), value("b")]),
    { key: "diff", label: "B − A", numeric: true, text: (row) => differenceText(app, scale, layer, row.row) },
    { key: "note", label: app.t("cmp_sure"), sort: (row) => layer.veil[row.row], text: (row) => (layer.veil[row.row] ? app.t(layer.few[row.row] ? "cmp_few_short" : "cmp_noise") : "") },
  ], rows, { caption, sortBy: "diff" }), { wide: true });
}
