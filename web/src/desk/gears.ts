/** How a recording is gone through. `reel`: its suggestions with some room around; `full`: all of it, at its own pace. */
export type Gear = "map" | "reel" | "full";

export interface Piece {
  start: number; // seconds
  end: number;
}

/** One stretch the reel plays: suggestions and marks with their room, or a window in which nothing was suggested. */
export interface Leg extends Piece {
  window: string | null; // its id, for a window
}

const BEFORE_S = 6;
const AFTER_S = 4;
const CLOSE_S = 8; // pieces nearer than this are played in one go
const SPEECH_RATE = 1.75; // outside evidence; comprehension holds to about twice the speed

/** What the reel plays: each piece with its room, neighbours joined, in order of time; then the windows. */
export function reel(
  pieces: readonly Piece[],
  windows: readonly (Piece & { id: string })[],
  duration: number,
): Leg[] {
  const played: Leg[] = [];
  for (const piece of pieces.toSorted((a, b) => a.start - b.start)) {
    const start = Math.max(0, piece.start - BEFORE_S);
    const end = Math.min(duration, piece.end + AFTER_S);
    const last = played.at(-1);
    if (last && start - last.end < CLOSE_S) last.end = Math.max(last.end, end);
    else played.push({ start, end, window: null });
  }
  return [...played, ...windows.map(({ id, start, end }) => ({ start, end, window: id }))];
}

export interface Step {
  leg: number; // index of the leg that plays now
  seek: number | null; // where to jump to, if anywhere
}

const RAN_PAST_S = 1; // later than this after a leg's end somebody went there on purpose

/** Where the reel goes when playback stands at `time` and last played leg `now`; null at its end. */
export function nextInReel(legs: readonly Leg[], now: number, time: number): Step | null {
  const inside = (leg: Leg | undefined): boolean => leg !== undefined && time >= leg.start && time < leg.end;
  const current = legs[now];
  if (inside(current)) return { leg: now, seek: null };
  if (current && time >= current.end && time < current.end + RAN_PAST_S) {
    const next = legs[now + 1];
    return next ? { leg: now + 1, seek: inside(next) ? null : next.start } : null;
  }
  const here = legs.findIndex((leg) => inside(leg) && (leg.window === null || current?.window != null));
  if (here >= 0) return { leg: here, seek: null };
  const ahead = legs.findIndex((leg) => leg.window !== null || leg.start > time);
  const next = legs[ahead];
  return next ? { leg: ahead, seek: next.start } : null;
}

/** The speed `full` plays at here: its own in evidence, faster elsewhere. */
export function paceAt(legs: readonly Piece[], time: number): number {
  return legs.some((leg) => time >= leg.start && time < leg.end) ? 1 : SPEECH_RATE;
}

const SILENCE_S = 1.5;
const KEPT_AFTER_S = 0.5; // a jump in the middle of a breath sounds broken
const KEPT_BEFORE_S = 0.3;

/** What `full` passes over where silence is skipped: pauses between words, outside what is played at its own speed. */
export function silences(
  said: readonly { start: number | null; end: number | null }[],
  legs: readonly Piece[],
  duration: number,
): Piece[] {
  const found: Piece[] = [];
  let heard = 0;
  for (const { start, end } of [...said, { start: duration, end: duration }]) {
    if (start === null || end === null) continue;
    const silence = { start: heard + KEPT_AFTER_S, end: start - KEPT_BEFORE_S };
    const flagged = legs.some((leg) => leg.start < silence.end && leg.end > silence.start);
    if (start - heard >= SILENCE_S && !flagged) found.push(silence);
    heard = Math.max(heard, end);
  }
  return found;
}

/** Seconds the gear takes for the whole recording at the chosen speed; `full` sets its own. */
export function takes(
  gear: Gear,
  {
    legs,
    skipped,
    duration,
    rate,
  }: { legs: readonly Leg[]; skipped: readonly Piece[]; duration: number; rate: number },
): number {
  if (gear === "map") return duration / rate;
  if (gear === "reel") return total(legs) / rate;
  const slow = total(legs.filter((leg) => leg.window === null));
  return slow + (duration - slow - total(skipped)) / SPEECH_RATE;
}

function total(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + piece.end - piece.start, 0);
}
