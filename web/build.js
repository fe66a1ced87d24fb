// Puts the modules of src/ together into the two files that ship: the app, and what a report page does.
//
// `node build.js` writes them, `node build.js --check` says whether they are what src/ gives. Their
// last line carries a hash of the sources, so that a test in Python can say the same without Node.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const SOURCES = new URL("src/", import.meta.url);
const BUILT = [
  { entry: "main.js", file: "sim77/app/static/app.js", format: "esm" },
  // A classic script, which may stand inside of a page that is read from a disk.
  { entry: "page.js", file: "sim77/report/templates/page.js", format: "iife" },
];

/** SHA-256 over the paths and contents of all sources, in the order of their paths. */
function hashOfSources() {
  const paths = readdirSync(SOURCES, { recursive: true }).map((path) => path.replaceAll("\\", "/"));
  const hash = createHash("sha256");
  for (const path of paths.filter((one) => one.endsWith(".js")).sort()) {
    hash.update(`${path}\n`).update(readFileSync(new URL(path, SOURCES)));
  }
  return hash.digest("hex");
}

const footer = { js: `// Made by web/build.js from web/src: change it there. sha256 ${hashOfSources()}` };
for (const { entry, file, ...options } of BUILT) {
  const { outputFiles } = await build({
    ...options, entryPoints: [fileURLToPath(new URL(entry, SOURCES))], footer,
    bundle: true, charset: "utf8", minify: true, target: "es2022", write: false,
  });
  const [{ contents }] = outputFiles;
  const place = new URL(`../${file}`, import.meta.url);
  if (!process.argv.includes("--check")) writeFileSync(place, contents);
  else if (!readFileSync(place).equals(contents)) {
    console.error(`${file} is not what web/src gives: run make web-build.`);
    process.exitCode = 1;
  }
}
