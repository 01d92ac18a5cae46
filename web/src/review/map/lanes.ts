import type { Evidence, IndicatorId } from "../../api/types.ts";
import { LOOK_FOR_IDS } from "../../parts/look-fors.ts";
import { shareOf, type View } from "../timeline.ts";

/** Where each lane lies on the map, in CSS pixels from its top. */
export interface Layout {
  height: number;
  axis: Band;
  lanes: Record<IndicatorId, Band>;
  facilitator: Band;
  youth: Band;
  wave: Band;
  watched: Band | null; // only where somebody reviews
}

export interface Band {
  top: number;
  height: number;
}

export function layoutFor(compact: boolean, reviewed = false): Layout {
  const size = compact
    ? { axis: 20, lane: 18, role: 8, wave: 22, watched: 8, gap: 4 }
    : { axis: 22, lane: 27, role: 10, wave: 34, watched: 12, gap: 6 };
  let top = 0;
  const band = (height: number, after = 0): Band => {
    const made = { top, height };
    top += height + after;
    return made;
  };
  const axis = band(size.axis);
  const [voice, relevance, questions] = LOOK_FOR_IDS.map((_, index) =>
    band(size.lane, index === 2 ? size.gap : 0),
  ) as [Band, Band, Band];
  const facilitator = band(size.role, 3);
  const youth = band(size.role, size.gap);
  const wave = band(size.wave, 2);
  const watched = reviewed ? band(size.watched, 4) : null;
  return {
    height: top,
    ...{ axis, facilitator, youth, wave, watched },
    lanes: { youth_voice: voice, stem_relevance: relevance, purposeful_questions: questions },
  };
}

/** A tick stands higher the likelier a reviewer would agree, and never so low that it is missed. */
export function tickHeight(p: number, lane: number): number {
  return Math.round(lane * (0.22 + 0.68 * Math.min(1, Math.max(0, p))));
}

const REACH_PX = 6;

/** The piece of evidence under a pointer in its lane, if one is near enough. */
export function evidenceNear(
  evidence: readonly Evidence[],
  at: { x: number; y: number },
  { layout, view, width }: { layout: Layout; view: View; width: number },
): Evidence | null {
  let best: Evidence | null = null;
  let nearest = REACH_PX;
  for (const one of evidence) {
    if (one.start === null) continue;
    const lane = layout.lanes[one.indicator];
    if (at.y < lane.top || at.y >= lane.top + lane.height) continue;
    const from = shareOf(one.start, view) * width;
    const to = Math.max(from, shareOf(one.end ?? one.start, view) * width);
    const away = at.x < from ? from - at.x : Math.max(0, at.x - to);
    if (away < nearest) {
      nearest = away;
      best = one;
    }
  }
  return best;
}
