// The terminal under load: floods, endless programs, large pastes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openLab, withBrowser } from "./page.mjs";

withBrowser();

test("a writer ends with its reader", async (t) => {
  const lab = await openLab(t);
  assert.equal(await lab.run("yes | head"), Array(10).fill("y").join("\n"));
  assert.equal(await lab.run("yes | head -n 3 | wc -l"), "3");
});

test("Ctrl-C ends what would never end", async (t) => {
  const lab = await openLab(t);
  const { page } = lab;
  for (const endless of ["while true; do :; done", "yes", "sleep 100000", "cat"]) {
    await lab.keys(`${endless}\n`);
    await page.waitForTimeout(300);
    // The page is alive meanwhile.
    await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await lab.press("Control+c");
    await lab.until(/\^C\n[^\n]*[$#]$/, `the prompt after ${endless}`);
    assert.equal(await lab.run("echo alive"), "alive");
  }
});

test("ten megabytes can be pasted while the page goes on", async (t) => {
  const lab = await openLab(t);
  const { page } = lab;
  const line = `${"x".repeat(79)}\n`;
  const lines = Math.ceil((10 * 1024 * 1024) / line.length);
  // Once `cat` runs, the terminal takes a paste as it comes.
  await lab.keys("echo ready; cat > big\n");
  await lab.until(/\nready$/);
  await paste(page, line, lines);
  await page.locator(".panel__hint", { hasText: "pasting" }).waitFor();
  await page.getByRole("button", { name: "Use the dark theme" }).click();
  await page.waitForFunction(() => document.documentElement.dataset.theme === "dark");
  assert.ok(await page.locator(".panel__hint", { hasText: "pasting" }).isVisible(), "the theme changed before the paste was over");
  await page.locator(".panel__hint", { hasText: "pasting" }).waitFor({ state: "detached", timeout: 240_000 });
  await lab.press("Control+d");
  await lab.prompt();
  await lab.keys("clear\n");
  await lab.until(/^[^\n]*[$#]$/, "an empty terminal");
  assert.match(await lab.run("wc -c big"), new RegExp(`^ *${lines * line.length} big$`));
});

test("Ctrl-C ends a paste", async (t) => {
  const lab = await openLab(t);
  // Once `cat` runs, the terminal takes a paste as it comes.
  await lab.keys("echo ready; cat > big\n");
  await lab.until(/\nready$/);
  await paste(lab.page, `${"x".repeat(79)}\n`, 130_000);
  await lab.page.locator(".panel__hint", { hasText: "pasting" }).waitFor();
  await lab.press("Control+c");
  await lab.page.locator(".panel__hint", { hasText: "pasting" }).waitFor({ state: "detached" });
  await lab.until(/\^C\n[^\n]*[$#]$/);
  // What is pasted has filled the terminal's memory: it would show no longer text afterwards.
  await lab.keys("clear\n");
  await lab.until(/^[^\n]*[$#]$/, "an empty terminal");
  assert.equal(await lab.run("echo alive"), "alive");
});

// Pastes `line`, `times` times, as the browser does.
function paste(page, line, times) {
  return page.evaluate(
    ([text, count]) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", text.repeat(count));
      const field = document.querySelector(".terminal textarea");
      field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    },
    [line, times],
  );
}
