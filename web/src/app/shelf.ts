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
  const known = new Map<string, Kept<T>>();
  let last = 0;

  /** Later than all before, also within a millisecond. */
  function next(): number {
    last = Math.max(last + 1, Date.now());
    return last;
  }

  return {
    read() {
      const found: Kept<T>[] = [];
      for (let i = 0; i < storage.length; i += 1) {
        const key = storage.key(i);
        if (!key?.startsWith(`${place}.`)) continue;
        try {
          found.push(JSON.parse(storage.getItem(key) ?? "") as Kept<T>);
        } catch {
          // Not written by us, or cut short: there is nothing to be read in it.
        }
      }
      found.sort((a, b) => a.order - b.order);
      for (const one of found) known.set(one.thing.id, one);
      return found.map(({ thing }) => thing);
    },
    write(things) {
      try {
        const ids = new Set(things.map(({ id }) => id));
        for (const id of known.keys()) {
          if (ids.has(id)) continue;
          storage.removeItem(`${place}.${id}`);
          known.delete(id);
        }
        for (const thing of things) {
          const before = known.get(thing.id);
          if (before?.thing === thing) continue;
          const kept = { order: before?.order ?? next(), thing };
          storage.setItem(`${place}.${thing.id}`, JSON.stringify(kept));
          known.set(thing.id, kept);
        }
        return true;
      } catch {
        return false;
      }
    },
  };
}
