import { keysOf } from "./key-bindings.ts";
import { keyName, shortcuts, singleKeys } from "./keymap.ts";

/** The key that does this now, on the control that does the same; nothing where keys are off or it has none. */
export function Key({ of }: { of: string }) {
  const shortcut = shortcuts.value.find((one) => one.id === of);
  const key = shortcut && singleKeys.value ? keysOf(shortcut)[0] : undefined;
  return key === undefined ? null : <kbd>{keyName(key)}</kbd>;
}
