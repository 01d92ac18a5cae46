import { Glyph } from "../parts/glyph.tsx";
import { LOOK_FORS } from "../parts/look-fors.ts";
import { clockRange } from "../words/time.ts";
import { Tools, useShown } from "./card.tsx";
import { useDesk } from "./desk.ts";
import type { OwnMark } from "./edits.ts";

/** A moment the reviewer marked themselves. */
export function OwnCard({ mark }: { mark: OwnMark }) {
  const desk = useDesk();
  const { recording, edits } = desk;
  const chosen = recording.selected.value === mark.id;
  const ref = useShown(chosen);
  const piece = edits.piece(mark.id);
  if (!piece) return null;
  return (
    <li
      ref={ref}
      data-card={mark.id}
      class={`piece own ${LOOK_FORS[mark.indicator].tone}${chosen ? " chosen" : ""}`}
    >
      <button
        type="button"
        class="piece-go"
        aria-current={chosen || undefined}
        onClick={() => recording.select(piece)}
      >
        <span class="piece-head">
          <Glyph of={mark.indicator} size={13} />
          <b>Your mark: {LOOK_FORS[mark.indicator].label}</b>
          <span class="time">{clockRange(piece.start, piece.end)}</span>
        </span>
      </button>
      <div class="own-tools">
        <input
          class="field"
          aria-label="What you heard or saw"
          placeholder="What you heard or saw"
          value={mark.note}
          disabled={desk.closed.value}
          onChange={(event) => edits.setOwn(mark, { note: event.currentTarget.value })}
        />
        <button
          type="button"
          class="button small plain"
          aria-label={`Remove your mark at ${clockRange(mark.start, mark.end)}`}
          disabled={desk.closed.value}
          onClick={() => edits.remove(mark.id)}
        >
          Remove
        </button>
      </div>
      <Tools kind="own" piece={piece} />
    </li>
  );
}
