import { Icon } from "../parts/icon.tsx";
import { useReview } from "../review/review.ts";
import type { Corrections } from "./types.ts";

/** Whether corrections are safe and evidence was looked for since, in words. */
export function RevisionState({ corrections }: { corrections: Corrections }) {
  const { keeps, refused, said, sending, tryNow, lookAgain } = corrections;
  const revision = useReview().submission.value?.revision;
  const waiting = said.value.some((one) => one.seq === null);
  if (refused.value)
    return (
      <p class="revision bad" role="alert">
        {refused.value}
        <button
          type="button"
          class="button small"
          onClick={() => {
            refused.value = null;
          }}
        >
          All right
        </button>
      </p>
    );
  if (waiting && sending.value === "offline")
    return (
      <p class="revision care" role="status">
        <Icon name="warn" size={16} />
        {keeps.value
          ? "No connection. Your corrections are kept in this browser and sent as soon as they can be."
          : "No connection, and this browser keeps nothing: leave the page open."}
        <button type="button" class="button small" onClick={tryNow}>
          Try now
        </button>
      </p>
    );
  if (!revision || (revision.corrections === 0 && !waiting)) return null;
  if (revision.evidence === "failed" && !waiting)
    return (
      <p class="revision care" role="status">
        <Icon name="warn" size={16} />
        Corrected, but looking again did not work. Your corrections are kept.
        <button type="button" class="button small" onClick={() => void lookAgain()}>
          Try again
        </button>
      </p>
    );
  const current = revision.evidence === "up_to_date" && !waiting;
  return (
    <p class="revision quiet" role="status">
      <Icon name={current ? "check" : "again"} size={16} />
      {current ? "Up to date" : "Corrected, looking again…"}
    </p>
  );
}
