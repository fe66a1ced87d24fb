// Texts: catalogues flattened, blanks filled in, capitals.

/**
 * Flatten {"a": {"b": "x"}} to {"a.b": "x"}, so that both shapes of catalogue serve.
 * @param {Record<string, any>} words
 * @param {string} prefix
 * @param {Record<string, string>} into
 */
export function flatten(words, prefix = "", into = {}) {
  for (const [key, value] of Object.entries(words || {})) {
    if (value && typeof value === "object") flatten(value, `${prefix}${key}.`, into);
    else into[prefix + key] = String(value);
  }
  return into;
}

/**
 * Put arguments into a text: "De {low} à {high}" → "De 0 à 5".
 * @param {string} text
 * @param {Record<string, any>} [args]
 */
export function fillIn(text, args) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (args && name in args ? args[name] : whole));
}

/** @param {string} text */
export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * A name without marks, spaces and capitals, to compare.
 * @param {string} text
 */
export function plain(text) {
  return text.toLowerCase().normalize("NFD").replace(/[^a-z]/g, "");
}

/**
 * Names for a narrow column: of those that begin alike the first part is a letter, so that the end has room.
 * @param {string[]} names
 */
export function endsApart(names) {
  const start = (/** @type {string} */ name) => name.slice(0, 6);
  return names.map((name) => (names.some((other) => other !== name && start(other) === start(name))
    ? name.replace(/^(.)[^ -]*(?=[ -])/, "$1.") : name));
}
