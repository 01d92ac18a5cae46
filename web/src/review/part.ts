import { type Signal, signal } from "@preact/signals";
import { aborted } from "../api/client.ts";
import { asProblem, type Problem } from "../api/problem.ts";

/** One thing a page loads, alone: what is there is shown though another part is missing. */
export type Part<T> =
  | { state: "idle" }
  | { state: "loading" }
  | { state: "ready"; value: T }
  | { state: "none" } // the recording has no such thing (no sound, no picture)
  | { state: "withheld" } // not for this person, or not now: a reviewer meets the evidence inside a review
  | { state: "failed"; problem: Problem };

export interface Loader<T> {
  part: Signal<Part<T>>;
  load: () => Promise<void>;
}

/** `load` asks once at a time; asked for again meanwhile, it asks anew, since the answer on its way may be older. */
export function createLoader<T>(fetchIt: () => Promise<T>): Loader<T> {
  const part = signal<Part<T>>({ state: "idle" });
  let running: Promise<void> | null = null;
  let wanted = false;

  function load(): Promise<void> {
    wanted = true;
    running ??= run();
    return running;
  }

  async function run(): Promise<void> {
    try {
      while (wanted) {
        wanted = false;
        await once();
      }
    } finally {
      running = null;
    }
  }

  async function once(): Promise<void> {
    if (part.peek().state !== "ready") part.value = { state: "loading" };
    try {
      part.value = { state: "ready", value: await fetchIt() };
    } catch (error) {
      if (aborted(error)) return;
      const problem = asProblem(error);
      if (problem.status === 404) part.value = { state: "none" };
      else if (problem.status === 403) part.value = { state: "withheld" };
      else part.value = { state: "failed", problem };
    }
  }
  return { part, load };
}

export function loaded<T>(part: Part<T>): T | null {
  return part.state === "ready" ? part.value : null;
}
