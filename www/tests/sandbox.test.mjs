// The sandbox, services on the map, the inspector's way through owners, and the page of what is modelled.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Lab, context, openPage, withBrowser } from "./page.mjs";

withBrowser();

test("the sandbox is an empty cluster that is kept", async (t) => {
  const page = await openPage(t, await context(t), "#/");
  await page.getByRole("link", { name: "Open an empty cluster" }).click();
  const lab = new Lab(page);
  await lab.prompt();
  assert.match(await lab.run("kubectl get pods"), /^No resources found/);
  assert.equal(await page.getByRole("button", { name: /^Check/ }).count(), 0);
  const ideas = page.locator(".idea");
  await ideas.first().getByRole("button", { name: "Run it" }).click();
  await lab.until(/deployment\.apps\/web created/);
  await lab.service("kubernetes").waitFor();

  await page.reload();
  await lab.until(/deployment\.apps\/web created/);
  assert.match(await lab.run("kubectl get deployments -o name"), /^deployment\.apps\/web$/);
});

test("a service leads to its pods", async (t) => {
  const page = await openPage(t, await context(t), "#/sandbox?seed=1");
  const lab = new Lab(page);
  await lab.prompt();
  await lab.run("kubectl create deployment web --image=nginx --replicas=2; kubectl expose deployment web --port=80");
  await lab.run("kubectl run broken --image=nginx:1.99-typo --labels=app=web; kubectl run other --image=nginx");
  const web = lab.service("web");
  const counted = (text) => web.locator(`.service__ready:has-text("${text}")`).waitFor();
  await counted("2/3");
  assert.match(await web.textContent(), /ClusterIP10\.\d+\.\d+\.\d+ : 80\/TCP/);
  assert.match(await web.evaluate(described), /^In default; 3 endpoints behind it; ready: web-\S+, web-\S+; not ready: broken\.$/);

  await t.test("pointing at it shows which", async () => {
    await web.hover();
    await page.locator(".yard--lit").waitFor();
    assert.equal(await page.locator(".pod--served").count(), 2);
    assert.match(await page.locator(".pod--unready").textContent(), /broken/);
    await page.locator("#map-title").hover();
    await page.locator(".yard--lit").waitFor({ state: "detached" });
    await web.focus();
    await page.locator(".yard--lit").waitFor();
  });

  await t.test("it follows a rollout", async () => {
    const before = await web.evaluate(described);
    await lab.run("kubectl delete pod broken; kubectl set image deployment/web nginx=nginx:1.27; kubectl rollout status deployment/web");
    await counted("2/2");
    const after = await web.evaluate(described);
    assert.match(after, /^In default; 2 endpoints behind it; ready: web-\S+, web-\S+\.$/);
    assert.notEqual(after.match(/web-\w+/)[0], before.match(/web-\w+/)[0]);
  });

  await t.test("its inspector, and from a pod to what owns it", async () => {
    await web.focus();
    await page.keyboard.press("Enter");
    const inspector = page.locator(".inspector");
    await inspector.locator("pre", { hasText: "Endpoints:" }).waitFor();
    assert.equal(await page.locator(".pod--served").count(), 2, "its pods still stand out");
    await inspector.getByRole("tab", { name: "Summary" }).focus();
    await page.keyboard.press("ArrowRight");
    await inspector.locator("pre", { hasText: "clusterIP:" }).waitFor();
    await page.keyboard.press("Escape");

    await page.locator(".pod", { hasText: "web-" }).first().click();
    await inspector.getByRole("button", { name: /^ReplicaSet web-/ }).click();
    await inspector.getByRole("button", { name: "Deployment web" }).click();
    await inspector.locator("pre", { hasText: "StrategyType:" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: /^Node node01/ }).click();
    await inspector.locator("pre", { hasText: "Kubelet Version:" }).waitFor();
  });

  await t.test("and it goes", async () => {
    await lab.run("kubectl delete service web");
    await web.waitFor({ state: "detached" });
  });
});

test("what is modelled is told by the engine", async (t) => {
  const page = await openPage(t, await context(t), "#/");
  await page.getByRole("link", { name: "What is modelled", exact: true }).click();
  await page.getByRole("heading", { name: "Controllers" }).waitFor();
  const part = (heading) => page.locator(".modelled__part", { has: page.getByRole("heading", { name: heading }) });
  for (const [heading, name] of [
    ["Kinds", "NetworkPolicy"],
    ["Controllers", "deployment-controller"],
    ["Scheduler plugins", "PodTopologySpread"],
    ["Admission plugins", "PodSecurity"],
    ["Commands of kubectl", "rollout undo"],
    ["Programs of the workstation", "grep"],
    ["Images", "nginx"],
  ]) {
    await part(heading).locator(`code:text-is("${name}")`).waitFor();
  }
  const absent = part("Admission plugins").locator("details");
  assert.ok(!(await absent.locator("li").first().isVisible()));
  await absent.locator("summary").click();
  await absent.getByText("MutatingAdmissionWebhook").waitFor();

  // From there into a cluster, with an engine of its own.
  await page.goto(new URL("#/sandbox", page.url()).href);
  await new Lab(page).prompt();
});

// What a screen reader says besides the name.
function described(element) {
  return document.getElementById(element.getAttribute("aria-describedby")).textContent;
}
