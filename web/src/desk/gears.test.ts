import assert from "node:assert/strict";
import { test } from "node:test";
import { nextInReel, paceAt, reel, silences, takes } from "./gears.ts";

const PIECES = [
  { start: 100, end: 110 },
  { start: 3, end: 5 },
  { start: 121, end: 125 },
];
const WINDOWS = [{ id: "w1", start: 40, end: 60 }];
// With 6 s before and 4 s after: 0–9, 94–114 and 115–129; the last two are 1 s apart and join. The window comes last.
const LEGS = [
  { start: 0, end: 9, window: null },
  { start: 94, end: 129, window: null },
  { start: 40, end: 60, window: "w1" },
];

test("the reel gives each piece room, joins neighbours and ends with the windows", () => {
  assert.deepEqual(reel(PIECES, WINDOWS, 1200), LEGS);
  assert.deepEqual(reel([{ start: 1198, end: 1200 }], [], 1200), [{ start: 1192, end: 1200, window: null }]);
  assert.deepEqual(reel([], [], 1200), []);
});

test("the reel stays inside a leg, jumps between them and ends", () => {
  assert.deepEqual(nextInReel(LEGS, 0, 4), { leg: 0, seek: null });
  assert.deepEqual(nextInReel(LEGS, 0, 9.02), { leg: 1, seek: 94 });
  assert.deepEqual(nextInReel(LEGS, 1, 129.01), { leg: 2, seek: 40 });
  assert.equal(nextInReel(LEGS, 2, 60.1), null);
});

test("whoever goes elsewhere in the reel is met there", () => {
  assert.deepEqual(nextInReel(LEGS, 0, 100), { leg: 1, seek: null });
  assert.deepEqual(nextInReel(LEGS, 0, 50), { leg: 1, seek: 94 }); // in the window, but its turn has not come
  assert.deepEqual(nextInReel(LEGS, 2, 50), { leg: 2, seek: null });
  assert.deepEqual(nextInReel(LEGS, 2, 20), { leg: 1, seek: 94 });
  assert.deepEqual(nextInReel(LEGS, 0, 700), { leg: 2, seek: 40 }); // past all evidence: the window
});

test("full slows down for evidence", () => {
  assert.equal(paceAt(LEGS, 100), 1);
  assert.equal(paceAt(LEGS, 70), 1.75);
});

test("silence is what lies between words, away from evidence", () => {
  const said = [
    { start: 10, end: 20 },
    { start: 21, end: 30 }, // 1 s: a breath
    { start: 33, end: 90 },
    { start: 112, end: 1200 }, // 22 s, but evidence lies in it
  ];
  // 0–10 holds evidence; 30–33 loses 0.5 s after and 0.3 s before.
  assert.deepEqual(silences(said, LEGS, 1200), [{ start: 30.5, end: 32.7 }]);
});

test("the time a gear takes", () => {
  const all = { legs: LEGS, skipped: [], duration: 1200, rate: 1 };
  // 9 + 35 + 20 = 64 s; of these 44 s are evidence, and the other 1,156 s at 1.75 take 660.57 s.
  assert.equal(takes("reel", all), 64);
  assert.equal(takes("reel", { ...all, rate: 2 }), 32);
  assert.equal(Math.round(takes("full", all) * 100) / 100, 704.57);
  assert.equal(takes("map", { ...all, rate: 1.25 }), 960);
  // 35 s less at 1.75 are 20 s.
  assert.equal(
    Math.round(takes("full", { ...all, skipped: [{ start: 600, end: 635 }] }) * 100) / 100,
    684.57,
  );
});
