import assert from "node:assert/strict";
import { test } from "node:test";
import { nextInReel, paceAt, reel, takes } from "./gears.ts";

const PIECES = [
  { start: 100, end: 110 },
  { start: 3, end: 5 },
  { start: 121, end: 125 },
];
// With 6 s before and 4 s after: 0–9, 94–114 and 115–129; the last two are 1 s apart and join.
const PLAYED = [
  { start: 0, end: 9 },
  { start: 94, end: 129 },
];

test("the reel gives each piece room and joins neighbours", () => {
  assert.deepEqual(reel(PIECES, 1200), PLAYED);
  assert.deepEqual(reel([{ start: 1198, end: 1200 }], 1200), [{ start: 1192, end: 1200 }]);
  assert.deepEqual(reel([], 1200), []);
});

test("the reel stays inside a piece, jumps between them and ends", () => {
  assert.equal(nextInReel(PLAYED, 4), 4);
  assert.equal(nextInReel(PLAYED, 9), 94);
  assert.equal(nextInReel(PLAYED, 129), null);
});

test("full slows down for evidence", () => {
  assert.equal(paceAt(PLAYED, 100), 1);
  assert.equal(paceAt(PLAYED, 50), 1.75);
});

test("the time a gear takes", () => {
  // 9 + 35 = 44 s of evidence; the other 1,156 s at 1.75 take 660.57 s.
  assert.equal(takes("reel", PLAYED, 1200), 44);
  assert.equal(Math.round(takes("full", PLAYED, 1200) * 100) / 100, 704.57);
  assert.equal(takes("map", PLAYED, 1200), 1200);
});
