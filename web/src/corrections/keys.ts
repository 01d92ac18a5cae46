import { addShortcuts } from "../app/keymap.ts";
import type { Corrections } from "./types.ts";

/** The keys that correct the turn in hand. */
export function addCorrectionKeys(corrections: Corrections): () => void {
  return addShortcuts([
    {
      id: "turn-role",
      group: "Transcript",
      label: "This turn is the other voice (with Shift: every turn of this voice)",
      keys: ["t"],
      run: (event) => corrections.flip(event.shiftKey),
    },
    {
      id: "turn-words",
      group: "Transcript",
      label: "Correct the words of this turn",
      keys: ["x"],
      run: () => corrections.edit(corrections.currentTurn()),
    },
  ]);
}
