import type { Said } from "./shown.ts";

/** Corrections the service does not have yet, kept in this browser until it has. */
export function shelfOf(submissionId: string, storage: Storage = localStorage) {
  const key = `lookfors.corrections.${submissionId}`;
  return {
    read(): readonly Said[] {
      try {
        const kept: unknown = JSON.parse(storage.getItem(key) ?? "[]");
        return Array.isArray(kept) ? (kept as Said[]) : [];
      } catch {
        return [];
      }
    },
    write(said: readonly Said[]): boolean {
      try {
        if (said.length === 0) storage.removeItem(key);
        else storage.setItem(key, JSON.stringify(said));
        return true;
      } catch {
        return false;
      }
    },
  };
}
