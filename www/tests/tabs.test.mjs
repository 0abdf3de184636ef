// Several terminals: opened, named, walked by keyboard, closed, and there again after a reload.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Lab, openLab, withBrowser } from "./page.mjs";

withBrowser();

const names = (page) => page.locator(".terminal-tabs [role=tab]").evaluateAll((tabs) => tabs.map((tab) => tab.textContent.trim()));
const shown = (page) => page.locator(".terminal-tabs [aria-selected=true]").textContent();

test("terminals run side by side", async (t) => {
  const lab = await openLab(t);
  const { page } = lab;
  assert.deepEqual(await names(page), ["Terminal 1"]);
  await lab.run("echo first > note");

  await page.getByRole("button", { name: "Open one more terminal" }).click();
  const second = new Lab(page, 1);
  await second.prompt();
  assert.deepEqual(await names(page), ["Terminal 1", "Terminal 2"]);
  await page.keyboard.type("kubectl get pods --watch\n");
  await second.until(/--watch$/m);

  // What runs in one goes on while the other is used; both are the same machine.
  await page.getByRole("tab", { name: "Terminal 1" }).click();
  assert.equal(await lab.run("cat note"), "first");
  await page.keyboard.type("kubectl run web --image=nginx\n");
  await lab.until(/pod\/web created/);
  await second.until(/web +1\/1 +Running/);
  assert.ok(!(await lab.screen()).includes("ContainerCreating"));

  await page.reload();
  await second.until(/web +1\/1 +Running/);
  assert.deepEqual(await names(page), ["Terminal 1", "Terminal 2"]);
  await page.getByRole("tab", { name: "Terminal 2" }).click();
  await second.press("Control+c");
  assert.equal(await second.run("cat note"), "first");
});

test("going back takes back what the terminals held, not the tabs", async (t) => {
  const lab = await openLab(t);
  const { page } = lab;
  await page.keyboard.press("Alt+Shift+T");
  const second = new Lab(page, 1);
  await second.prompt();
  await second.run("echo said");
  await page.getByRole("slider", { name: "Moments to go back to" }).focus();
  await page.keyboard.press("Home");
  await second.until((text) => !text.includes("said"), "the moment before");
  await second.prompt();
  assert.deepEqual(await names(page), ["Terminal 1", "Terminal 2"]);
  assert.equal(await second.run("echo again"), "again");
});

test("tabs by keyboard", async (t) => {
  const lab = await openLab(t);
  const { page } = lab;
  const selected = async (name) => {
    // While the focus is on its way it is on the page as a whole, which contains every name.
    const hasFocus = (wanted) => document.activeElement.matches("[role=tab]") && document.activeElement.textContent.includes(wanted);
    await page.waitForFunction(hasFocus, name);
    assert.match(await shown(page), new RegExp(name));
  };
  await page.keyboard.press("Alt+Shift+T");
  await new Lab(page, 1).prompt();
  await page.keyboard.press("Alt+Shift+T");
  await new Lab(page, 2).prompt();
  assert.equal(await new Lab(page, 2).run("echo typed"), "typed", "the new terminal has the focus");

  await page.getByRole("tab", { name: "Terminal 3" }).focus();
  await page.keyboard.press("ArrowRight");
  await selected("Terminal 1");
  await page.keyboard.press("End");
  await selected("Terminal 3");
  await page.keyboard.press("ArrowLeft");
  await selected("Terminal 2");
  await page.keyboard.press("Delete");
  await selected("Terminal 1");
  assert.deepEqual(await names(page), ["Terminal 1", "Terminal 3"]);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.matches("#console-0 textarea"));

  // A number that is free again is used again, for a terminal that knows nothing of the one before.
  await page.keyboard.press("Alt+Shift+T");
  const again = new Lab(page, 1);
  await again.prompt();
  assert.ok(!(await again.screen()).includes("typed"));
  await page.locator("#console-tab-2 .terminal-tabs__close").click();
  await page.locator("#console-tab-1 .terminal-tabs__close").click();
  assert.deepEqual(await names(page), ["Terminal 1"]);
  await page.getByRole("tab", { name: "Terminal 1" }).focus();
  await page.keyboard.press("Delete");
  assert.equal(await lab.run("echo stays"), "stays");
});
