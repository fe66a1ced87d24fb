// Numbers, units and dates in French and English (rules of the design language, section 5).

import { parts, weekdayOf } from "./dates.js";
import { roundTo } from "./numbers.js";

export const NARROW = "\u202f"; // narrow no-break space: thousands, before % ; : ! ? in French
export const NBSP = "\u00a0"; // no-break space: before a unit
const MINUS = "\u2212";

const MONTHS = {
  fr: ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"],
  en: ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
};
const MONTHS_SHORT = {
  fr: ["janv.", "févr.", "mars", "avril", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."],
  en: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
};
const WEEKDAYS = {
  fr: ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
  en: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
};
const WEEKDAYS_SHORT = {
  fr: ["lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."],
  en: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
};
const WEEKDAY_LETTERS = { fr: ["L", "M", "M", "J", "V"], en: ["M", "T", "W", "T", "F"] };

/** @typedef {"fr" | "en"} Lang */
/** @typedef {ReturnType<typeof createFormat>} Format */

/**
 * Make the formatting functions of one language.
 * @param {Lang} lang
 */
export function createFormat(lang) {
  return { ...numbersIn(lang), ...datesIn(lang) };
}

/** @param {Lang} lang */
function numbersIn(lang) {
  const french = lang !== "en";
  const percentSign = french ? `${NARROW}%` : "%";

  /**
   * 9684 → "9 684"; decimals fixed, below 0 for tens and so on. Missing values are an en dash.
   * @param {number | null | undefined} value
   */
  const num = (value, decimals = 0) => {
    if (value === null || value === undefined || !Number.isFinite(value)) return "–";
    const text = decimals < 0 ? String(Math.abs(roundTo(value, decimals))) : Math.abs(value).toFixed(decimals);
    const zero = Number(text) === 0;
    const [whole, part] = text.split(".");
    const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, french ? NARROW : ",");
    return (value < 0 && !zero ? MINUS : "") + grouped + (part ? (french ? "," : ".") + part : "");
  };
  /**
   * A share 0–1 → "10,6 %" or "10.6%".
   * @param {number} share
   */
  const pct = (share, decimals = 1) => (Number.isFinite(share) ? num(100 * share, decimals) + percentSign : "–");
  /**
   * Whether what is counted stands in the singular: French counts as one whatever is below two.
   * @param {number} value
   */
  const isOne = (value) => (french ? Math.abs(value) < 2 : value === 1);
  /**
   * With a sign: "+0,35", "−0,9".
   * @param {number} value
   */
  const signed = (value, decimals = 0) => {
    const text = num(value, decimals);
    return value > 0 && roundTo(value, decimals) !== 0 ? `+${text}` : text;
  };
  /**
   * Number with its unit; the percent sign stands as the language wants.
   * @param {number} value
   * @param {string} unit
   */
  const withUnit = (value, unit, decimals = 0, sign = false) => {
    const text = sign ? signed(value, decimals) : num(value, decimals);
    if (!unit) return text;
    if (unit === "%") return text + percentSign;
    return `${text}${NBSP}${unit}`;
  };
  /**
   * "9,3 à 9,9"
   * @param {number} low
   * @param {number} high
   */
  const interval = (low, high, decimals = 0, sign = false) => {
    const one = sign ? signed : num;
    return `${one(low, decimals)} ${french ? "à" : "to"} ${one(high, decimals)}`;
  };
  /**
   * What somebody typed, with or without spaces, sign and unit of percent or euro; NaN if it is no number.
   * @param {string} text
   */
  const parse = (text) => {
    const bare = text.replace(/[\s\u202f\u00a0%€]/g, "").replace(MINUS, "-");
    // A comma that parts no thousands is a French one, whatever the page's language.
    const number = (french ? bare : bare.replace(/,(?=\d{3}(\D|$))/g, "")).replace(",", ".");
    return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(number) ? Number(number) : NaN;
  };
  return { lang, french, percentSign, colon: french ? `${NARROW}: ` : ": ", num, pct, isOne, signed, withUnit, interval, parse };
}

/** @param {Lang} lang */
function datesIn(lang) {
  /** @param {string} iso */
  const dayMonth = (iso) => {
    const [, month, day] = parts(iso);
    return `${lang === "fr" && day === 1 ? "1er" : day} ${MONTHS[lang][month - 1]}`;
  };
  /** @param {string} iso */
  const dateShort = (iso) => `${dayMonth(iso)} ${parts(iso)[0]}`;
  /** @param {string} iso */
  const weekday = (iso) => WEEKDAYS[lang][weekdayOf(iso)];
  return {
    /** "18 novembre" */
    dayMonth,
    /** "18 novembre 2014" */
    dateShort,
    weekday,
    /** "2014-11-18" → "mardi 18 novembre 2014". @param {string} iso */
    date: (iso) => `${weekday(iso)} ${dateShort(iso)}`,
    /**
     * A date of a source: a day, a month, a year, or two of them with a slash between.
     * @param {string} text
     */
    dateOfSource: (text) => text.split("/").map((iso) => {
      const [year, month, day] = iso.split("-");
      return day ? dateShort(iso) : month ? `${MONTHS[lang][Number(month) - 1]} ${year}` : year;
    }).join(" – "),
    /** @param {number} index */
    weekdayName: (index) => WEEKDAYS[lang][index],
    /** @param {number} index */
    weekdayShort: (index) => WEEKDAYS_SHORT[lang][index],
    weekdayLetters: WEEKDAY_LETTERS[lang],
    /** @param {number} index */
    monthName: (index) => MONTHS[lang][index],
    /** @param {number} index */
    monthShort: (index) => MONTHS_SHORT[lang][index],
  };
}

/**
 * Give a text of a data file the marks of its language: curly apostrophes, spaces that hold.
 * @param {string} text
 * @param {Lang} lang
 */
export function typographic(text, lang) {
  const curly = text.replace(/(\p{L})'(?=\p{L})/gu, "$1’");
  if (lang === "en") return curly.replace(/"([^"]*)"/g, "“$1”");
  return curly.replace(/ (?=[;:!?%»])/g, NARROW).replace(/« /g, `«${NARROW}`).replace(/ (?=€)/g, NBSP);
}
