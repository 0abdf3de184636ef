// What must survive: a reload, a dead engine, damaged storage, a second tab.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Lab, base, context, damage, exercise, openLab, openPage, withBrowser } from "./page.mjs";

withBrowser();

test("after a reload everything is as it was", async (t) => {
  const lab = await openLab(t);
  const { page } = lab;
  await lab.run("kubectl run web --image=nginx");
  await lab.run("echo kept > note; alias k=kubectl");
  await lab.podShows("web", "Running");
  await page.getByRole("button", { name: /^Hint 1/ }).click();
  await page.locator(".hint").waitFor();
  const uid = await lab.run("kubectl get pod web -o jsonpath='{.metadata.uid}{\"\\n\"}'");

  await page.reload();
  const screen = await lab.prompt();
  assert.match(screen, /pod\/web created/, "the terminal shows what it showed");
  await lab.podShows("web", "Running");
  assert.equal(await page.locator(".hint").count(), 1);
  assert.equal(await lab.run("cat note; k get pod web -o jsonpath='{.metadata.uid}{\"\\n\"}'"), `kept\n${uid}`);
});

test("a session that has a checkpoint comes back too", async (t) => {
  const lab = await openLab(t);
  await lab.run("echo first > note");
  await lab.checkpointed();
  await lab.run("echo second >> note");
  await lab.page.reload();
  await lab.prompt();
  assert.equal(await lab.run("cat note"), "first\nsecond");
});

test("an engine that panics is brought back without what it died of", async (t) => {
  const lab = await openLab(t);
  const { page } = lab;
  await lab.run("kubectl run web --image=nginx");
  await lab.run("echo kept > note");
  await lab.podShows("web", "Running");

  for (const round of [1, 2]) {
    await lab.keys("podyard-panic\n");
    const shownBack = page.getByRole("textbox", { name: "What was not run again" });
    await shownBack.waitFor();
    assert.match(await shownBack.inputValue(), /podyard-panic/, `round ${round}`);
    await page.locator('.bench[aria-busy="false"]').waitFor();
    await lab.until(/pod\/web created/);
    await lab.press("Control+c");
    await lab.podShows("web", "Running");
    assert.equal(await lab.run("cat note"), "kept", `round ${round}`);
    await page.getByRole("button", { name: "Dismiss this notice" }).click();
  }
});

test("what was shown back can be changed and used", async (t) => {
  const lab = await openLab(t);
  const { page } = lab;
  await lab.keys("podyard-panic\n");
  const shownBack = page.getByRole("textbox", { name: "What was not run again" });
  await shownBack.fill("echo changed");
  await page.locator('.bench[aria-busy="false"]').waitFor();
  await lab.until(/[$#] podyard-panic$/);
  await page.getByRole("button", { name: "Put it at the prompt" }).click();
  await lab.until(/[$#] echo changed$/);
  await page.keyboard.press("Enter");
  await lab.until(/\nchanged\n/);
});

test("starting over forgets the session", async (t) => {
  const lab = await openLab(t);
  await lab.run("echo kept > note");
  await lab.page.getByRole("button", { name: "Start over" }).click();
  await lab.page.getByRole("button", { name: /^Start over\?/ }).click();
  await lab.until((text) => !text.includes("kept"), "an empty terminal");
  await lab.prompt();
  assert.match(await lab.run("cat note"), /No such file or directory$/);
  await lab.page.reload();
  await lab.prompt();
  assert.match(await lab.run("cat note"), /No such file or directory$/);
});

const DAMAGES = {
  "cut short": (text) => text.slice(0, text.length / 2),
  "changed in one letter": (text) => text.replace(/"sequence":\d/, '"sequence":x').replace("until_ms", "until_mz"),
  "not a text": () => ({ nonsense: true }),
  "of another version": (text) => text.replace(/^(podyard \w+) \d+/, "$1 999"),
};
for (const [name, change] of Object.entries(DAMAGES)) {
  test(`storage ${name} is put aside and said`, async (t) => {
    const lab = await openLab(t);
    const { page } = lab;
    await lab.run("echo kept > note");
    await lab.checkpointed();
    await page.goto("about:blank");
    await page.goto(`${base}#/`);
    await page.locator(".card").first().waitFor();
    assert.ok((await damage(page, change)) > 0, "something was stored");

    await page.goto(`${base}#/s/${exercise().path}`);
    await page.getByText("Your stored session could not be read").waitFor();
    await lab.prompt();
    assert.match(await lab.run("cat note"), /No such file or directory$/);
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download it" }).click();
    assert.match((await download).suggestedFilename(), /set-aside/);
    // The new session is kept as any other.
    await lab.run("echo new > note");
    await page.reload();
    await lab.prompt();
    assert.equal(await lab.run("cat note"), "new");
  });
}

test("a second tab asks before it takes the exercise over", async (t) => {
  const within = await context(t);
  const first = new Lab(await openPage(t, within, `#/s/${exercise().path}`));
  await first.prompt();
  await first.run("echo kept > note");

  const second = new Lab(await openPage(t, within, `#/s/${exercise().path}`));
  await second.page.getByRole("heading", { name: "This exercise is open in another tab" }).waitFor();
  await second.page.getByRole("button", { name: "Go on in this tab" }).click();
  await second.prompt();
  assert.equal(await second.run("cat note"), "kept");
  await first.page.getByRole("heading", { name: "Another tab has taken this exercise over" }).waitFor();

  await second.run("echo more >> note");
  await first.page.getByRole("button", { name: "Go on in this tab" }).click();
  await first.prompt();
  assert.equal(await first.run("cat note"), "kept\nmore");
  await second.page.getByRole("heading", { name: "Another tab has taken this exercise over" }).waitFor();
});
