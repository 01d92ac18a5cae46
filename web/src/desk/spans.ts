import type { Piece } from "../review/review.ts";
import type { Stretch } from "../review/timeline.ts";

export type Edge = "start" | "end";

const SHORTEST_S = 0.2; // what can still be heard as something

/** The stretch with one end moved to `to` (seconds): never turned round, never outside the recording. */
export function withEdge(span: Stretch, edge: Edge, to: number, duration: number): Stretch {
  const exact = Math.round(to * 100) / 100;
  return edge === "start"
    ? { start: Math.max(0, Math.min(exact, span.end - SHORTEST_S)), end: span.end }
    : { start: span.start, end: Math.min(duration, Math.max(exact, span.start + SHORTEST_S)) };
}

export interface SpanEdit {
  start?: number;
  end?: number;
  indicator?: string;
  code?: string;
}

const SAME_S = 0.005;

/** What is kept of an edit: only what differs from the suggestion; null where nothing does. */
export function editOf(suggested: Piece, next: Piece): SpanEdit | null {
  const edit: SpanEdit = {};
  const { start, end } = next;
  const moved = (a: number | null, b: number | null): boolean => Math.abs((a ?? 0) - (b ?? 0)) > SAME_S;
  if (start !== null && end !== null && (moved(start, suggested.start) || moved(end, suggested.end)))
    Object.assign(edit, { start, end });
  if (next.indicator !== suggested.indicator || next.code !== suggested.code)
    Object.assign(edit, { indicator: next.indicator, code: next.code });
  return Object.keys(edit).length > 0 ? edit : null;
}

const TOLERANCE_S = 0.25; // two stretches closer than this were watched in one go

/** Union in order of start; as the service merges what was watched. */
export function union(stretches: readonly Stretch[]): Stretch[] {
  const merged: Stretch[] = [];
  for (const { start, end } of stretches.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last && start <= last.end + TOLERANCE_S) last.end = Math.max(last.end, end);
    else if (end > start) merged.push({ start, end });
  }
  return merged;
}

const HEARD_SHARE = 0.6;

/** Was enough of the span played to have heard it? `watched` is a union. */
export function heard(span: Stretch, watched: readonly Stretch[]): boolean {
  const played = watched.reduce(
    (sum, { start, end }) => sum + Math.max(0, Math.min(end, span.end) - Math.max(start, span.start)),
    0,
  );
  return played > 0 && played >= HEARD_SHARE * (span.end - span.start);
}
