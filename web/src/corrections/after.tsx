import type { EvidenceCard } from "../desk/types.ts";

/** What a correction of the transcript did to a suggestion. */
export function AfterCorrection({ of }: { of: EvidenceCard["after_correction"] }) {
  if (of === "gone")
    return (
      <p class="piece-after">No longer suggested after the correction; what you decided on it is kept.</p>
    );
  return of === "new" ? <p class="piece-after">New after the correction</p> : null;
}
