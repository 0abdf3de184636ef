// The engine's worker: gives the engine its turns, paces virtual time, and stops when nobody looks.
import init, { Engine } from "podyard-worker";

/** Milliseconds of work between two looks at the inbox. */
const TURN = 8;
/** Milliseconds between two ticks of the clock. */
const TICK = 16;
/** A longer pause than this was a sleeping computer, not time that passed in the lab. */
const LONGEST_TICK = 250;
/** The engine waits while this many characters have been sent and not yet been drawn. */
const UNDRAWN = 256 * 1024;

const now = () => performance.now();
const inbox = [];
let engine;
let dead = false;
let visible = true;
let drawn = 0;
let last = now();
let timer;
let soon = false;

// A message to oneself comes behind those of the page, and without the delay of a timer.
const self_ = new MessageChannel();
self_.port1.onmessage = () => {
  soon = false;
  turn();
};

onmessage = ({ data }) => {
  if (data.module) start(data.module);
  else if (!engine) inbox.push(data);
  else take(data);
};

async function start(module) {
  try {
    await init({ module_or_path: module });
    engine = new Engine();
    post(engine.ready());
    inbox.splice(0).forEach(take);
  } catch (error) {
    fail(error);
  }
}

function take(data) {
  if (dead) return;
  try {
    if (data.json !== undefined) post(engine.handle(data.json));
    else if (data.drawn !== undefined) drawn += data.drawn;
    else if (data.visible !== undefined) show(data.visible);
    else if (data.ping !== undefined) postMessage({ pong: data.ping });
    schedule();
  } catch (error) {
    fail(error);
  }
}

function show(visibleNow) {
  visible = visibleNow;
  last = now();
}

function turn() {
  if (dead) return;
  try {
    const start = now();
    if (visible && engine.is_playing()) {
      post(engine.tick(Math.min(start - last, LONGEST_TICK)));
    }
    last = start;
    if (hasRoom()) post(engine.turn(now, TURN));
    schedule();
  } catch (error) {
    fail(error);
  }
}

// The next turn: at once while there is work, at the next tick while time passes, not at all while it stands still.
function schedule() {
  if (hasRoom() && engine.is_busy()) {
    clearTimeout(timer);
    timer = undefined;
    if (!soon) {
      soon = true;
      self_.port2.postMessage(0);
    }
  } else if (visible && engine.is_playing() && timer === undefined) {
    timer = setTimeout(() => {
      timer = undefined;
      turn();
    }, TICK);
  }
}

function hasRoom() {
  return engine.terminal_chars() - drawn < UNDRAWN;
}

function post(messages) {
  if (messages.length) postMessage({ messages });
}

// After a panic the module's memory is not to be trusted: the page ends this worker and starts another.
function fail(error) {
  dead = true;
  postMessage({ failed: globalThis.podyardPanic ?? error?.message ?? String(error) });
}
