/** How a recording is gone through. `reel`: its suggestions with some room around; `full`: all of it, at its own pace. */
export type Gear = "map" | "reel" | "full";

export interface Piece {
  start: number; // seconds
  end: number;
}

const BEFORE_S = 6;
const AFTER_S = 4;
const CLOSE_S = 8; // pieces nearer than this are played in one go
const SPEECH_RATE = 1.75; // outside evidence; comprehension holds to about twice the speed

/** What the reel plays, in order: each piece with its room, neighbours joined. */
export function reel(pieces: readonly Piece[], duration: number): Piece[] {
  const played: Piece[] = [];
  for (const piece of pieces.toSorted((a, b) => a.start - b.start)) {
    const start = Math.max(0, piece.start - BEFORE_S);
    const end = Math.min(duration, piece.end + AFTER_S);
    const last = played.at(-1);
    if (last && start - last.end < CLOSE_S) last.end = Math.max(last.end, end);
    else played.push({ start, end });
  }
  return played;
}

/** Where the reel goes from `time`: nowhere while inside a piece, to the next one between, null at its end. */
export function nextInReel(played: readonly Piece[], time: number): number | null {
  for (const piece of played) {
    if (time < piece.start) return piece.start;
    if (time < piece.end) return time;
  }
  return null;
}

/** The speed `full` plays at here: its own in evidence, faster elsewhere. */
export function paceAt(played: readonly Piece[], time: number): number {
  return played.some((piece) => time >= piece.start && time < piece.end) ? 1 : SPEECH_RATE;
}

/** Seconds the gear takes for the whole recording. */
export function takes(gear: Gear, played: readonly Piece[], duration: number): number {
  const inside = played.reduce((sum, piece) => sum + piece.end - piece.start, 0);
  if (gear === "reel") return inside;
  return gear === "full" ? inside + (duration - inside) / SPEECH_RATE : duration;
}
