// The esbuild half of `cargo xtask build`: scripts, styles and wasm modules to hashed files, pages rewritten to name them.
//
// usage: node build.mjs OUT BINDINGS [--release] [--test]
//   OUT       the folder of the site, which exists and is empty
//   BINDINGS  the folder with wasm-bindgen's output, podyard_web.js, podyard_web_bg.wasm, podyard_worker.js, …
import { createHash } from "node:crypto";
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const [out, bindings, ...flags] = process.argv.slice(2);
const here = fileURLToPath(new URL(".", import.meta.url));
const release = flags.includes("--release");
const csp = readFileSync(join(here, "csp.txt"), "utf8").split("\n").filter((line) => line && !line.startsWith("#")).join("; ");

const crates = ["web", "worker"];
const buildId = hash(crates.map((crate) => readFileSync(join(bindings, `podyard_${crate}_bg.wasm`))));

const common = {
  absWorkingDir: here,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: release,
  sourcemap: false,
  metafile: true,
  logLevel: "warning",
  legalComments: "none",
  outdir: join(out, "assets"),
  assetNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  entryNames: "[name]-[hash]",
  loader: { ".wasm": "file", ".svg": "file", ".woff2": "file" },
  alias: Object.fromEntries(
    crates.flatMap((crate) => [
      [`podyard-${crate}.wasm`, join(bindings, `podyard_${crate}_bg.wasm`)],
      [`podyard-${crate}`, join(bindings, `podyard_${crate}.js`)],
    ]),
  ),
};
const constants = { BUILD_ID: JSON.stringify(buildId), TEST_COMMANDS: String(flags.includes("--test")) };

const worker = await bundle("src/engine.worker.js", { define: constants });
const page = await bundle("src/page.js", {
  define: { ...constants, ENGINE_WORKER_URL: JSON.stringify(`./${basename(worker.entry)}`) },
  splitting: true,
});
const styles = await bundle("styles/main.css", {});
const files = [...new Set([worker, page, styles].flatMap((result) => result.files))].sort();

for (const name of readdirSync(here).filter((name) => name.endsWith(".html"))) {
  writeFileSync(join(out, name), rewritten(name, readFileSync(join(here, name), "utf8")));
}
if (existsSync(join(here, "static"))) {
  cpSync(join(here, "static"), out, { recursive: true });
}
// What must be there before the prompt: everything the page's entry and the worker's load by themselves.
const first = [...new Set([...worker.eager, ...page.eager, styles.entry])].sort();
writeFileSync(join(out, "manifest.json"), JSON.stringify({ build: buildId, files, first }, null, 2) + "\n");

// Bundles one entry; `files` are all it makes, `eager` those that load without a dynamic import.
async function bundle(entry, options) {
  const { metafile } = await build({ ...common, ...options, entryPoints: [entry] });
  const nameOf = (path) => relative(out, join(here, path));
  const main = Object.keys(metafile.outputs).find((path) => metafile.outputs[path].entryPoint === entry);
  const eager = [];
  const visit = (path) => {
    if (eager.includes(path)) return;
    eager.push(path);
    for (const { path: next, kind } of metafile.outputs[path]?.imports ?? []) {
      if (kind !== "dynamic-import" && metafile.outputs[next]) visit(next);
    }
  };
  visit(main);
  return { entry: nameOf(main), files: Object.keys(metafile.outputs).map(nameOf), eager: eager.map(nameOf) };
}

// The page with hashed names, preloads of both modules, and its Content-Security-Policy.
function rewritten(name, html) {
  let text = html;
  const head = [`<meta http-equiv="Content-Security-Policy" content="${csp}">`];
  if (html.includes('src="src/page.js"')) {
    for (const file of [...page.eager, ...worker.eager].filter((file) => file.endsWith(".wasm"))) {
      head.push(`<link rel="preload" href="${file}" as="fetch" type="application/wasm" crossorigin>`);
    }
    text = text.replaceAll('src="src/page.js"', `src="${page.entry}"`);
  }
  text = text.replaceAll('href="styles/main.css"', `href="${styles.entry}"`);
  if (!/<meta charset="?utf-8"?\s*\/?>/i.test(text)) {
    throw new Error(`${name}: put <meta charset="utf-8"> first in its <head>`);
  }
  if (/<script(?![^>]*\ssrc=)[^>]*>/i.test(text)) {
    throw new Error(`${name}: an inline script, which the Content-Security-Policy forbids`);
  }
  return text.replace(/(<meta charset="?utf-8"?\s*\/?>)/i, `$1\n    ${head.join("\n    ")}`);
}

function hash(parts) {
  const sum = createHash("sha256");
  parts.forEach((part) => sum.update(part));
  return sum.digest("hex").slice(0, 12);
}
