import { signal } from "@preact/signals";

/** One thing a key does. `keys` are `event.key` values, lower case for letters; the first is shown. */
export interface Shortcut {
  id: string;
  group: string;
  label: string;
  keys: readonly string[];
  run: (event: KeyboardEvent) => void;
}

const OFF = "lookfors.shortcuts";

/** WCAG 2.1.4: single-key shortcuts can be turned off. `?` and Escape stay. */
export const singleKeys = signal(localStorage.getItem(OFF) !== "off");

export function setSingleKeys(on: boolean): void {
  singleKeys.value = on;
  if (on) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "off");
}

export const shortcuts = signal<readonly Shortcut[]>([]);

/** Adds shortcuts while a page is open; the answer removes them. */
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

/** The shortcut a key press means here, if any: never while typing, never a key the focused control uses itself. */
export function shortcutFor(event: KeyboardEvent, known: readonly Shortcut[]): Shortcut | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return undefined;
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest(TYPING)) return undefined;
  if (document.querySelector("dialog[open]")) return undefined;
  if (KEYS_OF_CONTROLS.has(event.key) && target?.closest(ACTS_ON_KEYS)) return undefined;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return known.find((shortcut) => shortcut.keys.includes(key));
}

export function startKeymap(): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented) return;
    const shortcut = shortcutFor(event, shortcuts.peek());
    if (!shortcut || (!singleKeys.peek() && shortcut.id !== "help")) return;
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
};

export function keyName(key: string): string {
  return NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key);
}
