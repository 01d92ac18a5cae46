import { signal } from "@preact/signals";
import { sessionLost } from "./client.ts";
import type { Submission } from "./types.ts";

type Listener = (submission: Submission) => void;
type RemovalListener = (id: string) => void;
type ReviewListener = (id: string, seq: number) => void;

/** `live`: changes arrive by themselves. `waiting`: they do not; `retryAt` says when the next try is. */
export const connection = signal<{ state: "connecting" | "live" | "waiting"; retryAt: number | null }>({
  state: "connecting",
  retryAt: null,
});

const SILENCE_MS = 45_000; // three missed pings of 15 s
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

const listeners = new Set<Listener>();
const removalListeners = new Set<RemovalListener>();
const reviewListeners = new Set<ReviewListener>();
const reconnected = new Set<() => void>();
let source: EventSource | null = null;
let tries = 0;
let retry: ReturnType<typeof setTimeout> | undefined;
let watchdog: ReturnType<typeof setTimeout> | undefined;
let started = false;
let hadConnection = false;

/** 1, 2, 4 … 30 s, spread by up to a fifth so that many desks do not return in one instant. */
export function backOff(attempt: number, spread: number = Math.random()): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt) * (0.8 + 0.2 * spread);
}

export function onSubmission(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function onRemoved(listener: RemovalListener): () => void {
  removalListeners.add(listener);
  return () => removalListeners.delete(listener);
}

/** One of my reviews went on, here or in another window; `seq` numbers its last act. */
export function onReview(listener: ReviewListener): () => void {
  reviewListeners.add(listener);
  return () => reviewListeners.delete(listener);
}

/** Called each time the stream is back after a gap: what happened in between was not sent, so ask anew. */
export function onReconnect(listener: () => void): () => void {
  reconnected.add(listener);
  return () => reconnected.delete(listener);
}

export function startEvents(): void {
  if (started) return;
  started = true;
  window.addEventListener("online", tryNow);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && connection.value.state === "waiting") tryNow();
  });
  connect();
}

export function stopEvents(): void {
  started = false;
  window.removeEventListener("online", tryNow);
  clearTimeout(retry);
  clearTimeout(watchdog);
  source?.close();
  source = null;
}

export function tryNow(): void {
  if (!started || connection.value.state === "live") return;
  clearTimeout(retry);
  connect();
}

function alive(): void {
  clearTimeout(watchdog);
  watchdog = setTimeout(lost, SILENCE_MS);
}

function connect(): void {
  source?.close();
  if (connection.value.state !== "waiting") connection.value = { state: "connecting", retryAt: null };
  const opened = new EventSource("/api/events");
  source = opened;
  alive();
  opened.addEventListener("open", () => {
    const gap = hadConnection;
    hadConnection = true;
    tries = 0;
    connection.value = { state: "live", retryAt: null };
    alive();
    if (gap) for (const listener of reconnected) listener();
  });
  opened.addEventListener("ping", alive);
  opened.addEventListener("submission", (event) => {
    alive();
    const submission = JSON.parse(event.data) as Submission;
    for (const listener of listeners) listener(submission);
  });
  opened.addEventListener("removed", (event) => {
    alive();
    const { id } = JSON.parse(event.data) as { id: string };
    for (const listener of removalListeners) listener(id);
  });
  opened.addEventListener("review", (event) => {
    alive();
    const { id, seq } = JSON.parse(event.data) as { id: string; seq: number };
    for (const listener of reviewListeners) listener(id, seq);
  });
  opened.addEventListener("error", lost);
}

/** The browser would retry by itself, but not after an HTTP error and at a fixed pace. */
function lost(): void {
  source?.close();
  source = null;
  clearTimeout(watchdog);
  clearTimeout(retry);
  if (!started) return;
  const wait = backOff(tries);
  tries += 1;
  connection.value = { state: "waiting", retryAt: Date.now() + wait };
  retry = setTimeout(connect, wait);
  void askWhetherSignedOut();
}

/** An EventSource never tells the status it was refused with. */
async function askWhetherSignedOut(): Promise<void> {
  try {
    const answer = await fetch("/api/me");
    if (answer.status === 401) sessionLost.value = true;
  } catch {
    // No answer at all: the retry above takes care of it.
  }
}
