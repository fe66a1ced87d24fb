// Files of the picture of a view: PNG, PDF, and the printer.

import { h, setText } from "../core/dom.js";
import { saveFile } from "../core/page.js";

export function fileStem(app) {
  const own = app.viewExport ? app.viewExport() : null;
  if (own) return own.stem.replace(/[^\w.-]+/g, "_");
  const { view, scenario_a: a, scenario_b: b } = app.state;
  return ["sim77", view, a, b].filter(Boolean).join("-").replace(/[^\w.-]+/g, "_");
}

const A4_LANDSCAPE = { width: 841.89, height: 595.28, margin: 34 }; // points; 34 points are 12 mm
const PRINT_PIXELS = 3300; // across the page: 300 dots an inch

/** Draw the picture `pixels` wide and return it as a blob of a type. */
async function rastered(picture, pixels, type) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(picture.text)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(pixels);
  canvas.height = Math.round((pixels * picture.height) / picture.width);
  /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")).drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, type, 0.95));
  return { blob, width: canvas.width, height: canvas.height };
}

async function saveDrawn(app, said, ending, mime, draw) {
  const name = `${fileStem(app)}.${ending}`;
  try {
    saveFile(name, mime, await draw());
    setText(said, app.t("exp_saved", { name }));
  } catch {
    setText(said, app.t("exp_no_png"));
  }
}

export function savePng(app, picture, said) {
  return saveDrawn(app, said, "png", "image/png", async () => (await rastered(picture, 2 * picture.width, "image/png")).blob);
}

/** One A4 page, landscape, with the picture at 300 dots an inch. Printing keeps it as vectors. */
export function savePdf(app, picture, said) {
  return saveDrawn(app, said, "pdf", "application/pdf", async () => {
    const drawn = await rastered(picture, PRINT_PIXELS, "image/jpeg");
    return pdfOf(new Uint8Array(await drawn.blob.arrayBuffer()), drawn.width, drawn.height);
  });
}

/** The least PDF that holds a JPEG: catalogue, pages, page, its drawing, the image. */
function pdfOf(jpeg, width, height) {
  const { width: wide, height: high, margin } = A4_LANDSCAPE;
  const scale = Math.min((wide - 2 * margin) / width, (high - 2 * margin) / height);
  const [w, h2] = [width * scale, height * scale];
  const drawing = `q ${w.toFixed(2)} 0 0 ${h2.toFixed(2)} ${((wide - w) / 2).toFixed(2)} ${((high - h2) / 2).toFixed(2)} cm /Im Do Q`;
  const image = `<</Type/XObject/Subtype/Image/Width ${width}/Height ${height}/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode/Length ${jpeg.length}>>`;
  const objects = [
    ["<</Type/Catalog/Pages 2 0 R>>"], ["<</Type/Pages/Kids[3 0 R]/Count 1>>"],
    [`<</Type/Page/Parent 2 0 R/MediaBox[0 0 ${wide} ${high}]/Resources<</XObject<</Im 5 0 R>>>>/Contents 4 0 R>>`],
    [`<</Length ${drawing.length}>>\nstream\n${drawing}\nendstream`], [`${image}\nstream\n`, jpeg, "\nendstream"],
  ];
  const parts = ["%PDF-1.4\n"];
  // All text here is ASCII: a letter is a byte.
  const bytes = () => parts.reduce((sum, part) => sum + part.length, 0);
  const starts = objects.map((content, at) => {
    const start = bytes();
    parts.push(`${at + 1} 0 obj\n`, ...content, "\nendobj\n");
    return start;
  });
  const end = bytes();
  const table = starts.map((start) => `${String(start).padStart(10, "0")} 00000 n \n`).join("");
  parts.push(`xref\n0 ${starts.length + 1}\n0000000000 65535 f \n${table}trailer\n<</Size ${starts.length + 1}/Root 1 0 R>>\nstartxref\n${end}\n%%EOF\n`);
  return new Blob(parts, { type: "application/pdf" });
}

/** The printer, or its own way to a PDF: the same picture as vectors on one A4 page, landscape. */
export function printPicture(app, picture) {
  const frame = h("iframe", { style: "position:fixed;left:-99em;width:10px;height:10px;border:0", "aria-hidden": "true", tabindex: "-1" });
  document.body.append(frame);
  const { document: page } = frame.contentWindow;
  page.title = fileStem(app);
  const style = page.createElement("style");
  style.textContent = "@page{size:A4 landscape;margin:12mm}body{margin:0}svg{width:100%;height:auto;max-height:185mm;display:block}";
  page.head.append(style);
  page.body.append(page.importNode(new DOMParser().parseFromString(picture.text, "image/svg+xml").documentElement, true));
  frame.contentWindow.addEventListener("afterprint", () => frame.remove());
  frame.contentWindow.focus();
  frame.contentWindow.print();
}
