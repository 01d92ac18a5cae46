import { useEffect, useRef } from "preact/hooks";
import { repaint } from "../../app/theme.ts";
import { percent } from "../../words/amount.ts";
import { useReview } from "../review.ts";
import type { View } from "../timeline.ts";
import { drawWatched, readInks } from "./draw.ts";
import type { Band } from "./lanes.ts";

interface WatchedProps {
  view: View;
  band: Band;
  width: number; // in CSS pixels
}

/** On a canvas of its own: it grows with every second that plays, and nothing else on the map does. */
export function WatchedLane({ view, band, width }: WatchedProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const watched = useReview().watched.value ?? [];
  const painted = repaint.value;
  useEffect(() => {
    if (canvas.current)
      drawWatched(
        canvas.current,
        { width, height: band.height },
        { view, watched },
        readInks(canvas.current),
      );
  }, [view, band, width, watched, painted]);
  return (
    <canvas ref={canvas} class="map-watched" style={{ top: `${band.top}px`, height: `${band.height}px` }} />
  );
}

export function WatchedShare() {
  const review = useReview();
  const seconds = (review.watched.value ?? []).reduce((sum, { start, end }) => sum + end - start, 0);
  const duration = review.duration.value;
  return <i class="number">{percent(duration > 0 ? Math.min(1, seconds / duration) : 0)}</i>;
}
