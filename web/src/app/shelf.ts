/**
 * What the service has not confirmed yet, kept in this browser until it has: a reload, a crash or a dead connection
 * loses none of it. Each thing has a place of its own, so that two windows on the same page never write over one
 * another. A browser that refuses storage still works, and the page then says that nothing is kept.
 */
export interface Shelf<T> {
  /** Everything kept, by whichever window, in the order in which it was put there. */
  read: () => T[];
  /** Keeps exactly these of what this window knows of; false where the browser keeps nothing. */
  write: (things: readonly T[]) => boolean;
}

interface Kept<T> {
  order: number;
  thing: T;
}

export function createShelf<T extends { id: string }>(place: string, storage: Storage): Shelf<T> {
  const known = new Map<string, { kept: Kept<T>; text: string }>();
  let last = 0;

  /** Later than all before, also within a millisecond. */
  function next(): number {
    last = Math.max(last + 1, Date.now());
    return last;
  }

  function found(key: string): void {
    const text = storage.getItem(key) ?? "";
    try {
      const kept = JSON.parse(text) as Kept<T>;
      if (typeof kept.order !== "number" || typeof kept.thing.id !== "string") return;
      known.set(kept.thing.id, { kept, text });
      last = Math.max(last, kept.order);
    } catch {
      // Not written by us, or cut short: there is nothing to be read in it.
    }
  }

  /** Not where another window wrote on in it since: that is for that window to send. */
  function drop(id: string, text: string): void {
    if (storage.getItem(`${place}.${id}`) === text) storage.removeItem(`${place}.${id}`);
    known.delete(id);
  }

  function keep(thing: T): void {
    const before = known.get(thing.id)?.kept;
    if (before?.thing === thing) return;
    const kept = { order: before?.order ?? next(), thing };
    const text = JSON.stringify(kept);
    storage.setItem(`${place}.${thing.id}`, text);
    known.set(thing.id, { kept, text });
  }

  return {
    read() {
      try {
        const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index));
        for (const key of keys) if (key?.startsWith(`${place}.`)) found(key);
      } catch {
        // This browser lets nothing be kept, so nothing was.
      }
      const all = [...known.values()].map(({ kept }) => kept);
      return all.toSorted((a, b) => a.order - b.order).map(({ thing }) => thing);
    },
    write(things) {
      try {
        const ids = new Set(things.map(({ id }) => id));
        for (const [id, { text }] of known) if (!ids.has(id)) drop(id, text);
        for (const thing of things) keep(thing);
        return true;
      } catch {
        return false;
      }
    },
  };
}
