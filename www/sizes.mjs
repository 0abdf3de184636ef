// Sizes of a built site (raw, gzip, brotli), and whether what a first visit loads before its prompt is in budget.
//
// usage: node sizes.mjs SITE
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const BUDGET = { gzip: 1_600_000, brotli: 1_200_000 };
const [site] = process.argv.slice(2);
const { files, first } = JSON.parse(readFileSync(join(site, "manifest.json"), "utf8"));

const sizes = new Map(["index.html", ...files].map((file) => [file, measured(readFileSync(join(site, file)))]));
const total = { raw: 0, gzip: 0, brotli: 0 };
row("file", "raw", "gzip", "brotli");
for (const file of ["index.html", ...first]) {
  const size = sizes.get(file);
  for (const key in total) total[key] += size[key];
  row(file, size.raw, size.gzip, size.brotli);
}
row("before the prompt", total.raw, total.gzip, total.brotli);
row("budget", "", BUDGET.gzip, BUDGET.brotli);
for (const file of files.filter((file) => !first.includes(file))) {
  const { raw, gzip, brotli } = sizes.get(file);
  row(`${file} (when used)`, raw, gzip, brotli);
}
const over = Object.keys(BUDGET).filter((key) => total[key] > BUDGET[key]);
if (over.length > 0) {
  console.error(`error: over budget: ${over.map((key) => `${total[key]} bytes of ${key} of ${BUDGET[key]}`).join(", ")}`);
  process.exit(1);
}

function measured(data) {
  return {
    raw: data.length,
    gzip: gzipSync(data, { level: 9 }).length,
    brotli: brotliCompressSync(data, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: data.length },
    }).length,
  };
}

function row(name, ...cells) {
  console.log(name.padEnd(48) + cells.map((cell) => String(cell).padStart(11)).join(""));
}
