import { computed, effect, useComputed, useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { repaint } from "../../app/theme.ts";
import { Glyph } from "../../parts/glyph.tsx";
import { LOOK_FOR_IDS, LOOK_FORS } from "../../parts/look-fors.ts";
import { plural } from "../../words/amount.ts";
import { clock as clockText } from "../../words/time.ts";
import { loaded } from "../part.ts";
import { useReview } from "../review.ts";
import { roleRuns, shareOf, timeAt, type View } from "../timeline.ts";
import { usePinch, useWheelZoom, Zoom } from "./closer.tsx";
import { drawScore, readInks } from "./draw.ts";
import { evidenceNear, layoutFor } from "./lanes.ts";
import { LaneList, PositionSlider, TurnList } from "./lists.tsx";
import { type Pointed, Tip } from "./tip.tsx";
import { WatchedLane, WatchedShare } from "./watched.tsx";

const COMPACT_PX = 620;

/**
 * The whole recording at one glance: what was found, who speaks, how loud it is, where playback stands.
 * One canvas draws; sliders and list boxes laid over it say the same to keys and screen readers.
 */
export function SessionMap({ Over }: { Over?: ComponentType<{ view: View; top: number }> }) {
  const review = useReview();
  const { clock, selected, shownEvidence } = review;
  const canvas = useRef<HTMLCanvasElement>(null);
  const plot = useRef<HTMLDivElement>(null);
  const width = useSignal(0);
  const pointed = useSignal<Pointed | null>(null);
  const duration = review.duration.value;
  const near = review.zoom.value;
  const view: View = useMemo(() => near ?? { start: 0, end: duration }, [near, duration]);

  const transcript = loaded(review.transcript.part.value);
  const peaks = loaded(review.peaks.part.value);
  const utterances = useMemo(() => transcript?.utterances ?? [], [transcript]);
  const runs = useMemo(() => roleRuns(utterances), [utterances]);
  const unheard = review.unheard.value;
  const compact = width.value > 0 && width.value < COMPACT_PX;
  const reviewed = useComputed(() => review.watched.value !== null).value;
  const layout = useMemo(() => layoutFor(compact, reviewed), [compact, reviewed]);

  useEffect(() => {
    const element = plot.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      width.value = element.clientWidth;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const evidence = shownEvidence.value;
  const chosen = selected.value;
  const found = review.found.value;
  const painted = repaint.value;
  const wide = width.value;
  useEffect(() => {
    if (canvas.current)
      drawScore(
        canvas.current,
        wide,
        { view, layout, evidence, selected: chosen, runs, unheard, peaks, found },
        readInks(canvas.current),
      );
  }, [wide, view, layout, evidence, chosen, runs, unheard, peaks, painted, found]);

  const fingers = usePinch(review, plot);
  useWheelZoom(review, plot);

  function pointAt(event: PointerEvent): Pointed | null {
    const box = plot.current?.getBoundingClientRect();
    if (!box || box.width === 0) return null;
    const x = event.clientX - box.left;
    const near = evidenceNear(
      evidence,
      { x, y: event.clientY - box.top },
      { layout, view, width: box.width },
    );
    return { x, time: timeAt(x / box.width, view), evidence: near };
  }

  function go(at: Pointed): void {
    if (at.evidence) review.select(at.evidence);
    else clock.seek(at.time);
  }

  /** A mouse goes at once. A finger may only be on its way down the page: it goes when it lifts. */
  function onPress(event: PointerEvent): void {
    const at = pointAt(event);
    fingers.down(event);
    if (event.button !== 0 || !at) return;
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    if (event.pointerType === "mouse") go(at);
  }

  function onLift(event: PointerEvent): void {
    const at = pointAt(event);
    const pinched = fingers.up(event);
    if (at && event.pointerType !== "mouse" && !pinched) go(at);
  }

  function onMove(event: PointerEvent): void {
    const at = pointAt(event);
    pointed.value = at;
    if (fingers.moved(event)) return;
    const dragging =
      event.buttons === 1 && (event.currentTarget as Element).hasPointerCapture(event.pointerId);
    if (at && dragging && Math.abs(event.movementX) > 0 && !at.evidence) clock.seek(at.time);
  }

  const counts = computed(
    () =>
      new Map(
        LOOK_FOR_IDS.map((id) => [
          id,
          loaded(review.evidence.part.value) &&
            review.pieces.value.filter((one) => one.indicator === id).length,
        ]),
      ),
  );
  return (
    <section class={`map${compact ? " compact" : ""}`} aria-label="Map of the session">
      <div class="map-names" style={{ height: `${layout.height}px` }} aria-hidden="true">
        {LOOK_FOR_IDS.map((id) => (
          <span key={id} style={{ top: `${layout.lanes[id].top}px`, height: `${layout.lanes[id].height}px` }}>
            <Glyph of={id} />
            <b>{LOOK_FORS[id].label}</b>
            <i class="number">{review.hidden.value.has(id) ? "–" : counts.value.get(id)}</i>
          </span>
        ))}
        <span
          class="role facilitator"
          style={{ top: `${layout.facilitator.top}px`, height: `${layout.facilitator.height}px` }}
        >
          <b>Facilitator</b>
        </span>
        <span class="role youth" style={{ top: `${layout.youth.top}px`, height: `${layout.youth.height}px` }}>
          <b>Youth</b>
        </span>
        <span class="role" style={{ top: `${layout.wave.top}px`, height: `${layout.wave.height}px` }}>
          <b>Loudness</b>
        </span>
        {layout.watched && (
          <span class="role" style={{ top: `${layout.watched.top}px`, height: `${layout.watched.height}px` }}>
            <b>Watched</b>
            <WatchedShare />
          </span>
        )}
      </div>
      <Zoom />
      <div
        class="map-plot"
        ref={plot}
        style={{ height: `${layout.height}px` }}
        onPointerDown={onPress}
        onPointerMove={onMove}
        onPointerUp={onLift}
        onPointerCancel={fingers.up}
        onPointerLeave={() => {
          pointed.value = null;
        }}
      >
        {/* What it shows is said by the slider and the list boxes over it. */}
        <div class="map-paper" aria-hidden="true">
          <canvas ref={canvas} />
          {layout.watched && <WatchedLane view={view} band={layout.watched} width={wide} />}
        </div>
        <PositionSlider />
        {LOOK_FOR_IDS.map((id) => (
          <LaneList
            key={id}
            label={`${LOOK_FORS[id].label}: ${plural(counts.value.get(id) ?? 0, "piece of evidence", "pieces of evidence")}`}
            pieces={evidence.filter((one) => one.indicator === id && one.start !== null)}
            band={layout.lanes[id]}
            view={view}
          />
        ))}
        <TurnList />
        <Playhead view={view} />
        {Over && <Over view={view} top={layout.axis.height} />}
        <Tip pointed={pointed} view={view} width={wide} below={layout.height} utterances={utterances} />
      </div>
    </section>
  );
}

/** Moved by hand with every frame: drawing a component anew sixty times a second would be waste. */
function Playhead({ view }: { view: View }) {
  const { clock } = useReview();
  const line = useRef<HTMLDivElement>(null);
  const flag = useRef<HTMLElement>(null);
  useEffect(
    () =>
      effect(() => {
        const share = shareOf(clock.time.value, view);
        if (!line.current || !flag.current) return;
        line.current.hidden = share < 0 || share > 1;
        line.current.style.left = `${share * 100}%`;
        flag.current.style.translate = `${-100 * share}% 0`; // stays inside at both ends
      }),
    [clock, view],
  );
  return (
    <div class="playhead" ref={line} aria-hidden="true">
      <b class="time" ref={flag}>
        {clockText(clock.second.value)}
      </b>
    </div>
  );
}
