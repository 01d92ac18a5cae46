import type { Role, SpeechHeard } from "../../api/types.ts";
import { ROLE_WORDS } from "../../parts/look-fors.ts";
import { percent } from "../../words/amount.ts";
import { length, spokenTime } from "../../words/time.ts";
import { loaded } from "../part.ts";
import { useReview } from "../review.ts";

const ROLES: readonly Role[] = ["facilitator", "youth", "unknown"];
const WORSE = 0.15; // a gap in hearing this wide between the roles changes how counts must be read

/** How much of the speech became words: what was not heard was not judged. */
export function Hearing() {
  const { transcript } = useReview();
  const speech = loaded(transcript.part.value)?.speech;
  if (!speech || speech.coverage === null) return null;
  const facilitator = speech.by_role.facilitator?.coverage;
  const youth = speech.by_role.youth?.coverage;
  const worse = facilitator != null && youth != null && facilitator - youth >= WORSE;
  return (
    <section class="hearing" aria-label="What could be heard">
      <h3>What could be heard</h3>
      <p>
        <b class="number">{percent(speech.coverage)}</b> of the speech became words;{" "}
        {spokenTime(speech.heard_s - speech.recognised_s)} of it did not and was not judged.
      </p>
      <dl>
        {ROLES.map((role) => (
          <Bar key={role} role={role} speech={speech} />
        ))}
      </dl>
      {worse && (
        <p class="hearing-care">
          Youth were heard worse than the facilitator. Few youth-voice pointers may mean poor sound, not quiet
          youth.
        </p>
      )}
    </section>
  );
}

function Bar({ role, speech }: { role: Role; speech: SpeechHeard }) {
  const own = speech.by_role[role];
  if (!own || own.coverage === null || own.heard_s <= 0) return null;
  const longest = Math.max(...ROLES.map((one) => speech.by_role[one]?.heard_s ?? 0));
  return (
    <div>
      <dt>{ROLE_WORDS[role]}</dt>
      <dd>
        <span class={`hearing-bar ${role}`} aria-hidden="true">
          <i style={{ width: `${(own.heard_s / longest) * 100}%` }}>
            <b style={{ width: `${own.coverage * 100}%` }} />
          </i>
        </span>
        <span class="number">
          {percent(own.coverage)} <span class="quiet">of {length(own.heard_s)}</span>
        </span>
      </dd>
    </div>
  );
}
