// What the browser tests share: a browser, a page on an exercise, and its terminal.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { chromium } from "playwright-core";

export const base = process.env.PODYARD_URL ?? "http://127.0.0.1:8080/";
const FLAGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
/** Long enough for a slow machine; a test never waits for it when all is well. */
const TIMEOUT = 60_000;
const PROMPT = /(^|\n)[^\n]*[$#]$/;

let browser;
let first;

/** Call once at the top of a test file. */
export function withBrowser() {
  before(async () => {
    browser = await chromium.launch({ executablePath: process.env.CHROME ?? "/usr/bin/chromium", args: FLAGS.split(" ") });
    const index = await (await fetch(new URL("scenarios/index.json", base))).json();
    first = index.scenarios.find(({ path }) => path === "first-steps/run-a-pod") ?? index.scenarios[0];
  });
  after(() => browser?.close());
}

/** The exercise of these tests, `{path, title}`. */
export const exercise = () => first;

/** Every scenario of the site, as `scenarios/index.json` lists them. */
export async function scenarios() {
  return (await (await fetch(new URL("scenarios/index.json", base))).json()).scenarios;
}

/** A browser context of its own (storage, theme, size), closed after the test. */
export async function context(t, options = {}) {
  const made = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  made.setDefaultTimeout(TIMEOUT);
  t.after(() => made.close());
  return made;
}

/** A page at `#...` whose own failures fail the test. */
export async function openPage(t, within, hash) {
  const page = await within.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  t.after(() => assert.deepEqual(errors, [], "the page has failed"));
  await page.goto(base + hash);
  return page;
}

/** A fresh exercise (that of these tests, or the one at `path`) with its prompt, and what one does with it. */
export async function openLab(t, options, path = first.path) {
  const within = await context(t, options);
  const page = await openPage(t, within, `#/s/${path}?seed=1`);
  const lab = new Lab(page);
  await lab.prompt();
  return lab;
}

/** An exercise in a page, from the learner's side. */
export class Lab {
  /** `console` is the number of the terminal that is meant: it says 1 more than that. */
  constructor(page, console = 0) {
    this.page = page;
    this.console = console;
  }

  /** All that the terminal holds. */
  screen() {
    return this.page.evaluate((console) => globalThis.podyard?.terminalText?.(console) ?? "", this.console);
  }

  /** Waits until the terminal's text satisfies `test` (a pattern or a function) and returns it. */
  async until(test, what = String(test)) {
    const end = Date.now() + TIMEOUT;
    for (;;) {
      const text = await this.screen();
      if (typeof test === "function" ? test(text) : test.test(text)) return text;
      if (Date.now() > end) assert.fail(`waited for ${what}; ${await this.circumstances()}; the terminal shows:\n${text.slice(-2000)}`);
      await this.page.waitForTimeout(30);
    }
  }

  /** What else the page shows, for the message of a failed wait. */
  async circumstances() {
    const focus = await this.page.evaluate(() => document.activeElement?.outerHTML.slice(0, 160));
    const notices = await this.page.locator(".notice").allInnerTexts();
    const clock = await this.page.locator(".clock").allInnerTexts();
    return `the focus is on ${focus}, the notices are ${JSON.stringify(notices)}, the clock says ${JSON.stringify(clock)}`;
  }

  prompt() {
    return this.until(PROMPT, "a prompt");
  }

  /** Types keys as they are. */
  async keys(text) {
    await this.focus();
    await this.page.keyboard.type(text);
  }

  async press(key) {
    await this.focus();
    await this.page.keyboard.press(key);
  }

  focus() {
    return this.page.evaluate((console) => globalThis.podyard.terminalFocus(console), this.console);
  }

  /** Types a line, waits for the next prompt, and returns what was printed between the two. */
  async run(line) {
    const before = await this.prompt();
    await this.keys(`${line}\n`);
    const text = await this.until((now) => now.length > before.length + line.length && PROMPT.test(now), `the end of ${line}`);
    const printed = text.slice(before.length).split("\n");
    return printed.slice(1, -1).join("\n");
  }

  /** Waits until the browser's storage has a checkpoint of the exercise. */
  async checkpointed() {
    while (!(await this.page.evaluate(stored, `${first.path}#checkpoint`))) await this.page.waitForTimeout(100);
  }

  /** The pod's container on the map. */
  pod(name) {
    return this.page.locator("#panel-map .pod", { has: this.page.locator(`.pod__name:text-is("${name}")`) });
  }

  /** The service's signpost on the map. */
  service(name) {
    return this.page.locator("#panel-map .service", { has: this.page.locator(`.service__name:text-is("${name}")`) });
  }

  /** Waits until the map shows the pod with this status. */
  async podShows(name, status) {
    await this.pod(name).locator(`.pod__status:text-is("${status}")`).first().waitFor();
  }
}

/** Every text stored for an exercise, changed by `change` (source text of a function from text to text). */
export function damage(page, change) {
  return page.evaluate(async (source) => {
    const changed = new Function("text", `return (${source})(text)`);
    const db = await new Promise((resolve, reject) => {
      const request = indexedDB.open("podyard");
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const transaction = db.transaction("sessions", "readwrite");
    const store = transaction.objectStore("sessions");
    const finished = new Promise((resolve) => (transaction.oncomplete = resolve));
    let count = 0;
    store.openCursor().onsuccess = ({ target: { result: cursor } }) => {
      if (!cursor) return;
      count += 1;
      cursor.update(changed(cursor.value));
      cursor.continue();
    };
    await finished;
    db.close();
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith("podyard.late.")) localStorage.setItem(key, changed(localStorage.getItem(key)));
    }
    return count;
  }, String(change));
}

// In the page: whether the database holds a text under this key.
function stored(key) {
  return new Promise((resolve) => {
    const request = indexedDB.open("podyard");
    request.onsuccess = () => {
      const got = request.result.transaction("sessions").objectStore("sessions").get(key);
      got.onsuccess = () => {
        request.result.close();
        resolve(Boolean(got.result));
      };
    };
  });
}
