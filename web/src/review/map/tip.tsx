import type { ReadonlySignal } from "@preact/signals";
import { address } from "../../api/client.ts";
import type { Evidence, Utterance } from "../../api/types.ts";
import { Glyph } from "../../parts/glyph.tsx";
import { LOOK_FORS, ROLE_WORDS } from "../../parts/look-fors.ts";
import { clock as clockText } from "../../words/time.ts";
import { loaded } from "../part.ts";
import { useReview } from "../review.ts";
import { lastBegun, type View } from "../timeline.ts";

export interface Pointed {
  x: number; // px from the left of the plot
  time: number; // seconds
  evidence: Evidence | null;
}

interface TipProps {
  pointed: ReadonlySignal<Pointed | null>;
  view: View;
  width: number;
  below: number;
  utterances: readonly Utterance[];
}

const TIP_PX = 240;

/** What is under the pointer: a small picture, the time, who speaks and what was found there. */
export function Tip({ pointed, width, below, utterances }: TipProps) {
  const { id, thumbnails } = useReview();
  const at = pointed.value;
  if (!at) return null;
  const sheet = loaded(thumbnails.part.value);
  const left = Math.min(Math.max(0, width - TIP_PX), Math.max(0, at.x - TIP_PX / 2));
  const said = utterances[lastBegun(utterances, at.time)];
  const speaking = said?.end != null && at.time < said.end ? said : null;
  return (
    <>
      <div class="pointed" style={{ left: `${at.x}px` }} aria-hidden="true" />
      <div
        class="tip"
        style={{ left: `${left}px`, top: `${below + 4}px`, width: `${TIP_PX}px` }}
        aria-hidden="true"
      >
        {sheet && sheet.count > 0 && <Picture sheet={sheet} id={id} time={at.time} />}
        <div>
          <b class="time">{clockText(at.time)}</b>
          {at.evidence ? (
            <p class="tip-evidence">
              <Glyph of={at.evidence.indicator} /> {LOOK_FORS[at.evidence.indicator].label} ·{" "}
              {at.evidence.code_label}
            </p>
          ) : (
            <p class="quiet">{speaking ? ROLE_WORDS[speaking.role] : "No words here"}</p>
          )}
          {(at.evidence ?? speaking) && <p class="said">{at.evidence?.quote ?? speaking?.text}</p>}
        </div>
      </div>
    </>
  );
}

interface PictureProps {
  sheet: { width: number; height: number; columns: number; interval_s: number; count: number };
  id: string;
  time: number;
}

function Picture({ sheet, id, time }: PictureProps) {
  const index = Math.min(sheet.count - 1, Math.max(0, Math.floor(time / sheet.interval_s)));
  const column = index % sheet.columns;
  const row = Math.floor(index / sheet.columns);
  return (
    <div
      class="thumbnail"
      style={{
        width: `${sheet.width}px`,
        height: `${sheet.height}px`,
        backgroundImage: `url("${address.thumbnails(id)}")`,
        backgroundPosition: `-${column * sheet.width}px -${row * sheet.height}px`,
      }}
    />
  );
}
