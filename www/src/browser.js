// Small things of the browser that the page asks for: texts, settings, theme, downloads, and when it is shown or left.

const fetched = new Map();

/** Starts loading what the address will need, so that it is there when the page asks. */
export function prefetch(hash) {
  const [, folder, name] = /^#\/(?:s\/([\w.-]+)|sandbox)(?:\/([\w.-]+))?/.exec(hash) ?? [];
  if (folder && name) fetchText(`scenarios/${folder}/${name}.json`).catch(() => {});
  else if (hash.startsWith("#/sandbox")) fetchText(`scenarios/sandbox/${name ?? "two-workers"}.json`).catch(() => {});
  else if (!hash.startsWith("#/modelled")) fetchText("scenarios/index.json").catch(() => {});
}

/** The text of a file of the site. Rejects with words for the learner. */
export function fetchText(url) {
  if (!fetched.has(url)) {
    const text = fetch(url).then(
      (response) => {
        if (response.ok) return response.text();
        throw response.status === 404 ? "There is no such exercise." : `The server answered ${response.status}.`;
      },
      () => {
        throw "It could not be loaded. Is there a connection?";
      },
    );
    fetched.set(url, text);
    text.catch(() => fetched.delete(url));
  }
  return fetched.get(url);
}

/** A setting of this browser, or an empty string. */
export function setting(name) {
  try {
    return localStorage.getItem(`podyard.${name}`) ?? "";
  } catch {
    return "";
  }
}

/** Keeps a setting, where the browser lets us; an empty value forgets it. */
export function settingPut(name, value) {
  try {
    if (value) localStorage.setItem(`podyard.${name}`, value);
    else localStorage.removeItem(`podyard.${name}`);
  } catch {
    // Without storage a setting lasts as long as the page.
  }
}

/** Shows the page in the chosen theme: `light`, `dark`, or as the system has it. */
export function applyTheme() {
  const theme = setting("theme");
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  dispatchEvent(new Event("podyard-theme"));
}

/** Whether the page is dark at the moment. */
export function isDark() {
  return (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
}

/** Hands a text to the learner as a file. */
export function download(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Calls back when the page is about to go away or be hidden: the last moment at which something can be kept. */
export function onLeave(callback) {
  const hidden = () => document.visibilityState === "hidden" && callback();
  const leave = () => callback();
  document.addEventListener("visibilitychange", hidden);
  window.addEventListener("pagehide", leave);
  return () => {
    document.removeEventListener("visibilitychange", hidden);
    window.removeEventListener("pagehide", leave);
  };
}

/** Puts the keyboard's focus on the first element that matches, if there is one. */
export function focusOn(selector) {
  document.querySelector(selector)?.focus();
}
