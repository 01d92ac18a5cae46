import { Icon } from "../../parts/icon.tsx";
import { ROLE_WORDS } from "../../parts/look-fors.ts";
import { loaded } from "../part.ts";
import { useReview } from "../review.ts";
import { lastBegun } from "../timeline.ts";

/** In the place of a picture, where there is none: who speaks now, and what. */
export function SoundPlate() {
  const { clock, transcript } = useReview();
  const utterances = loaded(transcript.part.value)?.utterances ?? [];
  const now = utterances[lastBegun(utterances, clock.time.value)];
  const speaking = now?.end != null && clock.time.value < now.end + 0.6 ? now : null;
  return (
    <div class="sound-plate">
      <p class="quiet">
        <Icon name="sound" /> Sound only: this recording has no picture
      </p>
      <p class={`plate-said ${speaking?.role ?? ""}`} aria-hidden="true">
        {speaking ? (
          <>
            <b>{ROLE_WORDS[speaking.role]}</b>
            <span class="said">{speaking.text}</span>
          </>
        ) : (
          <span class="quiet">…</span>
        )}
      </p>
    </div>
  );
}
