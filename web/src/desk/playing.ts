import { computed, effect, signal } from "@preact/signals";
import { announce } from "../app/announce.ts";
import { loaded } from "../review/part.ts";
import type { Review } from "../review/review.ts";
import type { Stretch } from "../review/timeline.ts";
import { type Gear, nextInReel, paceAt, reel, silences, takes } from "./gears.ts";
import { union } from "./spans.ts";
import type { AuditWindow } from "./types.ts";
import { createWatch } from "./watching.ts";

const WATCH_EVERY_MS = 10_000;

/** What the reel has just passed over. */
export interface Jump extends Stretch {
  youth: number; // turns in it
}

/** How a recording is gone through in a review, and what of it has really been played. */
export function createPlaying(
  recording: Review,
  windows: () => readonly AuditWindow[],
  before: readonly Stretch[],
  save: (intervals: [number, number, number][]) => void,
) {
  const { clock } = recording;
  const gear = signal<Gear>("map");
  const skipSilence = signal(false);
  const jump = signal<Jump | null>(null);
  const detour = signal<Stretch | null>(null); // what was passed over and is asked for after all
  const leg = signal(0);
  let until: number | null = null; // where hearing one piece ends

  const watch = createWatch();
  const counted = signal<readonly Stretch[]>(union(before));
  const watched = computed<readonly Stretch[]>(() => {
    clock.second.value; // often enough for the eye
    return union([...counted.value, ...watch.peek().map(([start, end]) => ({ start, end }))]);
  });

  /** Sends what was played since the last time; first of all before a decision, which is kept with it. */
  function send(): void {
    const intervals = watch.take();
    if (intervals.length === 0) return;
    counted.value = union([...counted.peek(), ...intervals.map(([start, end]) => ({ start, end }))]);
    save(intervals);
  }

  const legs = computed(() => {
    const timed = recording.pieces.value.flatMap(({ start, end }) =>
      start === null || end === null ? [] : [{ start, end }],
    );
    const asked = detour.value ? [detour.value] : [];
    return reel([...timed, ...asked], windows(), recording.duration.value);
  });
  const evidenceLegs = computed(() => legs.value.filter((one) => one.window === null));
  const skipped = computed(() => {
    const said = loaded(recording.transcript.part.value)?.utterances ?? [];
    return skipSilence.value ? silences(said, evidenceLegs.value, recording.duration.value) : [];
  });
  const cost = computed(() =>
    takes(gear.value, {
      ...{ legs: legs.value, skipped: skipped.value },
      ...{ duration: recording.duration.value, rate: clock.rate.value },
    }),
  );
  /** The window that plays now, for its question. */
  const windowNow = computed(() => {
    const id = gear.value === "reel" ? legs.value[leg.value]?.window : null;
    return windows().find((one) => one.id === id) ?? null;
  });

  function youthTurns({ start, end }: Stretch): number {
    const said = loaded(recording.transcript.part.value)?.utterances ?? [];
    return said.filter(
      (one, index) =>
        one.role === "youth" &&
        one.start !== null &&
        one.start >= start &&
        one.start < end &&
        said[index - 1]?.speaker !== one.speaker,
    ).length;
  }

  function playReel(time: number): void {
    const next = nextInReel(legs.peek(), leg.peek(), time);
    if (next === null) {
      clock.pause();
      jump.value = null;
      announce("The reel is at its end.");
      return;
    }
    leg.value = next.leg;
    if (next.seek === null) return;
    const passed = { start: time, end: next.seek };
    const ahead = passed.end > passed.start;
    jump.value = ahead ? { ...passed, youth: youthTurns(passed) } : null;
    clock.seek(next.seek);
  }

  function playFull(time: number): void {
    const silence = skipped.peek().find((one) => time >= one.start && time < one.end);
    const pace = paceAt(evidenceLegs.peek(), time);
    if (silence) clock.seek(silence.end);
    else if (pace !== clock.rate.peek()) clock.setRate(pace);
  }

  const timer = setInterval(send, WATCH_EVERY_MS);
  window.addEventListener("pagehide", send); // kept in this browser at least
  const stops = [
    effect(() => {
      const time = clock.time.value;
      if (clock.playing.value) watch.note(time, clock.rate.peek());
      else watch.pause();
    }),
    effect(() => {
      if (!clock.playing.value) queueMicrotask(send);
    }),
    effect(() => {
      recording.watched.value = watched.value;
    }),
    effect(() => {
      const time = clock.time.value;
      if (until !== null && time >= until) {
        until = null;
        clock.pause();
      }
    }),
    effect(() => {
      const time = clock.time.value;
      if (!clock.playing.value || gear.value === "map") return;
      if (gear.value === "full") playFull(time);
      else playReel(time);
    }),
  ];

  return {
    ...{ gear, skipSilence, jump, legs, cost, windowNow, watched, send },
    setGear(next: Gear): void {
      if (gear.peek() === "full" && next !== "full") clock.setRate(1);
      gear.value = next;
      jump.value = null;
      detour.value = null;
    },
    /** Plays one piece, and stops at its end. */
    hear({ start, end }: { start: number | null; end: number | null }): void {
      if (start === null || end === null) return;
      until = null;
      clock.seek(start);
      until = end;
      if (!clock.playing.peek()) clock.toggle();
    },
    /** Goes to a window, also while the reel would be elsewhere. */
    toWindow({ id, start }: AuditWindow): void {
      const at = legs.peek().findIndex((one) => one.window === id);
      if (at >= 0) leg.value = at;
      clock.seek(start);
    },
    /** What was watched elsewhere counts here too. */
    adopt(elsewhere: readonly Stretch[]): void {
      counted.value = union([...counted.peek(), ...elsewhere]);
    },
    /** Goes back over what the reel passed and plays it too. */
    playPassed(): void {
      const passed = jump.peek();
      if (!passed) return;
      jump.value = null;
      detour.value = { start: passed.start, end: passed.end };
      clock.seek(passed.start);
    },
    dispose(): void {
      send();
      clearInterval(timer);
      window.removeEventListener("pagehide", send);
      for (const stop of stops) stop();
    },
  };
}
