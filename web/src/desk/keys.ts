import { announce } from "../app/announce.ts";
import { addShortcuts, type Shortcut } from "../app/keymap.ts";
import { LOOK_FOR_IDS } from "../parts/look-fors.ts";
import { addReviewKeys } from "../review/keys.ts";
import type { Desk } from "./desk.ts";
import type { Verdict } from "./types.ts";

/** The keys of the desk, on top of those of a recording: one hand, no modifiers. */
export function addDeskKeys(desk: Desk): () => void {
  const { recording, log } = desk;
  const key = (group: string, id: string, keys: string[], label: string, run: Shortcut["run"]): Shortcut => ({
    id,
    group,
    label,
    keys,
    run,
  });
  function decide(verdict: Verdict, words: string): void {
    const id = recording.selected.peek();
    if (!id || desk.closed.peek()) return;
    desk.decide(id, verdict);
    announce(desk.verdict(id) ? words : "Decision taken back");
  }
  function toCriterion(direction: 1 | -1): void {
    const ids = desk.review.peek().rubric.criteria.map((one) => one.id);
    const next = ids[(ids.indexOf(desk.criterion.peek()) + direction + ids.length) % ids.length];
    if (next) desk.criterion.value = next;
  }
  function score(event: KeyboardEvent): void {
    const level = desk.review.peek().rubric.levels[Number(event.key) - 1];
    if (level && !desk.closed.peek()) desk.give(desk.criterion.peek(), { level: level.id });
  }
  const forget = addReviewKeys(recording);
  const forgetOwn = addShortcuts([
    key("Evidence", "supports", ["a"], "Supports", () => decide("supports", "Supports")),
    key("Evidence", "does-not", ["r"], "Does not", () => decide("does_not", "Does not")),
    key("Evidence", "unsure", ["u"], "Unsure", () => decide("unsure", "Unsure")),
    key("Evidence", "cite", ["e"], "Cite for this criterion", () => {
      const id = recording.selected.peek();
      if (id && !desk.closed.peek()) desk.toggleCited("evidence", id);
    }),
    key("Evidence", "mark", ["m"], "Mark this moment yourself", () => {
      const first = LOOK_FOR_IDS[0];
      const of = desk.review.peek().rubric.criteria.find((one) => one.id === desk.criterion.peek());
      const indicator = of?.indicators[0] ?? first;
      if (indicator && !desk.closed.peek()) desk.mark(indicator);
    }),
    key("Evidence", "undo", ["z"], "Undo", () => {
      announce(log.undo() ? "Undone" : "Nothing to undo");
    }),
    key("Scoring", "level", ["1", "2", "3", "4"], "Score this criterion", score),
    key("Scoring", "criterion", ["]"], "Next criterion", () => toCriterion(1)),
    key("Scoring", "criterion-back", ["["], "Previous criterion", () => toCriterion(-1)),
    key("Playing", "gear", ["g"], "Change gear", () => {
      const order = ["map", "reel", "full"] as const;
      desk.setGear(order[(order.indexOf(desk.gear.peek()) + 1) % order.length] ?? "map");
    }),
  ]);
  return () => {
    forgetOwn();
    forget();
  };
}
