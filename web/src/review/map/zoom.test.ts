import assert from "node:assert/strict";
import { test } from "node:test";
import { around, following, panned, zoomed } from "./zoom.ts";

const ALL = { start: 0, end: 1200 };

test("what is under the pointer stays there", () => {
  // 300 of 1200 is a quarter; half as wide, 600 s: 300 - 150 = 150.
  assert.deepEqual(zoomed(ALL, 0.5, 300, 1200), { start: 150, end: 750 });
  assert.deepEqual(zoomed(ALL, 0.5, 0, 1200), { start: 0, end: 600 });
  assert.equal(zoomed({ start: 150, end: 750 }, 4, 300, 1200), null); // wider than the recording: all of it
  assert.deepEqual(zoomed({ start: 10, end: 15 }, 0.1, 10, 1200), { start: 10, end: 14 }); // no closer than 4 s
});

test("a view moves only as far as there is something to see", () => {
  assert.deepEqual(panned({ start: 100, end: 200 }, 30, 1200), { start: 130, end: 230 });
  assert.deepEqual(panned({ start: 100, end: 200 }, 5000, 1200), { start: 1100, end: 1200 });
  assert.deepEqual(panned({ start: 100, end: 200 }, -5000, 1200), { start: 0, end: 100 });
});

test("a piece gets room for its ends", () => {
  assert.deepEqual(around({ start: 600, end: 602 }, 1200), { start: 591, end: 611 }); // at least 20 s
  assert.deepEqual(around({ start: 600, end: 610 }, 1200), { start: 580, end: 630 });
  assert.equal(around({ start: 2, end: 4 }, 15), null);
});

test("the page turns when playback leaves it", () => {
  const view = { start: 100, end: 200 };
  assert.equal(following(view, 150, 1200), view);
  assert.deepEqual(following(view, 200, 1200), { start: 190, end: 290 });
  assert.deepEqual(following(view, 20, 1200), { start: 10, end: 110 });
});
