// The terminals: xterm.js for each console, with its theme, size, keys and back-pressure.
import { FitAddon } from "@xterm/addon-fit";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { Terminal } from "@xterm/xterm";
import { setting, settingPut } from "./browser.js";
import { engineDrawn } from "./engine.js";

const terminals = new Map();
/** Output of consoles whose terminals are not there yet, by console. */
const early = new Map();
let prompted = false;

/** Puts console `id` into `element`. `onData` gets what is typed, `onResize` columns and rows. */
export function terminalMount(id, element, onData, onResize) {
  const terminal = new Terminal({
    allowProposedApi: true,
    cursorBlink: true,
    fontFamily: getComputedStyle(element).fontFamily,
    fontSize: innerWidth < 600 ? 12.5 : 13.5,
    lineHeight: 1.2,
    macOptionIsMeta: true,
    minimumContrastRatio: 4.5,
    screenReaderMode: setting("screenReader") === "on",
    scrollback: 10_000,
    theme: theme(element),
  });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.loadAddon(new WebLinksAddon());
  terminal.loadAddon(new Unicode11Addon());
  terminal.unicode.activeVersion = "11";
  terminal.open(element);
  terminal.textarea?.setAttribute("aria-label", `Terminal ${id + 1}. Press F6 to leave it.`);
  terminal.attachCustomKeyEventHandler((event) => isForTheConsole(event, terminal));
  terminal.onData(onData);
  terminal.onResize(({ cols, rows }) => onResize(cols, rows));

  const resized = new ResizeObserver(() => requestAnimationFrame(() => element.clientWidth > 0 && fit.fit()));
  resized.observe(element);
  const repaint = () => (terminal.options.theme = theme(element));
  const system = matchMedia("(prefers-color-scheme: dark)");
  addEventListener("podyard-theme", repaint);
  system.addEventListener("change", repaint);

  terminals.set(id, {
    terminal,
    /** How many characters are on their way to the screen. */
    undrawn: 0,
    close() {
      engineDrawn(this.undrawn);
      this.undrawn = 0;
      resized.disconnect();
      removeEventListener("podyard-theme", repaint);
      system.removeEventListener("change", repaint);
      terminal.dispose();
    },
  });
  if (element.clientWidth > 0) fit.fit();
  onResize(terminal.cols, terminal.rows);
  const text = early.get(id);
  early.delete(id);
  if (text) terminalWrite(id, text);
}

/** Takes a console's terminal away. */
export function terminalUnmount(id) {
  terminals.get(id)?.close();
  terminals.delete(id);
  engineDrawn(early.get(id)?.length ?? 0);
  early.delete(id);
}

/** Shows output. What is drawn is reported to the engine, which waits when too much is not. */
export function terminalWrite(id, text) {
  const shown = terminals.get(id);
  if (!shown) {
    early.set(id, (early.get(id) ?? "") + text);
    return;
  }
  shown.undrawn += text.length;
  shown.terminal.write(text, () => {
    const drawn = Math.min(text.length, shown.undrawn);
    shown.undrawn -= drawn;
    engineDrawn(drawn);
    if (!prompted) {
      prompted = true;
      requestAnimationFrame(() => performance.mark("podyard-prompt"));
    }
  });
}

/** Empties a terminal. */
export function terminalReset(id) {
  terminals.get(id)?.terminal.reset();
}

/** Puts the keyboard's focus into a terminal. */
export function terminalFocus(id) {
  terminals.get(id)?.terminal.focus();
}

/** Everything a terminal holds, scrolled away or not, line by line. */
export function terminalText(id) {
  const buffer = terminals.get(id)?.terminal.buffer.active;
  if (!buffer) return "";
  const lines = [];
  for (let row = 0; row < buffer.length; row++) {
    const line = buffer.getLine(row);
    const text = line.translateToString(true);
    if (line.isWrapped && lines.length) lines[lines.length - 1] += text;
    else lines.push(text);
  }
  return lines.join("\n").trimEnd();
}

/** Whether the terminals speak to screen readers. */
export function screenReader() {
  return setting("screenReader") === "on";
}

/** Lets the terminals speak to screen readers, now and later. */
export function screenReaderSet(on) {
  settingPut("screenReader", on ? "on" : "");
  for (const { terminal } of terminals.values()) terminal.options.screenReaderMode = on;
}

// Keys that are the page's own: F6 and Alt+Shift shortcuts, and copying and pasting as in other windows.
function isForTheConsole(event, terminal) {
  if (event.key === "F6" || (event.altKey && event.shiftKey && !event.ctrlKey)) return false;
  const letter = event.key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && !event.altKey && letter === "v") return false;
  if (event.ctrlKey && !event.altKey && letter === "c" && (event.shiftKey || terminal.hasSelection())) {
    if (event.type === "keydown") {
      navigator.clipboard?.writeText(terminal.getSelection());
      terminal.clearSelection();
      event.preventDefault();
    }
    return false;
  }
  return true;
}

// The terminal's colours are those of the stylesheet.
function theme(element) {
  const style = getComputedStyle(element);
  const colour = (name) => style.getPropertyValue(`--term-${name}`).trim();
  const names = ["foreground", "background", "cursor", "selectionBackground", "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
  const bright = names.slice(4).map((name) => `bright${name[0].toUpperCase()}${name.slice(1)}`);
  return Object.fromEntries([...names, ...bright].map((name) => [name, colour(name)]).filter(([, value]) => value));
}
