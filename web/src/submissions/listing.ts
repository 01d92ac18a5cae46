import { signal } from "@preact/signals";
import { aborted, ask, client } from "../api/client.ts";
import { onReconnect, onRemoved, onSubmission } from "../api/events.ts";
import { asProblem, type Problem } from "../api/problem.ts";
import type { Submission } from "../api/types.ts";
import { type ListQuery, listAddress, narrowed, PAGE_SIZE } from "./query.ts";

export interface Shown {
  items: readonly Submission[];
  total: number;
}

/** One open list: what it shows, kept current by the event stream. */
export function createListing() {
  const shown = signal<Shown | null>(null);
  const problem = signal<Problem | null>(null);
  const loading = signal(false);
  let query: ListQuery | null = null;
  let running: AbortController | null = null;
  let soon: ReturnType<typeof setTimeout> | undefined;
  let told = new Map<string, Submission>(); // changed while an answer is on its way, which may be older

  async function load(): Promise<void> {
    if (!query) return;
    running?.abort();
    const mine = new AbortController();
    running = mine;
    loading.value = true;
    told = new Map();
    const { q, state, sort, page } = query;
    try {
      const answer = await ask(
        client.GET("/api/submissions", {
          params: { query: { ...(q && { q }), ...(state && { state }), sort, page, page_size: PAGE_SIZE } },
          signal: mine.signal,
        }),
      );
      shown.value = { items: answer.items, total: answer.total };
      problem.value = null;
      for (const changed of told.values()) take(changed);
    } catch (error) {
      if (aborted(error)) return;
      problem.value = asProblem(error);
    }
    if (running === mine) loading.value = false;
  }

  function loadSoon(): void {
    soon ??= setTimeout(() => {
      soon = undefined;
      if (loading.peek())
        loadSoon(); // what is on its way is not given up for more of the same
      else void load();
    }, 400);
  }

  /** In place where it is shown already; else it may belong to this view now, which only the server knows. */
  function take(changed: Submission): void {
    if (loading.peek()) told.set(changed.id, changed);
    const before = shown.peek();
    if (!before || !query) return;
    const at = before.items.findIndex((one) => one.id === changed.id);
    if (at >= 0) {
      const moved = before.items[at]?.state !== changed.state;
      shown.value = { ...before, items: before.items.with(at, changed) };
      if (moved && (narrowed(query) || query.sort === "state")) loadSoon();
    } else if (query.page === 1) loadSoon();
  }

  function removed(id: string): void {
    if (shown.peek()?.items.some((one) => one.id === id)) void load();
  }

  const leave = [onSubmission(take), onRemoved(removed), onReconnect(() => void load())];
  return {
    shown,
    problem,
    loading,
    take,
    reload: load,
    show(next: ListQuery): void {
      if (query && listAddress(query) === listAddress(next)) return;
      query = next;
      void load();
    },
    dispose(): void {
      running?.abort();
      clearTimeout(soon);
      for (const stop of leave) stop();
    },
  };
}

export type Listing = ReturnType<typeof createListing>;
