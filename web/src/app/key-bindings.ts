import { signal } from "@preact/signals";

/** What a person chose instead of the keys a shortcut comes with; an empty list leaves it without one. */
export type Bindings = Readonly<Record<string, readonly string[]>>;

interface Bindable {
  id: string;
  keys: readonly string[];
  fixed?: boolean;
}

/** Kept in this browser, apart for each person who signs in here. */
export const bindings = signal<Bindings>({});

let place: string | null = null;

export function readBindingsOf(person: string): void {
  place = `lookfors.keys.${person}`;
  bindings.value = read(localStorage.getItem(place));
}

/** What was kept, as far as it makes sense. */
export function read(kept: string | null): Bindings {
  try {
    const found: unknown = JSON.parse(kept ?? "{}");
    if (typeof found !== "object" || found === null) return {};
    const whole = Object.entries(found).filter(
      ([, keys]) => Array.isArray(keys) && keys.every((key) => typeof key === "string"),
    );
    return Object.fromEntries(whole) as Bindings;
  } catch {
    return {};
  }
}

function keep(next: Bindings): void {
  bindings.value = next;
  if (place === null) return;
  if (Object.keys(next).length === 0) localStorage.removeItem(place);
  else localStorage.setItem(place, JSON.stringify(next));
}

export function keysOf(shortcut: Bindable, chosen: Bindings = bindings.value): readonly string[] {
  return shortcut.fixed ? shortcut.keys : (chosen[shortcut.id] ?? shortcut.keys);
}

/** Who has this key already, of those that are open. */
export function holderOf<T extends Bindable>(
  key: string,
  known: readonly T[],
  chosen: Bindings = bindings.value,
): T | undefined {
  return known.findLast((one) => keysOf(one, chosen).includes(key));
}

/** `shortcut` has `key` and nothing else; whoever had it before loses that one key. */
export function rebound(chosen: Bindings, shortcut: Bindable, key: string, holder?: Bindable): Bindings {
  const next: Record<string, readonly string[]> = { ...chosen, [shortcut.id]: [key] };
  if (holder && holder.id !== shortcut.id)
    next[holder.id] = keysOf(holder, chosen).filter((one) => one !== key);
  return next;
}

export function rebind(shortcut: Bindable, key: string, holder?: Bindable): void {
  keep(rebound(bindings.peek(), shortcut, key, holder));
}

export function resetBindings(): void {
  keep({});
}
