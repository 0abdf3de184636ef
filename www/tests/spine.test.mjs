// The first exercise, typed for real.
import assert from "node:assert/strict";
import { test } from "node:test";
import { exercise, openLab, withBrowser } from "./page.mjs";

withBrowser();

test("a pod from its creation to its end", async (t) => {
  const lab = await openLab(t);
  const { page } = lab;
  assert.equal(await page.locator("h1").textContent(), exercise().title);

  await t.test("it is not there yet, and the check says what is missing", async () => {
    await page.getByRole("button", { name: "Check task 1" }).click();
    const failed = page.locator(".verdict--failed").first();
    await failed.waitFor();
    for (const fact of ["Expected", "Found"]) assert.ok(await failed.getByText(fact, { exact: true }).isVisible(), fact);
  });

  await t.test("the map shows it on its way", async () => {
    const seen = watchStatuses(page, "web");
    assert.equal(await lab.run("kubectl run web --image=nginx"), "pod/web created");
    await lab.podShows("web", "Running");
    const statuses = await seen();
    assert.ok(statuses.includes("ContainerCreating"), statuses.join());
    assert.equal(statuses.at(-1), "Running");
  });

  await t.test("get -w goes on until Ctrl-C", async () => {
    await lab.keys("kubectl get pods -w\n");
    await lab.until(/web +1\/1 +Running +0 +\S+$/);
    await lab.press("Control+c");
    await lab.until(/\^C\n[^\n]*[$#]$/);
  });

  await t.test("it can be looked at", async () => {
    const yaml = await lab.run("kubectl get pod web -o yaml");
    assert.match(yaml, /^apiVersion: v1\nkind: Pod\nmetadata:\n/);
    assert.match(yaml, /\n {2}phase: Running\n/);
    const description = await lab.run("kubectl describe pod web");
    assert.match(description, /^Name: +web\n/);
    assert.match(description, /Successfully assigned default\/web to /);
    assert.match(description, /Started\b.*\bkubelet\b/);
  });

  await t.test("pipes and files", async () => {
    assert.match(await lab.run("kubectl get pods | grep web > f; cat f"), /^web +1\/1 +Running/);
  });

  await t.test("logs and a shell in the container", async () => {
    assert.match(await lab.run("kubectl logs web"), /nginx|docker-entrypoint/);
    await lab.keys("kubectl exec -it web -- sh\n");
    await lab.until(/\n#$|\n\/ #$/);
    assert.equal(await lab.run("hostname"), "web");
    assert.match(await lab.run("env"), /KUBERNETES_SERVICE_HOST=\d+\.\d+\.\d+\.\d+/);
    await lab.run("exit");
    assert.match(await lab.run("kubectl get pod web -o name"), /^pod\/web$/);
  });

  await t.test("what is wrong is answered as by the real one", async () => {
    assert.equal(await lab.run("kubectl get pods nope"), 'Error from server (NotFound): pods "nope" not found');
    assert.match(await lab.run("kubectl gett pods"), /^error: unknown command "gett" for "kubectl"/);
    assert.match(await lab.run("kubectl get pods --nope"), /^error: unknown flag: --nope\nSee 'kubectl get --help' for usage\.$/);
    assert.match(await lab.run("nope"), /nope: command not found$/);
  });

  await t.test("with its label the check passes", async () => {
    assert.equal(await lab.run("kubectl label pod web tier=front"), "pod/web labeled");
    await page.getByRole("button", { name: "Check task 1" }).click();
    await page.locator(".task--passed").waitFor();
    assert.equal(await page.locator(".verdict--failed").count(), 0);
    await page.locator(".debrief").waitFor();
  });

  await t.test("the inspector opens from the map", async () => {
    await lab.pod("web").click();
    const inspector = page.locator(".inspector");
    await inspector.locator("pre", { hasText: "Node:" }).waitFor();
    await inspector.getByRole("tab", { name: "YAML" }).click();
    await inspector.locator("pre", { hasText: "tier: front" }).waitFor();
    await inspector.getByRole("tab", { name: "Events" }).click();
    await inspector.getByText("Scheduled", { exact: true }).first().waitFor();
    await page.keyboard.press("Escape");
    await inspector.waitFor({ state: "detached" });
  });

  await t.test("and it goes", async () => {
    assert.match(await lab.run("kubectl delete pod web"), /^pod "web" deleted/);
    await lab.pod("web").waitFor({ state: "detached" });
    assert.match(await lab.run("kubectl get pods"), /^No resources found in default namespace\.$/);
  });
});

test("time stops, steps, goes faster and goes back", async (t) => {
  const lab = await openLab(t);
  const { page } = lab;
  const elapsed = () => page.locator(".clock__elapsed").textContent();

  await lab.run("kubectl run web --image=nginx");
  await lab.podShows("web", "Running");
  await page.getByRole("button", { name: "Stop time" }).click();
  await page.getByRole("button", { name: "Let time run" }).waitFor();
  const seconds = async () => Number((await elapsed()).match(/^\+0:(\d\d)$/)[1]);
  const stopped = await seconds();
  await lab.run("echo still here");
  await page.waitForTimeout(1500);
  // What is typed is answered, in no more than a second of virtual time.
  assert.ok((await seconds()) - stopped <= 1, `${await elapsed()} after ${stopped} seconds`);

  await page.getByRole("combobox", { name: "Speed of time" }).selectOption("100");
  await page.getByRole("button", { name: "Let time run" }).click();
  await page.waitForFunction(() => /^\+[1-9]\d*:/.test(document.querySelector(".clock__elapsed").textContent));

  await page.getByRole("slider", { name: "Moments to go back to" }).focus();
  await page.keyboard.press("Home");
  await lab.pod("web").waitFor({ state: "detached" });
  const screen = await lab.prompt();
  assert.ok(!screen.includes("still here"), "the terminal goes back too");
});

// Collects the statuses that the map shows for a pod, in order, from now on.
function watchStatuses(page, name) {
  const collecting = page.evaluate(
    (pod) =>
      new Promise((resolve) => {
        const seen = [];
        const look = () => {
          for (const chip of document.querySelectorAll("#panel-map .pod")) {
            const status = chip.querySelector(".pod__status").textContent;
            if (chip.querySelector(".pod__name").textContent === pod && seen.at(-1) !== status) seen.push(status);
          }
          if (seen.at(-1) === "Running") resolve(seen);
        };
        new MutationObserver(look).observe(document.querySelector("#panel-map"), { subtree: true, childList: true, characterData: true });
      }),
    name,
  );
  return () => collecting;
}
