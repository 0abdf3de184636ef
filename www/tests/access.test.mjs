// For everybody: by keyboard alone, with a screen reader, in either theme, on a narrow screen.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { Lab, context, exercise, openLab, openPage, withBrowser } from "./page.mjs";

withBrowser();

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing, ${colorScheme}`, async (t) => {
    const within = await context(t, { colorScheme, reducedMotion: "reduce" });
    const page = await openPage(t, within, "#/");
    await page.locator(".card").first().waitFor();
    await clean(page, "catalogue");

    await page.goto(new URL(`#/s/${exercise().path}`, page.url()).href);
    const lab = new Lab(page);
    await lab.prompt();
    await clean(page, "exercise");

    await lab.run("kubectl run web --image=nginx");
    await page.getByRole("button", { name: "System pods" }).click();
    await page.getByRole("button", { name: "Check task 1" }).click();
    await page.locator(".verdict").first().waitFor();
    await lab.podShows("web", "Running");
    await clean(page, "exercise with pods and a verdict");

    await lab.pod("web").click();
    await page.locator(".inspector pre").waitFor();
    await clean(page, "inspector");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
    await page.getByRole("dialog").waitFor();
    await clean(page, "help");
    await page.keyboard.press("Escape");

    await page.goto(new URL("#/modelled", page.url()).href);
    await page.locator(".modelled").waitFor();
    await page.locator("summary").first().click();
    await clean(page, "modelled");

    await page.goto(new URL("#/sandbox", page.url()).href);
    await lab.prompt();
    await lab.run("kubectl create deployment web --image=nginx; kubectl expose deployment web --port=80");
    await page.getByRole("button", { name: "Open one more terminal" }).click();
    await lab.service("web").focus();
    await page.locator(".pod--served").waitFor();
    await clean(page, "sandbox with a service and two terminals");
  });
}

test("360 pixels are enough", async (t) => {
  const within = await context(t, { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
  const page = await openPage(t, within, "#/");
  await page.locator(".card").first().waitFor();
  await fits(page, "catalogue");
  await page.locator(".card a").first().click();
  const lab = new Lab(page);
  await lab.prompt();
  for (const panel of ["Task", "Terminal", "Map"]) {
    await page.getByRole("tab", { name: panel, exact: true }).click();
    await fits(page, panel);
    assert.ok(await page.locator(`#panel-${panel.toLowerCase()}`).isVisible(), panel);
  }
  await page.getByRole("tab", { name: "Terminal", exact: true }).click();
  await lab.run("kubectl run web --image=nginx");
  await page.getByRole("tab", { name: "Map" }).click();
  await lab.podShows("web", "Running");
  await lab.pod("web").click();
  await page.locator(".inspector pre").waitFor();
  await fits(page, "inspector");
  await clean(page, "narrow");
});

test("everything by keyboard", async (t) => {
  const within = await context(t);
  const page = await openPage(t, within, "#/");
  await page.locator(".card").first().waitFor();
  const lab = new Lab(page);

  // From the catalogue into the exercise.
  await page.keyboard.press("Tab");
  assert.equal(await focused(page), "Skip to the content");
  await page.keyboard.press("Enter");
  await tabTo(page, exercise().title);
  await page.keyboard.press("Enter");
  await lab.prompt();

  // The terminal has the focus; Tab is its own, F6 leaves it.
  await page.keyboard.type("kubectl run web --image=nginx\n");
  await lab.podShows("web", "Running");
  await page.keyboard.press("F6");
  await inPanel(page, "panel-map");
  // Past the tabs of the views and the switch for system pods.
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  assert.match(await focused(page), /^Node |^Pod /);
  for (let step = 0; step < 10 && !(await focused(page)).startsWith("Pod web"); step++) await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await page.locator(".inspector pre").waitFor();
  await page.keyboard.press("Escape");
  assert.match(await focused(page), /^Pod web/, "the focus is back where it was");

  await page.keyboard.press("F6");
  await inPanel(page, "panel-task");
  await tabTo(page, "Check task 1");
  await page.keyboard.press("Enter");
  await page.locator(".verdict--failed").first().waitFor();
  await page.keyboard.press("Shift+F6");
  await inPanel(page, "panel-map");
  await page.keyboard.press("Shift+F6");
  await inPanel(page, "panel-terminal");
  await page.keyboard.type("kubectl label pod web tier=front\n");
  await lab.until(/pod\/web labeled/);
  await page.keyboard.press("Alt+Shift+C");
  await page.locator(".task--passed").waitFor();

  // Time, from anywhere.
  await page.keyboard.press("Alt+Shift+P");
  await page.getByRole("button", { name: "Let time run" }).waitFor();
  await page.keyboard.press("Alt+Shift+Z");
  await lab.until((text) => !text.includes("labeled"), "the moment before");
});

// No violation of the rules that axe can check. The terminal's rows are drawn by xterm.js and hidden from screen
// readers, which read its live region instead.
async function clean(page, what) {
  if (!(await page.evaluate(() => Boolean(globalThis.axe)))) await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const found = await globalThis.axe.run({ exclude: [".xterm-screen"] });
    return found.violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html.slice(0, 160)).join("; ")}`);
  });
  assert.deepEqual(violations, [], what);
}

async function fits(page, what) {
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 360, `${what} is ${width} pixels wide`);
}

// The accessible name, as far as these tests need it, of what has the focus.
function focused(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (element.matches("main, section, body")) return "";
    return (element.getAttribute("aria-label") ?? element.textContent).replace(/\s+/g, " ").trim();
  });
}

function inPanel(page, id) {
  return page.waitForFunction((wanted) => document.activeElement.closest(".panel")?.id === wanted, id);
}

async function tabTo(page, name) {
  for (let step = 0; step < 40; step++) {
    if ((await focused(page)).includes(name)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`no Tab leads to ${name}`);
}
