import { createShelf, type Shelf } from "../app/shelf.ts";
import type { Said } from "./shown.ts";

/** Corrections the service does not have yet. */
export function shelfOf(submissionId: string, storage: Storage = localStorage): Shelf<Said> {
  return createShelf(`lookfors.corrections.${submissionId}`, storage);
}
