import { announce } from "../app/announce.ts";
import { addShortcuts, type Shortcut } from "../app/keymap.ts";
import { LOOK_FOR_IDS, LOOK_FORS } from "../parts/look-fors.ts";
import { addReviewKeys } from "../review/keys.ts";
import type { Desk } from "./desk.ts";
import type { Verdict } from "./types.ts";

type Run = Shortcut["run"];
type Group = (id: string, keys: string[], label: string, run: Run) => Shortcut;

function grouped(group: string): Group {
  return (id, keys, label, run) => ({ ...{ id, group, label, keys, run } });
}

/** The keys of the desk, on top of those of a recording: one hand, no modifiers. */
export function addDeskKeys(desk: Desk): () => void {
  const { recording } = desk;
  const forget = addReviewKeys(recording, (piece) => !piece.own && desk.verdict(piece.id) === null);
  const forgetOwn = addShortcuts([
    ...decisionKeys(desk),
    ...editKeys(desk),
    ...scoringKeys(desk),
    grouped("Playing")("gear", ["g"], "Change gear", () => {
      const order = ["map", "reel", "full"] as const;
      const now = order.indexOf(desk.playing.gear.peek());
      desk.playing.setGear(order[(now + 1) % order.length] ?? "map");
      announce({ map: "As it is", reel: "Reel", full: "Full, paced" }[desk.playing.gear.peek()]);
    }),
  ]);
  return () => {
    forgetOwn();
    forget();
  };
}

function decisionKeys(desk: Desk): Shortcut[] {
  const { recording, log } = desk;
  const key = grouped("Evidence");
  function decide(verdict: Verdict, words: string): void {
    const id = recording.selected.peek();
    if (!id || desk.closed.peek() || recording.own.peek().some((mark) => mark.id === id)) return;
    desk.decide(id, verdict);
    announce(desk.verdict(id) ? words : "Decision taken back");
  }
  function cite(): void {
    const id = recording.selected.peek();
    if (!id || desk.closed.peek()) return;
    const own = recording.own.peek().some((mark) => mark.id === id);
    desk.toggleCited(own ? "own" : "evidence", id);
    const cited = desk.citation(desk.criterion.peek())[own ? "own" : "evidence"].includes(id);
    announce(cited ? "Cited" : "Not cited any more");
  }
  return [
    key("supports", ["a"], "Supports", () => decide("supports", "Supports")),
    key("does-not", ["r"], "Does not", () => decide("does_not", "Does not")),
    key("unsure", ["u"], "Unsure", () => decide("unsure", "Unsure")),
    key("hear", ["h"], "Hear this moment", () => {
      const id = recording.selected.peek();
      const piece = id === null ? null : desk.edits.piece(id);
      if (piece) desk.playing.hear(piece);
    }),
    key("cite", ["q"], "Cite for this criterion", cite),
    key("undo", ["z"], "Undo", () => announce(log.undo() ? "Undone" : "Nothing to undo")),
  ];
}

function editKeys(desk: Desk): Shortcut[] {
  const { recording, edits } = desk;
  const key = grouped("Marking and editing");
  function edit(part: string): void {
    const id = recording.selected.peek();
    if (!id) announce("Choose a moment first.");
    if (!id || desk.closed.peek()) return;
    if (edits.editing.peek() !== id) edits.toggle(id);
    desk.showCard(id, part);
  }
  function mark(): void {
    const of = desk.review.peek().rubric.criteria.find((one) => one.id === desk.criterion.peek());
    const indicator = of?.indicators[0] ?? LOOK_FOR_IDS[0];
    if (indicator && !desk.closed.peek()) desk.mark(indicator);
  }
  return [
    key("mark", ["m"], "Mark this moment yourself", mark),
    ...LOOK_FOR_IDS.map((id, index) =>
      key(`mark-${id}`, [`Shift+${index + 1}`], `Mark as ${LOOK_FORS[id].label}`, () => {
        if (!desk.closed.peek()) desk.mark(id);
      }),
    ),
    key("edit", ["e"], "Edit where it starts and ends", () => edit("start")),
    key("look-for", ["v"], "Change its look-for", () => edit("look-for")),
    key("set-in", ["["], "It starts here", () => edits.setEdgeHere("start")),
    key("set-out", ["]"], "It ends here", () => edits.setEdgeHere("end")),
    {
      ...key("leave", ["Escape"], "Leave editing or search", () => desk.leave()),
      fixed: true,
    },
  ];
}

function scoringKeys(desk: Desk): Shortcut[] {
  const key = grouped("Scoring");
  const { rubric } = desk.review.peek();
  function give(given: { level: string } | { cannot_tell: true }, words: string): void {
    if (desk.closed.peek()) return;
    desk.give(desk.criterion.peek(), given);
    announce(words);
  }
  function toCriterion(event: KeyboardEvent): void {
    const ids = rubric.criteria.map((one) => one.id);
    const step = event.shiftKey ? -1 : 1;
    const next = rubric.criteria[(ids.indexOf(desk.criterion.peek()) + step + ids.length) % ids.length];
    if (!next) return;
    desk.criterion.value = next.id;
    announce(next.label);
  }
  return [
    ...rubric.levels
      .slice(0, 9)
      .map((level, index) =>
        key(`level-${index + 1}`, [String(index + 1)], `Score: ${level.label}`, () =>
          give({ level: level.id }, level.label),
        ),
      ),
    ...(rubric.allow_cannot_tell
      ? [key("cannot-tell", ["0"], "Cannot tell", () => give({ cannot_tell: true }, "Cannot tell"))]
      : []),
    key("criterion", ["w"], "Next criterion (with Shift: previous)", toCriterion),
    {
      ...key("hand-in", ["Ctrl+Enter"], "Hand in", () => {
        if (!desk.closed.peek()) desk.handingIn.value = true;
      }),
      fixed: true,
    },
  ];
}
