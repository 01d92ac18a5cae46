import assert from "node:assert/strict";
import { test } from "node:test";
import type { Piece } from "../review/review.ts";
import { editOf, heard, union, withEdge } from "./spans.ts";

const SPAN = { start: 10, end: 12 };
const PIECE: Piece = {
  ...{ id: "e1", indicator: "youth_voice", code: "idea", code_label: "Youth idea", start: 10, end: 12 },
  ...{ utterances: [], p: 0.5, said_by: "youth", cues: [], quote: "" },
};

test("an end is moved, but never past the other or out of the recording", () => {
  assert.deepEqual(withEdge(SPAN, "start", 9.126, 100), { start: 9.13, end: 12 });
  assert.deepEqual(withEdge(SPAN, "start", 15, 100), { start: 11.8, end: 12 });
  assert.deepEqual(withEdge(SPAN, "end", 3, 100), { start: 10, end: 10.2 });
  assert.deepEqual(withEdge(SPAN, "end", 130, 100), { start: 10, end: 100 });
  assert.deepEqual(withEdge(SPAN, "start", -4, 100), { start: 0, end: 12 });
});

test("an edit keeps what differs, and nothing once it is as suggested again", () => {
  assert.deepEqual(editOf(PIECE, { ...PIECE, end: 13 }), { start: 10, end: 13 });
  assert.deepEqual(editOf(PIECE, { ...PIECE, indicator: "purposeful_questions", code: "open" }), {
    indicator: "purposeful_questions",
    code: "open",
  });
  assert.equal(editOf(PIECE, { ...PIECE, start: 10.004 }), null);
});

test("what was watched is counted once", () => {
  assert.deepEqual(
    union([
      { start: 5, end: 8 },
      { start: 0, end: 3 },
      { start: 3.2, end: 4 }, // 0.2 s after the one before
      { start: 7, end: 7.5 },
    ]),
    [
      { start: 0, end: 4 },
      { start: 5, end: 8 },
    ],
  );
});

test("a piece is heard once three fifths of it were played", () => {
  assert.equal(heard(SPAN, [{ start: 0, end: 11.1 }]), false); // 1.1 of 2 s
  assert.equal(heard(SPAN, [{ start: 0, end: 11.25 }]), true); // 1.25 of 2 s
  assert.equal(
    heard(SPAN, [
      { start: 10, end: 10.7 },
      { start: 11.4, end: 30 },
    ]),
    true,
  );
  assert.equal(heard(SPAN, []), false);
});
