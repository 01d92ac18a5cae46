import type { Stretch, View } from "../timeline.ts";

const CLOSEST_S = 4; // what the whole width shows at most magnified

/** The view `factor` times as wide, with `at` (seconds) staying where it is; null for all of the recording. */
export function zoomed(view: View, factor: number, at: number, duration: number): View | null {
  const length = Math.max(Math.min(CLOSEST_S, duration), (view.end - view.start) * factor);
  if (length >= duration * 0.999) return null;
  const share = (at - view.start) / (view.end - view.start);
  return within(at - share * length, length, duration);
}

/** The same length, `by` seconds on. */
export function panned(view: View, by: number, duration: number): View {
  return within(view.start + by, view.end - view.start, duration);
}

/** A view in which a short piece is wide enough for its ends to be taken hold of. */
export function around(piece: Stretch, duration: number): View | null {
  const length = Math.max(20, (piece.end - piece.start) * 5);
  if (length >= duration) return null;
  return within((piece.start + piece.end - length) / 2, length, duration);
}

/** Turns the page when playback runs out of the view, so that the map goes along. */
export function following(view: View, time: number, duration: number): View {
  if (time >= view.start && time < view.end) return view;
  const length = view.end - view.start;
  return within(time - length * 0.1, length, duration);
}

function within(start: number, length: number, duration: number): View {
  const from = Math.max(0, Math.min(duration - length, start));
  return { start: from, end: from + length };
}
