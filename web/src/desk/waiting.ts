import { createShelf, type Shelf } from "../app/shelf.ts";
import type { ActCreate } from "./types.ts";

/** Acts the service has not confirmed yet. */
export function shelfFor(reviewId: string, storage: Storage = localStorage): Shelf<ActCreate> {
  return createShelf(`lookfors.review.${reviewId}`, storage);
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
 * Writing is one act, not one a letter, and so is moving an end: a newer text takes the place of the last one if that
 * is on the same subject and was never sent. One whose answer was lost may have arrived: under its id the service would
 * take the newer text for the older. Everything else is a deed of its own and stays, in its order.
 */
export function shelve(
  waiting: readonly ActCreate[],
  act: ActCreate,
  tried: ReadonlySet<string>,
): ActCreate[] {
  const last = waiting.at(-1);
  if (!last || !FLOWING.has(act.kind) || last.subject !== act.subject || tried.has(last.id))
    return [...waiting, act];
  return waiting.with(-1, { ...act, id: last.id, replaces: last.replaces ?? null });
}
