import { computed, effect, signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { aborted, ask, client } from "../api/client.ts";
import { onReconnect, onRemoved, onSubmission } from "../api/events.ts";
import { asProblem, type Problem } from "../api/problem.ts";
import type { Evidence, IndicatorId, Submission } from "../api/types.ts";
import type { Corrections } from "../corrections/types.ts";
import { LOOK_FOR_IDS } from "../parts/look-fors.ts";
import { watchable } from "../submissions/steps.ts";
import { createClock } from "./clock.ts";
import { createLoader, loaded } from "./part.ts";
import { followRevision } from "./revision.ts";
import { type Stretch, soundWithoutWords, type View } from "./timeline.ts";
import type { TextOnPage } from "./transcript/text.ts";

type EvidenceSource = () => Promise<readonly Evidence[]>;

/** What lies on the timeline: a suggestion, as its reviewer may have changed it, or a mark of their own. */
export interface Piece extends Evidence {
  own?: boolean;
}

export type Change = Partial<Pick<Piece, "start" | "end" | "indicator" | "code" | "code_label">>;

/**
 * Everything one open submission knows; made when its page opens, gone when it closes. Inside a review the evidence
 * comes from there, where the protocol decides what may be seen.
 */
export function createReview(id: string, evidenceSource?: EvidenceSource) {
  const overseen = evidenceSource === undefined;
  const leaving = new AbortController();
  const at = { params: { path: { submission_id: id } }, signal: leaving.signal };

  const submission = signal<Submission | null>(null);
  const problem = signal<Problem | null>(null);
  const removed = signal(false);
  const transcript = createLoader(() => ask(client.GET("/api/submissions/{submission_id}/transcript", at)));
  const evidence = createLoader(async () => {
    const items = evidenceSource
      ? await evidenceSource()
      : (await ask(client.GET("/api/submissions/{submission_id}/evidence", at))).items;
    return items.toSorted(inOrder);
  });
  const hidden = signal<ReadonlySet<IndicatorId>>(new Set()); // look-fors whose suggestions are kept back for now
  const measures = createLoader(
    async () => (await ask(client.GET("/api/submissions/{submission_id}/measures", at))).items,
  );
  const peaks = createLoader(() => ask(client.GET("/api/submissions/{submission_id}/peaks", at)));
  const thumbnails = createLoader(() =>
    ask(client.GET("/api/submissions/{submission_id}/thumbnails.json", at)),
  );
  const catalogue = createLoader(() => ask(client.GET("/api/indicators", { signal: leaving.signal })));

  const clock = createClock();
  const selected = signal<string | null>(null);
  const lookFors = signal<ReadonlySet<IndicatorId>>(new Set(LOOK_FOR_IDS));
  // Filled in by a review: what its reviewer changed and marked, watched, and searched for.
  const changes = signal<ReadonlyMap<string, Change>>(new Map());
  const own = signal<readonly Piece[]>([]);
  const watched = signal<readonly Stretch[] | null>(null);
  const found = signal<readonly number[]>([]); // seconds at which what was searched for is said
  const zoom = signal<View | null>(null); // what the map shows; null for all of it
  const text = signal<TextOnPage | null>(null); // the transcript where it is on the page
  const corrections = signal<Corrections | null>(null); // where the transcript may be corrected
  const pieces = computed<readonly Piece[]>(() => {
    const suggested = loaded(evidence.part.value) ?? [];
    if (changes.value.size === 0 && own.value.length === 0) return suggested;
    const changed = suggested.map((one) => ({ ...one, ...changes.value.get(one.id) }));
    return [...changed, ...own.value].toSorted(inOrder);
  });
  const shownEvidence = computed<readonly Piece[]>(() =>
    pieces.value.filter((one) => lookFors.value.has(one.indicator)),
  );
  const duration = computed(() => submission.value?.duration ?? clock.duration.value ?? 0);
  const unheard = computed<readonly Stretch[]>(() => {
    const words = loaded(transcript.part.value);
    const sound = loaded(peaks.part.value);
    return words && sound ? soundWithoutWords(words.utterances, sound, duration.value) : [];
  });

  let told = 0; // events of this submission

  async function load(): Promise<void> {
    const before = told;
    try {
      const answer = await ask(client.GET("/api/submissions/{submission_id}", at));
      if (told === before) submission.value = answer; // else what came meanwhile is newer, or soon will be
      problem.value = null;
    } catch (error) {
      if (!aborted(error)) problem.value = asProblem(error);
    }
  }

  // The results are asked for when they exist, whether the page was opened before or after that.
  const finished = computed(() => submission.value?.state === "ready");
  const playable = computed(() => submission.value !== null && watchable(submission.value));
  const stops = [
    effect(() => {
      if (!finished.value) return;
      for (const loader of [transcript, evidence, catalogue]) void loader.load();
      if (overseen) void measures.load();
    }),
    effect(() => {
      if (playable.value) for (const loader of [peaks, thumbnails]) void loader.load();
    }),
    onSubmission((changed) => {
      if (changed.id !== id) return;
      told += 1;
      submission.value = changed;
    }),
    followRevision(submission, {
      words(): void {
        void transcript.load();
        if (overseen) void measures.load();
      },
      evidence: () => void evidence.load(),
    }),
    onRemoved((gone) => {
      if (gone === id) removed.value = true;
    }),
    onReconnect(() => void load()),
  ];
  void load();

  return {
    ...{ id, submission, problem, removed, load, finished, playable, duration },
    ...{ transcript, evidence, measures, peaks, thumbnails, catalogue },
    ...{ clock, selected, lookFors, shownEvidence, hidden, unheard, corrections },
    ...{ pieces, changes, own, watched, found, zoom, text },
    /** Goes to a piece of evidence, wherever it was chosen. */
    select(one: Evidence): void {
      selected.value = one.id;
      if (one.start !== null) clock.seek(one.start);
    },
    dispose(): void {
      leaving.abort();
      clock.dispose();
      for (const stop of stops) stop();
    },
  };
}

function inOrder(a: Evidence, b: Evidence): number {
  return (a.start ?? 0) - (b.start ?? 0) || a.id.localeCompare(b.id);
}

export type Review = ReturnType<typeof createReview>;

export const ReviewContext = createContext<Review | null>(null);

export function useReview(): Review {
  const review = useContext(ReviewContext);
  if (!review) throw new Error("This part belongs on the page of a submission.");
  return review;
}
