import { computed, signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { ask, client } from "../api/client.ts";
import { onReconnect, onReview } from "../api/events.ts";
import type { IndicatorId } from "../api/types.ts";
import { announce } from "../app/announce.ts";
import { createCorrections } from "../corrections/corrections.ts";
import { createReview } from "../review/review.ts";
import type { Stretch } from "../review/timeline.ts";
import { createEdits } from "./edits.ts";
import { createLog } from "./log.ts";
import { createPlaying } from "./playing.ts";
import { heard } from "./spans.ts";
import type { ActCreate, ActsSaved, EvidenceCard, Missing, Reason, ReviewRead, Verdict } from "./types.ts";
import { shelfFor } from "./waiting.ts";

export type Tab = "rubric" | "evidence" | "transcript";

export interface Citation {
  evidence: string[];
  own: string[];
  seen: string;
}

export interface ScoreGiven {
  level?: string;
  cannot_tell?: boolean;
  reason?: string;
}

const MARK_BACK_S = 3; // one notices a moment after it began
const MARK_ON_S = 2;

/** One open review: the recording with what may be seen of it, and the log of what its reviewer does. */
export function createDesk(opened: ReviewRead) {
  const review = signal<ReviewRead>(opened);
  const missing = signal<readonly Missing[]>(opened.missing);
  const refused = signal<string | null>(null);
  const criterion = signal(opened.rubric.criteria[0]?.id ?? "");
  const handingIn = signal(false); // the question whether to hand in is open
  const tab = signal<Tab | null>(null); // which part is in front, where not all have room
  const at = { params: { path: { review_id: opened.id } } };

  const shown = signal<readonly EvidenceCard[]>([]);
  const recording = createReview(opened.submission_id, async () => {
    const answer = await ask(client.GET("/api/reviews/{review_id}/evidence", at));
    shown.value = answer.items;
    recording.hidden.value = new Set(answer.hidden);
    return answer.items;
  });
  const cards = computed<readonly EvidenceCard[]>(() =>
    shown.value.toSorted((a, b) => (a.start ?? 0) - (b.start ?? 0) || a.id.localeCompare(b.id)),
  );

  let heardOf = opened.seq; // the newest act that the service told of, from whichever window

  function onSaved(saved: ActsSaved): void {
    missing.value = saved.missing;
    const before = review.peek();
    review.value = { ...before, seq: saved.seq, state: saved.state, revealed: saved.revealed };
    const submitted = saved.state === "submitted" && before.state !== "submitted";
    if (submitted) announce("The review is handed in.");
    const own = saved.results.filter((one) => one.status === "saved").length;
    const others = saved.seq - own > before.seq || heardOf > saved.seq;
    if (saved.revealed.length > before.revealed.length || submitted || others) void reread();
  }

  /** What the service holds now: more may be seen after a score, and other windows go on too. */
  async function reread(): Promise<void> {
    const before = review.peek().seq;
    try {
      const now = await ask(client.GET("/api/reviews/{review_id}", at));
      if (now.seq < review.peek().seq) {
        if (review.peek().seq > before) await reread(); // something was saved meanwhile
        return;
      }
      review.value = now;
      missing.value = now.missing;
      log.adopt(now.current);
      playing.adopt(stretches(now.watched));
      await recording.evidence.load();
    } catch {
      // Without a connection; it is read again when that is back.
    }
  }

  const log = createLog(opened.id, shelfFor(opened.id), onSaved, (why) => {
    refused.value = why;
    announce(why);
  });
  log.adopt(opened.current);

  const closed = computed(() => review.value.state === "submitted");
  const corrections = createCorrections(recording, log.did, () => !closed.peek());
  recording.corrections.value = corrections;
  const edits = createEdits(recording, log, () => closed.peek());
  const { own } = edits;
  const playing = createPlaying(
    recording,
    () => review.value.audit_windows,
    [...stretches(opened.watched), ...unsent(log.waiting.peek())],
    (intervals) => {
      if (!closed.peek()) log.add("watched", "watched", { intervals });
    },
  );

  const stops = [
    onReview((id, seq) => {
      if (id !== opened.id) return;
      heardOf = Math.max(heardOf, seq);
      // While something is on its way its answer tells whether anything else happened.
      if (seq > review.peek().seq && !log.busy()) void reread();
    }),
    onReconnect(() => void reread()),
  ];

  function verdict(id: string): Verdict | null {
    return (log.value(`evidence:${id}`)?.verdict as Verdict | undefined) ?? null;
  }

  function citation(of: string): Citation {
    return { evidence: [], own: [], seen: "", ...log.value(`cite:${of}`) } as Citation;
  }

  function score(of: string): ScoreGiven | null {
    return log.value(`score:${of}`) as ScoreGiven | null;
  }

  function feedback(of: string): string {
    return (log.value(`feedback:${of}`)?.text as string | undefined) ?? "";
  }

  function reasons(id: string): readonly Reason[] {
    return (log.value(`evidence:${id}`)?.reasons as Reason[] | undefined) ?? [];
  }

  function decide(id: string, next: Verdict): void {
    playing.send(); // so that it is kept with what had been heard by now
    log.act("decision", `evidence:${id}`, verdict(id) === next ? null : { verdict: next });
  }

  function toggleReason(id: string, reason: Reason): void {
    const given = reasons(id);
    const next = given.includes(reason) ? given.filter((one) => one !== reason) : [...given, reason];
    const held = verdict(id);
    if (held)
      log.act("decision", `evidence:${id}`, { verdict: held, ...(next.length > 0 && { reasons: next }) });
  }

  function wasHeard(id: string): boolean {
    const piece = edits.piece(id);
    if (piece?.start == null || piece.end == null) return true; // nothing to play
    return heard({ start: piece.start, end: piece.end }, playing.watched.value);
  }

  function cite(of: string, change: Partial<Citation>): void {
    log.act("cite", `cite:${of}`, { ...citation(of), ...change });
  }

  /** Cites a moment for the criterion in hand, or takes it back. */
  function toggleCited(kind: "evidence" | "own", id: string, of = criterion.peek()): void {
    const cited = citation(of)[kind];
    cite(of, { [kind]: cited.includes(id) ? cited.filter((one) => one !== id) : [...cited, id] });
  }

  function mark(indicator: IndicatorId): void {
    const now = recording.clock.time.peek();
    const id = crypto.randomUUID();
    const start = Math.max(0, now - MARK_BACK_S);
    const end = Math.max(start + 1, Math.min(now + MARK_ON_S, recording.duration.peek()));
    log.act("own_evidence", `own:${id}`, { indicator, start, end, note: "" });
    recording.selected.value = id;
    announce("Marked.");
  }

  function give(of: string, given: ScoreGiven): void {
    refused.value = null;
    log.act("score", `score:${of}`, { ...given });
  }

  return {
    ...{
      review,
      missing,
      refused,
      criterion,
      handingIn,
      tab,
      recording,
      cards,
      own,
      log,
      closed,
      edits,
      playing,
    },
    ...{ verdict, reasons, citation, score, feedback, wasHeard },
    ...{ decide, toggleReason, cite, toggleCited, mark, give },
    /** Brings a card in front and puts the focus on one part of its editor. */
    showCard(id: string, part: string): void {
      tab.value = "evidence";
      requestAnimationFrame(() =>
        document.querySelector<HTMLElement>(`[data-card="${id}"] [data-part="${part}"]`)?.focus(),
      );
    },
    /** Escape: out of what is open. */
    leave(): void {
      const id = edits.editing.peek();
      edits.editing.value = null;
      if (id) document.querySelector<HTMLElement>(`[data-card="${id}"] .piece-go`)?.focus();
    },
    submit(): void {
      playing.send();
      log.add("submit", "submit", {});
    },
    dispose(): void {
      for (const stop of stops) stop();
      playing.dispose();
      corrections.dispose();
      edits.dispose();
      log.dispose();
      recording.dispose();
    },
  };
}

function stretches(watched: ReviewRead["watched"]): Stretch[] {
  return watched.map(([start, end]) => ({ start: start ?? 0, end: end ?? 0 }));
}

/** What was played, and is kept in this browser until the service has it. */
function unsent(waiting: readonly ActCreate[]): Stretch[] {
  return waiting.flatMap(({ kind, value }) =>
    kind === "watched"
      ? ((value?.intervals ?? []) as [number, number][]).map(([start, end]) => ({ start, end }))
      : [],
  );
}

export type Desk = ReturnType<typeof createDesk>;

export const DeskContext = createContext<Desk | null>(null);

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error("This part belongs on the page of a review.");
  return desk;
}
