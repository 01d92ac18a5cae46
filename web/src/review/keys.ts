import { announce } from "../app/announce.ts";
import { addShortcuts, type Shortcut } from "../app/keymap.ts";
import type { Piece, Review } from "./review.ts";

const CAPTIONS_BUTTON = ".player button[aria-label='Captions']";

const FRAME_S = 1 / 25; // what most cameras take; the picture is the nearest one in any case

/**
 * The keys of the review page, after the map in docs: one hand, no modifiers. `wanted` says which pieces next and
 * previous stop at; with Shift they stop at all of them.
 */
export function addReviewKeys(review: Review, wanted?: (piece: Piece) => boolean): () => void {
  const { clock } = review;

  function toNeighbour(direction: 1 | -1, event: KeyboardEvent): void {
    const timed = review.shownEvidence.peek().filter((one) => one.start !== null);
    const left = wanted && !event.shiftKey ? timed.filter((one) => wanted(one)) : timed;
    if (left.length === 0 && timed.length > 0) announce("Every suggestion is decided.");
    const pieces = left.length > 0 ? left : timed;
    const chosen = timed.find((one) => one.id === review.selected.peek());
    const at = pieces.findIndex((one) => one.id === chosen?.id);
    const time = chosen?.start ?? clock.time.peek();
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
    playing("frame-back", [","], "One frame back", () => clock.step(-FRAME_S)),
    playing("frame", ["."], "One frame on", () => clock.step(FRAME_S)),
    playing("speed", ["s"], "Faster (with Shift: slower)", (event) =>
      clock.changeRate(event.shiftKey ? -1 : 1),
    ),
    playing("captions", ["c"], "Captions", () =>
      document.querySelector<HTMLElement>(CAPTIONS_BUTTON)?.click(),
    ),
    {
      id: "next",
      group: "Evidence",
      label: wanted ? "Next undecided (with Shift: next)" : "Next piece of evidence",
      keys: ["n"],
      run: (event) => toNeighbour(1, event),
    },
    {
      id: "previous",
      group: "Evidence",
      label: wanted ? "Previous undecided (with Shift: previous)" : "Previous piece of evidence",
      keys: ["p"],
      run: (event) => toNeighbour(-1, event),
    },
  ]);
}
