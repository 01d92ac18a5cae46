import { computed, effect, signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { ask, client } from "../api/client.ts";
import type { IndicatorId } from "../api/types.ts";
import { announce } from "../app/announce.ts";
import { createReview } from "../review/review.ts";
import { type Gear, nextInReel, paceAt, reel } from "./gears.ts";
import { createLog } from "./log.ts";
import type { ActsSaved, EvidenceCard, Missing, ReviewRead, Verdict } from "./types.ts";
import { shelfFor } from "./waiting.ts";
import { createWatch } from "./watching.ts";

export interface OwnMark {
  id: string;
  indicator: IndicatorId;
  start: number; // seconds
  end: number;
  note: string;
}

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

const WATCH_EVERY_MS = 10_000;
const MARK_BACK_S = 3; // one notices a moment after it began
const MARK_ON_S = 2;

/** One open review: the recording with what may be seen of it, and the log of what its reviewer does. */
export function createDesk(opened: ReviewRead) {
  const review = signal<ReviewRead>(opened);
  const missing = signal<readonly Missing[]>(opened.missing);
  const refused = signal<string | null>(null);
  const criterion = signal(opened.rubric.criteria[0]?.id ?? "");
  const gear = signal<Gear>("map");
  const at = { params: { path: { review_id: opened.id } } };

  const shown = signal<readonly EvidenceCard[]>([]);
  const recording = createReview(opened.submission_id, async () => {
    const answer = await ask(client.GET("/api/reviews/{review_id}/evidence", at));
    shown.value = answer.items;
    recording.hidden.value = new Set(answer.hidden);
    return answer.items;
  });
  const cards = computed(() =>
    shown.value.toSorted((a, b) => (a.start ?? 0) - (b.start ?? 0) || a.id.localeCompare(b.id)),
  );

  function onSaved(saved: ActsSaved): void {
    missing.value = saved.missing;
    const before = review.peek();
    review.value = { ...before, seq: saved.seq, state: saved.state, revealed: saved.revealed };
    const submitted = saved.state === "submitted" && before.state !== "submitted";
    if (submitted) announce("The review is handed in.");
    if (saved.revealed.length > before.revealed.length || submitted) void reread();
  }

  /** More may be seen now: the suggestions, and with the last of them the audit windows. */
  async function reread(): Promise<void> {
    await recording.evidence.load();
    review.value = await ask(client.GET("/api/reviews/{review_id}", at));
  }

  const log = createLog(opened.id, shelfFor(opened.id), onSaved, (why) => {
    refused.value = why;
    announce(why);
  });
  log.adopt(opened.current);

  const closed = computed(() => review.value.state === "submitted");
  const own = computed<readonly OwnMark[]>(() =>
    [...log.now.value]
      .filter(([subject, held]) => subject.startsWith("own:") && held.value)
      .map(([subject, held]) => ({ note: "", ...held.value, id: subject.slice(4) }) as unknown as OwnMark)
      .toSorted((a, b) => a.start - b.start),
  );

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

  function decide(id: string, next: Verdict): void {
    log.act("decision", `evidence:${id}`, verdict(id) === next ? null : { verdict: next });
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
    log.act("own_evidence", `own:${id}`, { indicator, start, end: now + MARK_ON_S, note: "" });
    announce("Marked.");
  }

  function give(of: string, given: ScoreGiven): void {
    refused.value = null;
    log.act("score", `score:${of}`, { ...given });
  }

  // What is really watched, and where the chosen gear goes next.
  const watch = createWatch();
  function sendWatched(): void {
    const intervals = watch.take();
    if (intervals.length > 0 && !closed.peek()) log.add("watched", "watched", { intervals });
  }
  const timer = setInterval(sendWatched, WATCH_EVERY_MS);
  const played = computed(() => {
    const windows = review.value.audit_windows.map(({ start, end }) => ({ start, end }));
    const timed = [...cards.value, ...own.value].flatMap(({ start, end }) =>
      start === null || end === null ? [] : [{ start, end }],
    );
    return reel([...timed, ...windows], recording.duration.value);
  });
  const stops = [
    effect(() => {
      const { clock } = recording;
      const time = clock.time.value;
      if (clock.playing.value) watch.note(time, clock.rate.peek());
      else watch.pause();
    }),
    effect(() => {
      const { clock } = recording;
      const time = clock.time.value;
      if (!clock.playing.value || gear.value === "map") return;
      if (gear.value === "full") {
        const pace = paceAt(played.peek(), time);
        if (pace !== clock.rate.peek()) clock.setRate(pace);
        return;
      }
      const to = nextInReel(played.peek(), time);
      if (to === null) {
        clock.pause();
        announce("The reel is at its end.");
      } else if (to - time > 0.3) clock.seek(to);
    }),
  ];

  function setGear(next: Gear): void {
    gear.value = next;
    if (next !== "full") recording.clock.setRate(1);
  }

  return {
    ...{ review, missing, refused, criterion, gear, played, recording, cards, own, log, closed },
    ...{ verdict, citation, score, feedback, decide, cite, toggleCited, mark, give, setGear },
    submit(): void {
      sendWatched();
      log.add("submit", "submit", {});
    },
    dispose(): void {
      sendWatched();
      clearInterval(timer);
      for (const stop of stops) stop();
      log.dispose();
      recording.dispose();
    },
  };
}

export type Desk = ReturnType<typeof createDesk>;

export const DeskContext = createContext<Desk | null>(null);

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error("This part belongs on the page of a review.");
  return desk;
}
