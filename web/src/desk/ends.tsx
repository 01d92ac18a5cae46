import { useId, useRef } from "preact/hooks";
import { Key } from "../app/key.tsx";
import { LOOK_FOR_IDS, LOOK_FORS } from "../parts/look-fors.ts";
import { loaded } from "../review/part.ts";
import type { Piece } from "../review/review.ts";
import { tenths } from "../words/time.ts";
import { useDesk } from "./desk.ts";
import type { Edge } from "./spans.ts";

const STEP_S = 0.5;
const FINE_S = 0.1;
const FAR_S = 5;

/** Where a piece starts and ends, and what it is: by keys, by buttons, or to where playback stands. */
export function Ends({ piece }: { piece: Piece }) {
  const desk = useDesk();
  return (
    <div class="ends">
      <End piece={piece} edge="start" />
      <End piece={piece} edge="end" />
      <LookFor piece={piece} />
      <div class="ends-foot">
        <button type="button" class="button small" onClick={() => desk.playing.hear(piece)}>
          Play it
        </button>
        <button type="button" class="button small" onClick={() => desk.leave()}>
          Done
        </button>
      </div>
    </div>
  );
}

const NAMES: Record<Edge, string> = { start: "Start", end: "End" };

/** One end as a slider: arrows move it by half a second, with Shift by a tenth, Page keys by five. */
function End({ piece, edge }: { piece: Piece; edge: Edge }) {
  const desk = useDesk();
  const { edits, recording } = desk;
  const slider = useRef<HTMLSpanElement>(null);
  const at = piece[edge] ?? 0;
  const move = (to: number) => edits.moveEdge(piece.id, edge, to);
  function onKeyDown(event: KeyboardEvent): void {
    const step = event.shiftKey ? FINE_S : STEP_S;
    const by = {
      ...{ ArrowLeft: -step, ArrowDown: -step, ArrowRight: step, ArrowUp: step },
      ...{ PageDown: -FAR_S, PageUp: FAR_S },
    }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    move(at + by);
  }
  return (
    <div class="end">
      <span class="end-name">{NAMES[edge]}</span>
      <button
        type="button"
        class="button small"
        aria-label={`${NAMES[edge]} half a second earlier`}
        onClick={() => move(at - STEP_S)}
      >
        −
      </button>
      <span
        ref={slider}
        class="end-at time"
        role="slider"
        tabIndex={0}
        data-part={edge}
        aria-label={NAMES[edge]}
        aria-valuemin={0}
        aria-valuemax={recording.duration.value}
        aria-valuenow={at}
        aria-valuetext={tenths(at)}
        title="Arrow keys move it; with Shift by a tenth of a second"
        onKeyDown={onKeyDown}
      >
        {tenths(at)}
      </span>
      <button
        type="button"
        class="button small"
        aria-label={`${NAMES[edge]} half a second later`}
        onClick={() => move(at + STEP_S)}
      >
        +
      </button>
      <button type="button" class="button small plain" onClick={() => move(recording.clock.time.peek())}>
        {edge === "start" ? "Starts" : "Ends"} here <Key of={edge === "start" ? "set-in" : "set-out"} />
      </button>
    </div>
  );
}

function LookFor({ piece }: { piece: Piece }) {
  const { edits, recording } = useDesk();
  const field = useId();
  const known = loaded(recording.catalogue.part.value) ?? [];
  return (
    <div class="end-kind">
      <label class="end-name" for={field}>
        What it is
      </label>
      {piece.own ? (
        <select
          id={field}
          class="field"
          data-part="look-for"
          value={piece.indicator}
          onChange={(event) =>
            edits.change(piece.id, { indicator: event.currentTarget.value as Piece["indicator"] })
          }
        >
          {LOOK_FOR_IDS.map((id) => (
            <option key={id} value={id}>
              {LOOK_FORS[id].label}
            </option>
          ))}
        </select>
      ) : (
        <select
          id={field}
          class="field"
          data-part="look-for"
          value={`${piece.indicator} ${piece.code}`}
          onChange={(event) => {
            const [indicator, code] = event.currentTarget.value.split(" ");
            edits.change(piece.id, { indicator, code } as Partial<Pick<Piece, "indicator" | "code">>);
          }}
        >
          {known.map((one) => (
            <optgroup key={one.id} label={one.label}>
              {one.codes.map((code) => (
                <option key={code.id} value={`${one.id} ${code.id}`}>
                  {code.label}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      )}
    </div>
  );
}
