// A sortable table.

import { fill, h } from "../core/dom.js";

/**
 * A sortable table. columns: [{key, label, text(row) , sort(row), numeric, lang, node(row)}].
 * A cell shows node(row) if given, else text(row), else row[key].
 * @param {any[]} columns
 * @param {any[]} rows
 * @param {{ caption?: string, sortBy?: string | null, descending?: boolean }} [options]
 */
export function table(columns, rows, { caption = "", sortBy = null, descending = true } = {}) {
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
