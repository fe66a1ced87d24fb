// Pieces that several views use: tables, charts with their table, dialogs, legends, small menus.

/**
 * A sortable table. columns: [{key, label, text(row) , sort(row), numeric, lang, node(row)}].
 * A cell shows node(row) if given, else text(row), else row[key].
 */
function table(app, columns, rows, { caption = "", sortBy = null, descending = true } = {}) {
  const order = { key: sortBy, down: descending };
  const body = h("tbody");
  const heads = columns.map((column) => {
    const button = h("button", { type: "button", onclick: () => sortTable(column) }, column.label);
    return h(`th${column.numeric ? ".s77-n" : ""}`, { scope: "col" }, column.plain ? column.label : button);
  });
  const sortTable = (column) => {
    order.down = order.key === column.key ? !order.down : Boolean(column.numeric);
    order.key = column.key;
    draw();
  };
  const draw = () => {
    const chosen = columns.find((column) => column.key === order.key);
    columns.forEach((column, at) => {
      heads[at].setAttribute("aria-sort", column !== chosen ? "none" : order.down ? "descending" : "ascending");
    });
    fill(body, sortedRows(rows, chosen, order.down).map((row) => h("tr", columns.map((column, at) => cell(column, row, at)))));
  };
  draw();
  return h("table.s77-table", h("caption.s77-sr", caption), h("thead", h("tr", heads)), body);
}

function cell(column, row, at) {
  const content = column.node ? column.node(row) : column.text ? column.text(row) : row[column.key];
  const attributes = { lang: column.lang || null, scope: at === 0 ? "row" : null };
  return h(`${at === 0 ? "th" : "td"}${column.numeric ? ".s77-n" : ""}`, attributes, content ?? "–");
}

function sortedRows(rows, column, down) {
  if (!column) return rows;
  const value = column.sort || ((row) => row[column.key]);
  const sign = down ? -1 : 1;
  return [...rows].sort((one, two) => {
    const [x, y] = [value(one), value(two)];
    if (typeof x === "string" || typeof y === "string") return sign * String(x).localeCompare(String(y));
    return sign * ((Number.isFinite(x) ? x : -Infinity) - (Number.isFinite(y) ? y : -Infinity));
  });
}

/**
 * A chart with its title and the table behind it (key T or the button shows it in a dialog).
 * content: an element; makeTable(): a <table>, made when asked for.
 */
function chartFigure(app, { title, content, makeTable, tools = null, className = "" }) {
  const heading = h("h3", title);
  const open = () => openDialog(app, heading.textContent, makeTable(), { wide: true });
  const button = h("button.s77-link.s77-totable", { type: "button", onclick: open }, app.t("table"));
  const figure = h("figure.s77-figure", { class: className },
    h("figcaption.s77-fighead", heading, tools, makeTable ? button : null), content);
  figure.setTitle = (text) => setText(heading, text);
  figure.s77table = makeTable ? open : null;
  return figure;
}

/** Open a modal dialog inside the root; Esc and the cross close it. Returns its element. */
function openDialog(app, title, content, { wide = false } = {}) {
  const id = uid(app);
  const dialog = h(`dialog.s77-dialog${wide ? ".s77-wide" : ""}`, { "aria-labelledby": id, tabindex: "-1" },
    h("div.s77-dialog-head", h("h2", { id }, title),
      h("button.s77-icon", { type: "button", "aria-label": app.t("close"), onclick: () => dialog.close() }, "×")),
    h("div.s77-dialog-body", { tabindex: "0", role: "group", "aria-labelledby": id }, content));
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  app.root.append(dialog);
  dialog.showModal();
  return dialog;
}

