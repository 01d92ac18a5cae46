import type { ActCreate } from "./types.ts";

/**
 * Acts the service has not confirmed yet, kept in this browser until it has: a reload, a crash or a dead connection
 * loses none of them. A browser that refuses storage still works, and the page then says that nothing is kept.
 */
export interface Shelf {
  read: () => ActCreate[];
  write: (acts: readonly ActCreate[]) => boolean;
}

export function shelfFor(reviewId: string, storage: Storage = localStorage): Shelf {
  const key = `lookfors.review.${reviewId}`;
  return {
    read() {
      try {
        const kept: unknown = JSON.parse(storage.getItem(key) ?? "[]");
        return Array.isArray(kept) ? (kept as ActCreate[]) : [];
      } catch {
        return [];
      }
    },
    write(acts) {
      try {
        if (acts.length === 0) storage.removeItem(key);
        else storage.setItem(key, JSON.stringify(acts));
        return true;
      } catch {
        return false;
      }
    },
  };
}

/** The value each subject has once everything waiting is saved. */
export function withWaiting<T extends { id: string; value: ActCreate["value"] }>(
  saved: ReadonlyMap<string, T>,
  waiting: readonly ActCreate[],
): Map<string, { id: string; value: ActCreate["value"] }> {
  const now = new Map<string, { id: string; value: ActCreate["value"] }>(saved);
  for (const act of waiting) now.set(act.subject, { id: act.id, value: act.value });
  return now;
}

const FLOWING = new Set<ActCreate["kind"]>(["feedback", "note", "cite", "evidence_edit"]);

/**
 * Writing is one act, not one a letter, and so is moving an end: a newer text takes the place of the last one if that is on the same subject and
 * not sent yet. Everything else is a deed of its own and stays, in its order.
 */
export function shelve(
  waiting: readonly ActCreate[],
  act: ActCreate,
  inFlight: ReadonlySet<string>,
): ActCreate[] {
  const last = waiting.at(-1);
  if (!last || !FLOWING.has(act.kind) || last.subject !== act.subject || inFlight.has(last.id))
    return [...waiting, act];
  return waiting.with(-1, { ...act, id: last.id, replaces: last.replaces ?? null });
}
