// The tables in the place of the map, and the console's why.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { openLab, withBrowser } from "./page.mjs";

withBrowser();

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const DENY = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny}\nspec: {podSelector: {}}\n";

test("the scheduler's decision is a table, live, with reasons and a way to the inspector", async (t) => {
  const lab = await openLab(t, { reducedMotion: "reduce" });
  const { page } = lab;
  await lab.run("kubectl run web --image=nginx");
  await page.getByRole("tab", { name: "Scheduling" }).click();
  await page.locator(".board__caption", { hasText: "Pod web went to node0" }).waitFor();
  assert.ok((await page.locator(".why-cell__button", { hasText: "winner" }).count()) === 1);
  assert.ok((await page.locator(".why-cell__button", { hasText: "untolerated taint" }).count()) >= 1);
  await lab.run(`kubectl run big --image=nginx --overrides='{"spec":{"nodeSelector":{"disk":"ssd"}}}'`);
  await page.locator(".board__choice select").selectOption("default/big");
  await page.locator(".board__caption", { hasText: "Pod big waits: none of" }).waitFor();
  await page.locator(".why-cell__button", { hasText: "node affinity/selector" }).first().click();
  const change = await page.locator(".reasons__changes").innerText();
  assert.match(change, /kubectl label node node\d+ disk=ssd/);
  await lab.run(change.split(": ").pop().split("\n")[0]);
  await page.locator(".board__caption", { hasText: "Pod big went to" }).waitFor();
  await page.locator(".why-table tbody th button").first().click();
  await page.locator("#inspector-title").waitFor();
});

test("rights and connections, by keyboard", async (t) => {
  const lab = await openLab(t, { reducedMotion: "reduce" });
  const { page } = lab;
  await lab.run("kubectl create role reader --verb=get,list,watch --resource=pods && kubectl create rolebinding jane --role=reader --user=jane");
  await lab.run("kubectl run front --image=nginx --port=80 && kubectl run web --image=nginx --port=80 --expose && kubectl wait --for=condition=Ready pod/front pod/web");
  await page.locator("#board-map").focus();
  for (const view of ["scheduling", "access"]) {
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction((id) => document.activeElement.id === id, `board-${view}`);
  }
  await page.locator(".board__caption", { hasText: "may do in the namespace default" }).waitFor();
  await page.locator("[data-why-stop='1-1']").focus();
  const row = page.locator("tr", { has: page.locator(".why-head:text-is('jane')") });
  assert.equal(await row.locator("td").first().innerText(), "read");
  await row.locator("button").first().focus();
  await page.keyboard.press("Enter");
  await page.locator(".reasons__answer", { hasText: "allowed: get, list, watch; not allowed: create" }).waitFor();
  assert.match(await page.locator(".reasons__lines").innerText(), /rules\[0\] of role\/reader allows it/);

  await page.locator("#board-access").focus();
  await page.keyboard.press("ArrowRight");
  const cell = page.locator("tr", { has: page.locator(".why-head:text-is('front')") }).locator("td").nth(1);
  await page.locator(".board__caption", { hasText: "Who reaches whom" }).waitFor();
  await page.locator("th", { hasText: "web:80" }).first().waitFor();
  assert.equal(await cell.innerText(), "yes");
  await cell.locator("button").focus();
  await page.keyboard.press("Enter");
  await page.locator(".reasons__answer", { hasText: "yes: pod/front reaches svc/default/web:80" }).waitFor();
  await lab.run(`printf '${DENY.replaceAll("\n", "\\n")}' | kubectl apply -f -`);
  await page.locator(".reasons__lines", { hasText: "networkpolicy/deny" }).waitFor();
  assert.equal(await cell.innerText(), "policy");
  await cell.locator("button").focus();
  await page.keyboard.press("ArrowLeft");
  assert.match(await page.evaluate(() => document.activeElement.dataset.whyStop), /^\d+-1$/);
});

for (const [colorScheme, width, height] of [["light", 1440, 900], ["dark", 1440, 900], ["light", 390, 844], ["dark", 390, 844]]) {
  test(`axe finds nothing in the tables, ${colorScheme} at ${width}`, async (t) => {
    const lab = await openLab(t, { colorScheme, reducedMotion: "reduce" });
    const { page } = lab;
    await lab.run("kubectl create deployment web --image=nginx --replicas=3 --port=80 && kubectl expose deployment web && kubectl rollout status deployment web");
    await page.setViewportSize({ width, height });
    if (width < 900) await page.locator("#tab-map").click();
    for (const view of ["scheduling", "access", "network"]) {
      await page.locator(`#board-${view}`).click();
      await page.locator(".why-cell__button").first().waitFor();
      await page.locator(".why-cell__button").first().click();
      await page.locator(".reasons__answer").waitFor();
      if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${view}-${colorScheme}-${width}.png` });
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => globalThis.axe.run());
      assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ").slice(0, 300)}`), [], view);
    }
  });
}

test("two hundred pods do not stall the page", async (t) => {
  const lab = await openLab(t, { reducedMotion: "reduce" });
  const { page } = lab;
  await lab.run("kubectl create deployment many --image=nginx --replicas=200");
  await page.locator("#board-network").click();
  await page.locator(".why-cell__button").first().waitFor();
  await page.locator("#board-scheduling").click();
  await page.locator(".why-cell__button").first().waitFor();
  assert.ok((await page.locator(".board__choice option").count()) <= 200);
  assert.match(await lab.run("echo still here"), /still here/);
});