/** A small menu beside a point of a box: items [{label, action, primary}] under a title. */
function openMenu(app, box, point, title, ...content) {
  closeMenu(app);
  const id = uid(app);
  const before = document.activeElement;
  const menu = h("div.s77-menu", { role: "dialog", "aria-labelledby": id },
    h("div.s77-dialog-head", h("h3", { id }, title),
      h("button.s77-icon", { type: "button", "aria-label": app.t("close"), onclick: () => closeMenu(app) }, "×")),
    content);
  box.append(menu);
  const left = clamp(point.x + 8, 4, Math.max(4, box.clientWidth - menu.offsetWidth - 4));
  const top = clamp(point.y + 8, 4, Math.max(4, box.clientHeight - menu.offsetHeight - 4));
  menu.style.left = `${Math.round(left)}px`;
  menu.style.top = `${Math.round(top)}px`;
  app.menu = { menu, before };
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    closeMenu(app);
  });
  const away = (event) => {
    if (menu.isConnected && menu.contains(event.target)) return;
    document.removeEventListener("pointerdown", away, true);
    if (app.menu && app.menu.menu === menu) closeMenu(app, false);
  };
  document.addEventListener("pointerdown", away, true);
  (menu.querySelector("button.s77-pri, a, input, select") || menu.querySelector("button")).focus();
  return menu;
}

function closeMenu(app, giveBack = true) {
  if (!app.menu) return;
  app.menu.menu.remove();
  if (giveBack && app.menu.before && app.menu.before.isConnected) app.menu.before.focus();
  app.menu = null;
}

/** Buttons of which one is pressed: options [[value, label]]; returns {el, show(value)}. */
function segmented(app, label, options, onpick, className = "") {
  const buttons = options.map(([value, text, long]) => h("button", {
    type: "button", "aria-pressed": "false", title: long || null, "aria-label": long || null,
    onclick: () => onpick(value),
  }, text));
  const show = (value) => buttons.forEach((button, at) =>
    button.setAttribute("aria-pressed", String(options[at][0] === value)));
  return { el: h("span.s77-seg", { role: "group", "aria-label": label, class: className }, buttons), show };
}

// Legends ----------------------------------------------------------------------------------------

/** The colours of a scale with its breaks: title, unit, swatches, numbers between them. */
function legendScale(app, scale, { title = "", note = "", veil = false } = {}) {
  const box = h("div.s77-scale", title ? h("h2.s77-legtitle", title) : null, note ? h("p.s77-mut", note) : null);
  const wide = 100 / scale.classes;
  const numbers = scale.shown.map((value, at) =>
    h("span", { style: `left:${(at + 1) * wide}%` }, app.fmt[scale.difference ? "signed" : "num"](value, scale.breakDecimals)));
  box.append(
    h("div.s77-swatches", { "aria-hidden": "true" },
      Array.from({ length: scale.classes }, (_, at) => h("i", { class: `${scale.prefix}${at}` })),
      veil ? h("i.s77-veilswatch") : null),
    h("div.s77-breaks", numbers, h("span.s77-unit", { style: "left:100%" }, scale.unit === "%" ? "%" : scale.unit)));
  return box;
}

/** Value on a thin axis: dot (B), band (95 % interval), tick named A. Domain spans all given. */
function rangeMark(app, { value, low, high, a, decimals = 1 }) {
  const known = [value, low, high, a].filter(Number.isFinite);
  if (known.length < 2) return null;
  let [from, to] = [Math.min(...known), Math.max(...known)];
  // At least a tenth of the value wide, so that a small effect looks small.
  const wide = Math.max(1.9 * (to - from), 0.1 * Math.abs(value), 1e-9);
  const middleOf = (from + to) / 2;
  [from, to] = [middleOf - wide / 2, middleOf + wide / 2];
  const x = (at) => (6 + (108 * (at - from)) / (to - from)).toFixed(1);
  const parts = [s("line.s77-axis", { x1: 6, x2: 114, y1: 17, y2: 17 })];
  if (Number.isFinite(low)) parts.push(s("line.s77-band", { x1: x(low), x2: x(high), y1: 17, y2: 17 }));
  if (Number.isFinite(a)) {
    parts.push(s("line.s77-amark", { x1: x(a), x2: x(a), y1: 9, y2: 25 }),
      s("text.s77-t2", { x: x(a), y: 5, "text-anchor": "middle" }, "A"));
  }
  parts.push(s("circle.s77-bdot", { cx: x(value), cy: 17, r: 5 }));
  const caption = Number.isFinite(low) ? app.fmt.interval(low, high, decimals) : "";
  if (caption) {
    const middle = clamp((Number(x(low)) + Number(x(high))) / 2, 34, 86);
    parts.push(s("text.s77-t2", { x: middle, y: 37, "text-anchor": "middle" }, caption));
  }
  return s("svg.s77-range", { viewBox: "0 -8 120 48", "aria-hidden": "true" }, parts);
}
