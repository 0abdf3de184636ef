// Entry of the page: puts what Rust calls on `globalThis.podyard`, starts the worker and the page's own module side by side.
import init from "podyard-web";
import wasm from "podyard-web.wasm";
import * as browser from "./browser.js";
import * as engine from "./engine.js";
import * as motion from "./motion.js";
import * as storage from "./storage.js";
import * as terminal from "./terminal.js";

globalThis.podyard = { ...browser, ...engine, ...motion, ...storage, ...terminal };

performance.mark("podyard-start");
browser.applyTheme();
// All that the first prompt needs is asked for at once; none of it waits for the page's module.
engine.engineWarm();
browser.prefetch(location.hash);

let shown = false;
window.addEventListener("error", ({ error, message }) => fallback(error?.message ?? message));

try {
  await init({ module_or_path: new URL(wasm, import.meta.url) });
} catch (error) {
  fallback(error.message);
}

// The page's own module has failed. What was typed is in storage, so that loading the page again goes on from there.
function fallback(reason) {
  if (shown || String(reason).includes("ResizeObserver")) return;
  shown = true;
  const box = document.createElement("div");
  box.className = "fallback";
  box.setAttribute("role", "alert");
  const heading = document.createElement("h1");
  heading.textContent = "The page has stopped";
  const text = document.createElement("p");
  text.textContent = "Your session is kept in this browser. Load the page again to go on where you were.";
  const detail = document.createElement("pre");
  detail.textContent = String(reason);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button--primary";
  button.textContent = "Load again";
  button.addEventListener("click", () => location.reload());
  box.append(heading, text, detail, button);
  document.getElementById("app").replaceChildren(box);
}
