import { effect } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../../parts/icon.tsx";
import { clock as clockText } from "../../words/time.ts";
import { type Review, useReview } from "../review.ts";
import { timeAt, type View } from "../timeline.ts";
import { following, panned, zoomed } from "./zoom.ts";

const STEP = 0.5;
const PER_WHEEL_PX = 0.002;

function viewOf(review: Review): View {
  return review.zoom.peek() ?? { start: 0, end: review.duration.peek() };
}

function zoomBy(review: Review, factor: number, at: number): void {
  review.zoom.value = zoomed(viewOf(review), factor, at, review.duration.peek());
}

/** Closer to where playback stands, and back; and, once closer, where in the whole the view lies. */
export function Zoom() {
  const review = useReview();
  const { clock, zoom, duration } = review;
  useEffect(
    () =>
      effect(() => {
        const time = clock.time.value;
        const view = zoom.peek();
        const next = view && following(view, time, duration.peek());
        if (next !== view) zoom.value = next;
      }),
    [review],
  );
  const view = zoom.value;
  const length = duration.value;
  const middle = () => {
    const now = viewOf(review);
    const time = clock.time.peek();
    return time >= now.start && time <= now.end ? time : (now.start + now.end) / 2;
  };
  return (
    <>
      <span class="map-zoom">
        <button
          type="button"
          class="button plain icon"
          aria-label="Closer on the map"
          title="Closer (Ctrl + wheel, or two fingers)"
          onClick={() => zoomBy(review, STEP, middle())}
        >
          <Icon name="closer" size={16} />
        </button>
        <button
          type="button"
          class="button plain icon"
          aria-label="The whole recording on the map"
          title="The whole recording"
          disabled={view === null}
          onClick={() => {
            zoom.value = null;
          }}
        >
          <Icon name="whole" size={16} />
        </button>
      </span>
      {view && (
        <input
          class="map-where"
          type="range"
          min={0}
          max={Math.max(0, length - (view.end - view.start))}
          step={(view.end - view.start) / 10}
          value={view.start}
          aria-label="Part of the recording on the map"
          aria-valuetext={`${clockText(view.start)} to ${clockText(view.end)}`}
          style={{ "--span": `${(100 * (view.end - view.start)) / length}%` }}
          onInput={(event) => {
            zoom.value = panned(view, Number(event.currentTarget.value) - view.start, length);
          }}
        />
      )}
    </>
  );
}

/** Ctrl and the wheel, which is also what a trackpad sends for two fingers; sideways moves along. */
export function useWheelZoom(review: Review, plot: RefObject<HTMLDivElement | null>): void {
  useEffect(() => {
    const element = plot.current;
    if (!element) return;
    function onWheel(event: WheelEvent): void {
      const box = element?.getBoundingClientRect();
      if (!box || box.width === 0) return;
      const view = viewOf(review);
      const sideways = event.shiftKey ? event.deltaY : event.deltaX;
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        zoomBy(
          review,
          Math.exp(event.deltaY * PER_WHEEL_PX),
          timeAt((event.clientX - box.left) / box.width, view),
        );
      } else if (review.zoom.peek() && sideways !== 0) {
        event.preventDefault();
        const seconds = (sideways / box.width) * (view.end - view.start);
        review.zoom.value = panned(view, seconds, review.duration.peek());
      }
    }
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [review]);
}

/** Two fingers on the map: apart is closer. */
export function usePinch(review: Review, plot: RefObject<HTMLDivElement | null>) {
  const fingers = useRef(new Map<number, number>()); // pointer to its place across, px
  const pinched = useRef(false);
  return {
    down(event: PointerEvent): void {
      if (event.pointerType === "mouse") return;
      if (fingers.current.size === 0) pinched.current = false;
      fingers.current.set(event.pointerId, event.clientX);
    },
    /** True while two fingers are at work. */
    moved(event: PointerEvent): boolean {
      const now = fingers.current;
      if (!now.has(event.pointerId)) return false;
      const [a = 0, b = 0] = now.values();
      now.set(event.pointerId, event.clientX);
      if (now.size !== 2) return false;
      pinched.current = true;
      const [c = 0, d = 0] = now.values();
      const box = plot.current?.getBoundingClientRect();
      const [was, is] = [Math.abs(a - b), Math.abs(c - d)];
      if (box && was > 8 && is > 8)
        zoomBy(review, was / is, timeAt(((c + d) / 2 - box.left) / box.width, viewOf(review)));
      return true;
    },
    /** Answers whether these fingers did something else than point. */
    up(event: PointerEvent): boolean {
      fingers.current.delete(event.pointerId);
      return pinched.current;
    },
  };
}
