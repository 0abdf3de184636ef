// Every scenario can be done in the page: its solution, typed, passes every check; and a failed check says why.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Lab, base, context, openLab, openPage, scenarios, withBrowser } from "./page.mjs";

withBrowser();

/** How long a check may go on failing while the cluster still moves. */
const PATIENCE = 40_000;

test("every solution passes", { concurrency: 2 }, async (t) => {
  const within = await context(t);
  const left = (await scenarios()).filter(({ tasks }) => tasks > 0);
  // Two at a time, as a machine of the smallest kind has two cores.
  const worker = async () => {
    for (let next = left.shift(); next; next = left.shift()) await solve(t, within, next.path);
  };
  await Promise.all([worker(), worker()]);
});

function solve(t, within, path) {
  return t.test(path, async (t) => {
    const { spec } = await (await fetch(new URL(`scenarios/${path}.json`, base))).json();
    const page = await openPage(t, within, `#/s/${path}?seed=1`);
    const lab = new Lab(page);
    await lab.prompt();
    // Nobody waits for a cluster here.
    await page.getByRole("combobox", { name: "Speed of time" }).selectOption("20");
    await lab.keys(`${spec.solution.trimEnd()}\n`);
    await lab.keys("echo typed-$((40 + 2))\n");
    await lab.until(/typed-42\n[^\n]*[$#]$/, "the end of the solution");
    await allPass(page, spec.tasks.length);
    await page.close();
  });
}

test("a failed check says what was expected, what was found, and why", async (t) => {
  const lab = await openLab(t, {}, "first-steps/look-around");
  const { page } = lab;
  await lab.run("echo 7 > pods.txt");
  await page.getByRole("button", { name: "Check task 2" }).click();
  const task = page.locator(".task").nth(1);
  const verdict = task.locator(".verdict--failed");
  await verdict.waitFor();
  for (const fact of ["Expected", "Found", "Why"]) {
    const text = await verdict.locator(".verdict__fact", { has: page.locator(`dt:text-is("${fact}")`) }).locator("dd").textContent();
    assert.ok(text.trim().length > 5, `${fact}: ${text}`);
  }
  assert.match(await verdict.textContent(), /kubectl get pods -A --no-headers/);
  await page.getByText("0 of 1 checked task passed. Not yet:").waitFor({ state: "attached" });

  await lab.run("kubectl get pods -A --no-headers | wc -l > pods.txt");
  await page.getByRole("button", { name: "Check task 2" }).click();
  await page.locator(".task--passed").waitFor();
  assert.equal(await task.locator(".verdict--failed").count(), 0);
});

// Presses Check until every task has passed: what was typed may take the cluster some time.
async function allPass(page, count) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const button = page.getByRole("button", { name: count > 1 ? "Check all" : "Check task 1" });
    await button.click();
    await page.waitForFunction(() => !document.querySelector('.task [aria-disabled="true"]'));
    await page.locator(".verdict").first().waitFor();
    if ((await page.locator(".task--passed").count()) === count) break;
    if (Date.now() > end) assert.fail(`not passed: ${(await page.locator(".verdict--failed").allInnerTexts()).join("; ")}`);
    await page.waitForTimeout(300);
  }
  await page.locator(".debrief").waitFor();
}
