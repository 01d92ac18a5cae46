import { Icon } from "../parts/icon.tsx";
import { ROLE_WORDS } from "../parts/look-fors.ts";
import type { Turn } from "../review/transcript/turns.ts";
import type { Corrections } from "./types.ts";

interface TurnRoleProps {
  turn: Turn;
  number: number | undefined; // of the voice within its role
  corrections: Corrections | null;
}

/** Who speaks; where it may be corrected, the way to do that. */
export function TurnRole({ turn, number, corrections }: TurnRoleProps) {
  const words = (
    <>
      {ROLE_WORDS[turn.role]}
      {number !== undefined && <span class="number"> {number}</span>}
    </>
  );
  const by = turn.utterances.some(({ heard }) => heard?.role);
  return (
    <>
      {corrections ? (
        <button
          type="button"
          class="turn-role"
          tabIndex={-1}
          aria-haspopup="menu"
          title="Correct who speaks (T) or the words (X)"
          onClick={(event) => {
            corrections.menu.value = { turn, button: event.currentTarget };
          }}
        >
          {words}
          <span class="unseen">: correct this turn</span>
          <Icon name="caret" size={13} />
        </button>
      ) : (
        <b class="turn-role">{words}</b>
      )}
      {turn.unsure && turn.role !== "unknown" && <i class="turn-unsure">not sure whose voice</i>}
      {by && !(turn.unsure && turn.role !== "unknown") && <i class="turn-unsure">corrected</i>}
    </>
  );
}
