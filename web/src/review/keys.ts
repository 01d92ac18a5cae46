import { addShortcuts, type Shortcut } from "../app/keymap.ts";
import type { Review } from "./review.ts";

const CAPTIONS_BUTTON = ".player button[aria-label='Captions']";

/** The keys of the review page, after the map in docs: one hand, no modifiers. */
export function addReviewKeys(review: Review): () => void {
  const { clock } = review;

  function toNeighbour(direction: 1 | -1): void {
    const pieces = review.shownEvidence.peek().filter((one) => one.start !== null);
    const at = pieces.findIndex((one) => one.id === review.selected.peek());
    const time = clock.time.peek();
    const next =
      at >= 0
        ? pieces[at + direction]
        : direction === 1
          ? pieces.find((one) => (one.start ?? 0) > time)
          : pieces.findLast((one) => (one.start ?? 0) < time);
    if (next) review.select(next);
  }

  const playing = (id: string, keys: string[], label: string, run: Shortcut["run"]): Shortcut => ({
    id,
    group: "Playing",
    label,
    keys,
    run,
  });
  return addShortcuts([
    playing("play", [" ", "k"], "Play or pause", () => clock.toggle()),
    playing("back", ["j"], "Back 5 seconds", () => clock.by(-5)),
    playing("forward", ["l"], "Forward 5 seconds", () => clock.by(5)),
    playing("left", ["ArrowLeft"], "Back 1 second", () => clock.by(-1)),
    playing("right", ["ArrowRight"], "Forward 1 second", () => clock.by(1)),
    playing("speed", ["s"], "Faster (with Shift: slower)", (event) =>
      clock.changeRate(event.shiftKey ? -1 : 1),
    ),
    playing("captions", ["c"], "Captions", () =>
      document.querySelector<HTMLElement>(CAPTIONS_BUTTON)?.click(),
    ),
    {
      id: "next",
      group: "Evidence",
      label: "Next piece of evidence",
      keys: ["n"],
      run: () => toNeighbour(1),
    },
    {
      id: "previous",
      group: "Evidence",
      label: "Previous piece of evidence",
      keys: ["p"],
      run: () => toNeighbour(-1),
    },
  ]);
}
