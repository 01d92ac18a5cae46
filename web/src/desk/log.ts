import { computed, signal } from "@preact/signals";
import { ask, client } from "../api/client.ts";
import { asProblem, type Problem } from "../api/problem.ts";
import type { Shelf } from "../app/shelf.ts";
import type { ActCreate, ActRead, ActsSaved } from "./types.ts";
import { shelve, withWaiting } from "./waiting.ts";

export type Saving =
  | { state: "saved"; at: string | null }
  | { state: "saving" }
  | { state: "offline" } // kept in this browser; tried again by itself
  | { state: "stuck"; problem: Problem };

export interface Clash {
  subject: string;
  kind: ActCreate["kind"];
  mine: ActCreate["value"];
  theirs: ActRead | null;
}

interface Deed {
  kind: ActCreate["kind"];
  subject: string;
  before: ActCreate["value"];
  at: number; // ms, of its last step
  takeBack?: () => void; // of what is not part of the review's log: a correction of the transcript
}

type Value = ActCreate["value"];

const RETRY_MS = 4_000;
const ONE_MOVE_MS = 2_000; // steps of a span's end closer than this are taken back together
const BATCH = 100;
const tab = crypto.randomUUID();

/**
 * What a reviewer does, saved as it is done. Every deed shows at once, waits in this browser until the service has
 * it, and is sent in order; nothing is ever overwritten, here or there.
 */
export function createLog(
  reviewId: string,
  shelf: Shelf<ActCreate>,
  onSaved: (saved: ActsSaved) => void,
  onRefused: (why: string) => void,
) {
  const saved = signal<ReadonlyMap<string, { id: string; value: Value }>>(new Map());
  const waiting = signal<readonly ActCreate[]>(shelf.read());
  const saving = signal<Saving>({ state: "saved", at: null });
  const clash = signal<Clash | null>(null);
  const keeps = signal(true); // whether this browser lets us keep anything
  const deeds = signal<readonly Deed[]>([]);
  const now = computed(() => withWaiting(saved.value, waiting.value));
  let inFlight = false;
  const tried = new Set(waiting.peek().map(({ id }) => id)); // may have arrived, whatever became of the answer
  let timer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  function put(acts: readonly ActCreate[]): void {
    waiting.value = acts;
    keeps.value = shelf.write(acts);
  }

  function value(subject: string): Value {
    return now.value.get(subject)?.value ?? null;
  }

  function add(kind: ActCreate["kind"], subject: string, next: Value): void {
    const act: ActCreate = {
      id: crypto.randomUUID(),
      kind,
      subject,
      value: next,
      at: new Date().toISOString(),
      replaces: now.peek().get(subject)?.id ?? null,
      tab,
    };
    put(shelve(waiting.peek(), act, tried));
    // Without a connection the next try is under way; one a letter would keep every letter for itself.
    if (saving.peek().state !== "offline") void send();
  }

  /** Does something that can be undone. */
  function act(kind: ActCreate["kind"], subject: string, next: Value): void {
    const last = deeds.peek().at(-1);
    const before = now.peek().get(subject)?.value ?? null;
    const at = Date.now();
    const same = last?.subject === subject && last.kind === kind;
    const typing = kind === "feedback" || kind === "note";
    const moving =
      at - (last?.at ?? 0) < ONE_MOVE_MS &&
      (kind === "evidence_edit" || (kind === "own_evidence" && last?.before !== null && next !== null));
    if (last && same && (typing || moving)) deeds.value = [...deeds.peek().slice(0, -1), { ...last, at }];
    else deeds.value = [...deeds.peek().slice(-99), { kind, subject, before, at }];
    add(kind, subject, next);
  }

  /** Something done beside the log that is undone in its turn. */
  function did(subject: string, takeBack: () => void): void {
    const deed: Deed = { kind: "note", subject, before: null, at: Date.now(), takeBack };
    deeds.value = [...deeds.peek().slice(-99), deed];
  }

  function undo(): string | null {
    const last = deeds.peek().at(-1);
    if (!last) return null;
    deeds.value = deeds.peek().slice(0, -1);
    if (last.takeBack) last.takeBack();
    else add(last.kind, last.subject, last.before);
    return last.subject;
  }

  async function send(): Promise<void> {
    clearTimeout(timer);
    const batch = waiting.peek().slice(0, BATCH);
    if (closed || inFlight || batch.length === 0) return;
    inFlight = true;
    for (const { id } of batch) tried.add(id);
    saving.value = { state: "saving" };
    try {
      const answer = await ask(
        client.POST("/api/reviews/{review_id}/acts", {
          params: { path: { review_id: reviewId } },
          body: { acts: batch },
        }),
      );
      inFlight = false;
      take(batch, answer);
    } catch (error) {
      inFlight = false;
      const problem = asProblem(error);
      // A full queue, a restart, a sleeping laptop: all pass. What the service says no to does not.
      const passes = problem.unreachable || problem.status >= 500 || problem.signedOut;
      saving.value = passes ? { state: "offline" } : { state: "stuck", problem };
      if (passes && !closed) timer = setTimeout(() => void send(), RETRY_MS);
    }
  }

  function take(batch: readonly ActCreate[], answer: ActsSaved): void {
    const next = new Map(saved.peek());
    for (const [index, result] of answer.results.entries()) {
      const one = batch[index];
      if (!one) continue;
      if (result.status === "saved" || result.status === "already")
        next.set(one.subject, { id: one.id, value: one.value });
      else if (result.status === "conflict") {
        if (result.current) next.set(one.subject, { id: result.current.id, value: result.current.value });
        else next.delete(one.subject);
        clash.value = {
          subject: one.subject,
          kind: one.kind,
          mine: one.value,
          theirs: result.current ?? null,
        };
      } else onRefused([result.detail, result.remedy].filter(Boolean).join(" "));
    }
    const answered = new Set(batch.map((one) => one.id));
    saved.value = next;
    put(waiting.peek().filter((one) => !answered.has(one.id)));
    saving.value = { state: "saved", at: answer.saved_at };
    onSaved(answer);
    if (waiting.peek().length > 0) void send();
  }

  /** What the service holds, when the review is opened or read again. */
  function adopt(current: Record<string, ActRead>): void {
    const before = saved.peek();
    const mine = new Set(waiting.peek().map(({ id }) => id)); // arrived, though the answer to them has not
    saved.value = new Map(
      Object.entries(current).map(([subject, one]) => [subject, { id: one.id, value: one.value }]),
    );
    // What another window changed since is not this one's to take back.
    const same = ({ subject }: Deed) => {
      const now = saved.peek().get(subject)?.id;
      return before.get(subject)?.id === now || (now !== undefined && mine.has(now));
    };
    deeds.value = deeds.peek().filter(same);
    void send();
  }

  /** After a clash: write mine over theirs, knowingly. */
  function insist(): void {
    const open = clash.peek();
    clash.value = null;
    if (open) act(open.kind, open.subject, open.mine);
  }

  const online = () => void send();
  window.addEventListener("online", online);
  return {
    busy: () => inFlight,
    ...{ now, saving, clash, keeps, deeds, waiting, value, act, add, did, undo, adopt, insist },
    tryNow: () => void send(),
    dispose(): void {
      closed = true;
      clearTimeout(timer);
      window.removeEventListener("online", online);
    },
  };
}

export type Log = ReturnType<typeof createLog>;
