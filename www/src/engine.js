// The worker in which the engine runs: starting it, talking to it, and noticing when it has died.
import wasm from "podyard-worker.wasm";

/** How often the worker is asked for a sign of life, and how long it may stay silent, in milliseconds. */
const HEARTBEAT = 1000;
const PATIENCE = 8000;

/** The engine's compiled module: made once, by the page, because a worker could not use what the page has preloaded. */
let compiled;
let worker;
let started = false;
/** Messages that came before the page was ready for them. */
let early = [];
let onMessages;
let onFailure;

let beat;
let asked = 0;
let silent = 0;
let patience = PATIENCE;
let lastBeat = 0;

/** Creates the worker before it is needed. */
export function engineWarm() {
  if (worker) return;
  early = [];
  const mine = new Worker(new URL(ENGINE_WORKER_URL, import.meta.url), { type: "module" });
  worker = mine;
  compiled ??= compile();
  compiled.then(
    (module) => mine.postMessage({ module }),
    (error) => mine === worker && fail(`The simulator could not be loaded: ${error.message}`),
  );
  mine.onmessage = ({ data }) => {
    if (mine !== worker) return;
    silent = 0;
    if (data.failed !== undefined) fail(data.failed);
    else if (data.messages) deliver(data.messages);
  };
  mine.onerror = (event) => {
    event.preventDefault();
    if (mine === worker) fail(event.message || "The simulator could not be loaded.");
  };
}

/** Starts a session with the engine. `messages` gets lists of JSON texts, `failure` a reason once the engine is dead. */
export function engineStart(messages, failure) {
  onMessages = messages;
  onFailure = failure;
  engineWarm();
  started = true;
  const waiting = early;
  early = [];
  if (waiting.length) onMessages(waiting);
  watch();
}

/** Sends one message. The engine may take `patienceMs` for it before it counts as dead; 0 for the usual time. */
export function enginePost(json, patienceMs) {
  if (patienceMs) {
    patience = patienceMs;
    silent = 0;
  }
  worker?.postMessage({ json });
}

/** The usual time counts again. */
export function engineCalm() {
  patience = PATIENCE;
}

/** `chars` of terminal output have been drawn: the engine may produce as many more. */
export function engineDrawn(chars) {
  worker?.postMessage({ drawn: chars });
}

/** Ends the engine. */
export function engineStop() {
  clearInterval(beat);
  worker?.terminate();
  worker = undefined;
  started = false;
  patience = PATIENCE;
}

function compile() {
  const response = fetch(new URL(wasm, import.meta.url));
  const module = WebAssembly.compileStreaming(response);
  module.catch(() => (compiled = undefined));
  return module;
}

function deliver(messages) {
  if (started) onMessages(messages);
  else early.push(...messages);
}

function fail(reason) {
  const tell = started ? onFailure : undefined;
  engineStop();
  // A worker that died before anybody used it is made again when it is needed, and may then say why.
  tell?.(String(reason));
}

function watch() {
  clearInterval(beat);
  silent = 0;
  lastBeat = performance.now();
  tellVisibility();
  beat = setInterval(() => {
    const now = performance.now();
    // A page that was asleep itself cannot say how long the worker was silent.
    if (now - lastBeat > 3 * HEARTBEAT || document.visibilityState === "hidden") silent = 0;
    else silent += now - lastBeat;
    lastBeat = now;
    if (silent > patience) fail("The simulator did not answer any more.");
    else worker?.postMessage({ ping: ++asked });
  }, HEARTBEAT);
}

function tellVisibility() {
  worker?.postMessage({ visible: document.visibilityState !== "hidden" });
}

document.addEventListener("visibilitychange", tellVisibility);
