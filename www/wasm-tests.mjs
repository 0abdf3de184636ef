// Runs the `wasm-bindgen-test` tests of one module in a headless browser and prints what their harness reports.
//
// usage: CHROME=… node wasm-tests.mjs BINDINGS NAME
//   BINDINGS  the folder with wasm-bindgen's output, NAME.js and NAME_bg.wasm
//
// It does in a page what wasm-bindgen's own runner does, which would take minutes to build and needs a chromedriver.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [bindings, name] = process.argv.slice(2);
const LIMIT = 300_000;
const ORIGIN = "http://wasm-tests.localhost";
const PAGE = `<!doctype html><meta charset="utf-8"><title>tests</title><pre id="output"></pre><script>
  window.__wbg_test_invoke = (f) => f();
  for (const method of ["debug", "log", "info", "warn", "error"]) {
    const original = console[method];
    console[method] = (...args) => {
      original.apply(console, args);
      window["on_console_" + method]?.(args);
    };
  }
</script>`;
const TYPES = { js: "text/javascript", wasm: "application/wasm" };

const browser = await chromium.launch({
  executablePath: process.env.CHROME,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
});
const page = await browser.newPage();
let failure;
page.on("pageerror", (error) => (failure ??= error.stack));
await page.route(`${ORIGIN}/**`, (route) => {
  const path = new URL(route.request().url()).pathname;
  if (path === "/") return route.fulfill({ contentType: "text/html", body: PAGE });
  return route.fulfill({ contentType: TYPES[path.split(".").at(-1)], body: readFileSync(join(bindings, path)) });
});
await page.goto(`${ORIGIN}/`);
const passed = page.evaluate(run, name).catch((error) => ((failure = error.stack), false));
const timeout = new Promise((resolve) => setTimeout(resolve, LIMIT, "timeout").unref());
const outcome = await Promise.race([passed, timeout]);
console.log(await page.textContent("#output").catch(() => ""));
if (outcome === "timeout") failure = `no result after ${LIMIT / 1000} s`;
if (failure) console.error(failure);
await browser.close();
process.exit(outcome === true && !failure ? 0 : 1);

// In the page: every export that `#[wasm_bindgen_test]` made is a test.
async function run(name) {
  const bindings = await import(`/${name}.js`);
  const wasm = await bindings.default({ module_or_path: `/${name}_bg.wasm` });
  const tests = Object.keys(wasm).filter((key) => key.startsWith("__wbgt_"));
  const context = new bindings.WasmBindgenTestContext(false);
  for (const method of ["debug", "log", "info", "warn", "error"]) {
    window[`on_console_${method}`] = bindings[`__wbgtest_console_${method}`];
  }
  context.include_ignored(false);
  context.filtered_count(0);
  return await context.run(tests.map((test) => wasm[test]));
}
