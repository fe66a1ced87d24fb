// Numbers, units and dates in French and English (rules of the design language, section 5).

import { parts, weekdayOf } from "./dates.js";

export const NARROW = "\u202f"; // narrow no-break space: thousands, before % ; : ! ? in French
export const NBSP = "\u00a0"; // no-break space: before a unit
export const MINUS = "\u2212";

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

/** Make the formatting functions of one language. */
export function createFormat(lang) {
  const french = lang !== "en";
  const fmt = { lang, french };

  /** 9684 → "9 684"; decimals fixed. Missing values are an en dash. */
  fmt.num = (value, decimals = 0) => {
    if (value === null || value === undefined || !Number.isFinite(value)) return "–";
    const text = Math.abs(value).toFixed(decimals);
    const zero = Number(text) === 0;
    const [whole, part] = text.split(".");
    const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, french ? NARROW : ",");
    return (value < 0 && !zero ? MINUS : "") + grouped + (part ? (french ? "," : ".") + part : "");
  };
  fmt.colon = french ? `${NARROW}: ` : ": ";
  /** A share 0–1 → "10,6 %" or "10.6%". */
  fmt.pct = (share, decimals = 1) =>
    Number.isFinite(share) ? fmt.num(100 * share, decimals) + fmt.percentSign : "–";
  fmt.percentSign = french ? `${NARROW}%` : "%";
  /** 113.2 → "113,20 €" or "€113.20". */
  fmt.eur = (value, decimals = 2) =>
    french
      ? `${fmt.num(value, decimals)}${NBSP}€`
      : `${value < 0 ? MINUS : ""}€${fmt.num(Math.abs(value), decimals)}`;
  /** With a sign: "+0,35", "−0,9". */
  fmt.signed = (value, decimals = 0) => {
    const text = fmt.num(value, decimals);
    return value > 0 && Number(Math.abs(value).toFixed(decimals)) !== 0 ? `+${text}` : text;
  };
  /** Number with its unit: percent and euro stick to the number as the language wants. */
  fmt.withUnit = (value, unit, decimals = 0, signed = false) => {
    const text = signed ? fmt.signed(value, decimals) : fmt.num(value, decimals);
    if (!unit) return text;
    if (unit === "%") return text + fmt.percentSign;
    if (unit === "€") return signed && value > 0 ? `+${fmt.eur(value, decimals)}` : fmt.eur(value, decimals);
    return `${text}${NBSP}${unit}`;
  };
  /** "9,3 à 9,9" */
  fmt.interval = (low, high, decimals = 0, signed = false) => {
    const one = signed ? fmt.signed : fmt.num;
    return `${one(low, decimals)} ${french ? "à" : "to"} ${one(high, decimals)}`;
  };
  /** What somebody typed, with or without spaces, sign and unit of percent or euro; NaN if it is no number. */
  fmt.parse = (text) => {
    const plain = text.replace(/[\s\u202f\u00a0%€]/g, "").replace(MINUS, "-");
    // A comma that parts no thousands is a French one, whatever the page's language.
    const number = (french ? plain : plain.replace(/,(?=\d{3}(\D|$))/g, "")).replace(",", ".");
    return /^-?(\d+\.?\d*|\.\d+)$/.test(number) ? Number(number) : NaN;
  };
  addDates(fmt, lang);
  return fmt;
}

function addDates(fmt, lang) {
  /** "2014-11-18" → "mardi 18 novembre 2014". */
  fmt.date = (iso) => {
    const [year, month, day] = parts(iso);
    return `${WEEKDAYS[lang][weekdayOf(iso)]} ${dayNumber(day, lang)} ${MONTHS[lang][month - 1]} ${year}`;
  };
  /** Without the weekday: "18 novembre 2014". */
  fmt.dateShort = (iso) => {
    const [year, month, day] = parts(iso);
    return `${dayNumber(day, lang)} ${MONTHS[lang][month - 1]} ${year}`;
  };
  /** Without the year: "18 novembre". */
  fmt.dayMonth = (iso) => {
    const [, month, day] = parts(iso);
    return `${dayNumber(day, lang)} ${MONTHS[lang][month - 1]}`;
  };
  fmt.weekday = (iso) => WEEKDAYS[lang][weekdayOf(iso)];
  fmt.weekdayName = (index) => WEEKDAYS[lang][index];
  fmt.weekdayShort = (index) => WEEKDAYS_SHORT[lang][index];
  fmt.weekdayLetters = WEEKDAY_LETTERS[lang];
  fmt.monthShort = (index) => MONTHS_SHORT[lang][index];
}

function dayNumber(day, lang) {
  return lang === "fr" && day === 1 ? "1er" : String(day);
}

/** Give a text of a data file the marks of its language: curly apostrophes, spaces that hold. */
export function typographic(text, lang) {
  const curly = text.replace(/(\p{L})'(?=\p{L})/gu, "$1’");
  if (lang === "en") return curly.replace(/"([^"]*)"/g, "“$1”");
  return curly.replace(/ (?=[;:!?%»])/g, NARROW).replace(/« /g, `«${NARROW}`).replace(/ (?=€)/g, NBSP);
}
