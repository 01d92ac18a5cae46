import { signal } from "@preact/signals";
import { keysOf } from "./key-bindings.ts";

/** One thing a key does. `keys` are names as `pressed` gives them; the first is shown. */
export interface Shortcut {
  id: string;
  group: string;
  label: string;
  keys: readonly string[];
  run: (event: KeyboardEvent) => void;
  fixed?: boolean; // cannot be given another key, and stays when single keys are off
}

const OFF = "lookfors.shortcuts";

/** WCAG 2.1.4: single-key shortcuts can be turned off. `?`, Escape and chords with Ctrl stay. */
export const singleKeys = signal(localStorage.getItem(OFF) !== "off");

export function setSingleKeys(on: boolean): void {
  singleKeys.value = on;
  if (on) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "off");
}

export const shortcuts = signal<readonly Shortcut[]>([]);

/** Adds shortcuts while a page or a part is open; the answer removes them. The newest one to claim a key has it. */
export function addShortcuts(added: readonly Shortcut[]): () => void {
  shortcuts.value = [...shortcuts.peek(), ...added];
  return () => {
    shortcuts.value = shortcuts.peek().filter((shortcut) => !added.includes(shortcut));
  };
}

const TYPING =
  "input:not([type=range],[type=checkbox],[type=radio],[type=button]), textarea, select, [contenteditable='true']";
const ACTS_ON_KEYS =
  "button, a[href], summary, input, [role=slider], [role=listbox], [role=tab], [role=menuitem]";
const KEYS_OF_CONTROLS = new Set([
  " ",
  "Enter",
  "ArrowLeft",
  "ArrowRight",
  "ArrowUp",
  "ArrowDown",
  "Home",
  "End",
]);

const MODIFIERS = new Set(["Shift", "Control", "Alt", "Meta", "AltGraph", "CapsLock", "Dead", "Process"]);

/**
 * The name of what is pressed: a letter whatever its case, `Ctrl+Enter` (⌘ on a Mac), `Shift+1` where Shift makes
 * the digit something else. Null for what cannot be a shortcut.
 */
export function pressed(event: KeyboardEvent): string | null {
  if (event.altKey || event.isComposing || MODIFIERS.has(event.key)) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.ctrlKey || event.metaKey) return key === "Enter" ? "Ctrl+Enter" : null;
  const digit = /^Digit(\d)$/.exec(event.code)?.[1];
  return event.shiftKey && digit !== undefined && !/\d/.test(key) ? `Shift+${digit}` : key;
}

/** The shortcut a key press means here, if any: never while typing, never a key the focused control uses itself. */
export function shortcutFor(event: KeyboardEvent, known: readonly Shortcut[]): Shortcut | undefined {
  const key = pressed(event);
  const target = event.target instanceof Element ? event.target : null;
  if (key === null || document.querySelector("dialog[open]")) return undefined;
  if (target?.closest(TYPING) && !key.startsWith("Ctrl+")) return undefined;
  if (KEYS_OF_CONTROLS.has(key) && target?.closest(ACTS_ON_KEYS)) return undefined;
  return known.findLast((shortcut) => keysOf(shortcut).includes(key));
}

export function startKeymap(): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented) return;
    const shortcut = shortcutFor(event, shortcuts.peek());
    if (!shortcut || (!singleKeys.peek() && !shortcut.fixed)) return;
    event.preventDefault();
    shortcut.run(event);
  });
}

const NAMES: Record<string, string> = {
  " ": "Space",
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
};

export function keyName(key: string): string {
  if (key.includes("+") && key.length > 1) return key.replace("+", " + ");
  return NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key);
}
