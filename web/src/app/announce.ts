import { signal } from "@preact/signals";

/** Said politely by a screen reader and shown nowhere: for changes that eyes see by themselves. */
export const spoken = signal("");

export function announce(text: string): void {
  // The same words twice would be silent the second time without a change between.
  spoken.value = spoken.peek() === text ? `${text}\u00a0` : text;
}
