import { useSignal } from "@preact/signals";
import { useEffect, useId, useMemo, useRef } from "preact/hooks";
import { ROLE_WORDS } from "../../parts/look-fors.ts";
import { clockRange, clock as clockText, spokenTime } from "../../words/time.ts";
import { pointerWords } from "../chance.ts";
import { loaded } from "../part.ts";
import { type Piece, useReview } from "../review.ts";
import { lastBegun, shareOf, type View } from "../timeline.ts";
import { turnsOf } from "../transcript/turns.ts";
import type { Band } from "./lanes.ts";

/** The map as one slider: arrows move by 5 seconds, Page keys by 30. */
export function PositionSlider() {
  const { clock, duration } = useReview();
  const moves: Record<string, () => void> = {
    ArrowLeft: () => clock.by(-5),
    ArrowDown: () => clock.by(-5),
    ArrowRight: () => clock.by(5),
    ArrowUp: () => clock.by(5),
    PageDown: () => clock.by(-30),
    PageUp: () => clock.by(30),
    Home: () => clock.seek(0),
    End: () => clock.seek(duration.peek()),
  };
  const at = clock.second.value;
  return (
    <div
      class="map-slider"
      role="slider"
      tabIndex={0}
      aria-label="Position on the map"
      aria-valuemin={0}
      aria-valuemax={Math.floor(duration.value)}
      aria-valuenow={at}
      aria-valuetext={`${spokenTime(at)} of ${spokenTime(duration.value)}`}
      onKeyDown={(event) => {
        const move = moves[event.key];
        if (!move) return;
        event.preventDefault();
        move();
      }}
    />
  );
}

/** Which option the arrows have come to; shared by the list boxes of the map. */
function step(key: string, at: number, count: number): number | null {
  switch (key) {
    case "ArrowRight":
    case "ArrowDown":
      return Math.min(count - 1, at + 1);
    case "ArrowLeft":
    case "ArrowUp":
      return Math.max(0, at - 1);
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return null;
  }
}

interface LaneListProps {
  label: string;
  pieces: readonly Piece[];
  band: Band;
  view: View;
}

/** One lane's ticks as a list box, each option lying on its tick. */
export function LaneList({ label, pieces, band, view }: LaneListProps) {
  const review = useReview();
  const id = useId();
  const active = useSignal(-1);
  if (pieces.length === 0) return null;
  const at = Math.min(active.value, pieces.length - 1);

  function go(to: number): void {
    active.value = to;
    const piece = pieces[to];
    if (piece) review.select(piece);
  }

  return (
    <div
      class="map-lane"
      role="listbox"
      tabIndex={0}
      aria-label={label}
      aria-orientation="horizontal"
      aria-activedescendant={at >= 0 ? `${id}-${at}` : undefined}
      style={{ top: `${band.top}px`, height: `${band.height}px` }}
      onFocus={() => {
        const chosen = pieces.findIndex((piece) => piece.id === review.selected.peek());
        active.value = chosen >= 0 ? chosen : Math.max(0, lastBegun(pieces, review.clock.time.peek()));
      }}
      onKeyDown={(event) => {
        const to = event.key === "Enter" || event.key === " " ? at : step(event.key, at, pieces.length);
        if (to === null) return;
        event.preventDefault();
        event.stopPropagation();
        go(to);
      }}
    >
      {pieces.map((piece, index) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the list box has the focus and points at its active option
        <div
          key={piece.id}
          id={`${id}-${index}`}
          role="option"
          aria-selected={piece.id === review.selected.value}
          class={index === at ? "active" : undefined}
          style={{ left: `${shareOf(piece.start ?? 0, view) * 100}%` }}
          aria-label={`${clockText(piece.start)}, ${piece.code_label}${piece.own ? "" : `, ${pointerWords(piece.p)}`}: ${piece.quote}`}
        />
      ))}
    </div>
  );
}

const AROUND = 20; // options kept on either side of the active one: a two-hour session has thousands of turns

/** The two role staves as a list box of turns. */
export function TurnList() {
  const review = useReview();
  const id = useId();
  const active = useSignal(0);
  const root = useRef<HTMLDivElement>(null);
  const transcript = loaded(review.transcript.part.value);
  const turns = useMemo(
    () => turnsOf(transcript?.utterances ?? []).filter((turn) => turn.start !== null),
    [transcript],
  );
  useEffect(() => {
    active.value = 0;
  }, [turns]);
  if (turns.length === 0) return null;
  const at = Math.min(active.value, turns.length - 1);
  const from = Math.max(0, at - AROUND);
  return (
    <div
      ref={root}
      class="map-turns"
      role="listbox"
      tabIndex={0}
      aria-label={`Who speaks: ${turns.length} turns`}
      aria-activedescendant={`${id}-${at}`}
      onFocus={() => {
        active.value = Math.max(0, lastBegun(turns, review.clock.time.peek()));
      }}
      onKeyDown={(event) => {
        const to = event.key === "Enter" || event.key === " " ? at : step(event.key, at, turns.length);
        if (to === null) return;
        event.preventDefault();
        event.stopPropagation();
        active.value = to;
        review.clock.seek(turns[to]?.start ?? 0);
      }}
    >
      {turns.slice(from, at + AROUND + 1).map((turn, index) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the list box has the focus and points at its active option
        <div
          key={turn.id}
          id={`${id}-${from + index}`}
          role="option"
          aria-selected={from + index === at}
          aria-posinset={from + index + 1}
          aria-setsize={turns.length}
        >
          {`${clockRange(turn.start, turn.end)}, ${ROLE_WORDS[turn.role]}${turn.unsure ? ", not sure" : ""}`}
        </div>
      ))}
    </div>
  );
}
