// Puts the modules of src/ together into the one file that ships, sim77/app/static/app.js.
//
// `node build.js` writes it, `node build.js --check` says whether it is what src/ gives. Its first
// line carries a hash of the sources, so that a test in Python can say the same without Node.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const SOURCES = new URL("src/", import.meta.url);
const BUILT = new URL("../sim77/app/static/app.js", import.meta.url);

/** SHA-256 over the paths and contents of all sources, in the order of their paths. */
function hashOfSources() {
  const paths = readdirSync(SOURCES, { recursive: true }).map((path) => path.replaceAll("\\", "/"));
  const hash = createHash("sha256");
  for (const path of paths.filter((one) => one.endsWith(".js")).sort()) {
    hash.update(`${path}\n`).update(readFileSync(new URL(path, SOURCES)));
  }
  return hash.digest("hex");
}

const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL("main.js", SOURCES))],
  banner: { js: `// Made by web/build.js from web/src: change it there. sha256 ${hashOfSources()}` },
  bundle: true, charset: "utf8", format: "esm", minify: true, target: "es2022", write: false,
});
const [{ contents }] = outputFiles;
if (!process.argv.includes("--check")) writeFileSync(BUILT, contents);
else if (!readFileSync(BUILT).equals(contents)) {
  console.error("sim77/app/static/app.js is not what web/src gives: run npm run build in web/.");
  process.exit(1);
}
