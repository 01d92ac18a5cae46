import assert from "node:assert/strict";
import { test } from "node:test";
import { createWatch } from "./watching.ts";

test("playing adds up to one stretch; a seek begins another", () => {
  const watch = createWatch();
  for (const time of [10, 10.25, 10.5, 11]) watch.note(time, 1);
  watch.note(60, 1); // a seek of 49 s
  watch.note(60.5, 1);
  assert.deepEqual(watch.take(), [
    [10, 11, 1],
    [60, 60.5, 1],
  ]);
  assert.deepEqual(watch.take(), []);
});

test("another speed is another stretch, and going back is not watching", () => {
  const watch = createWatch();
  watch.note(0, 1);
  watch.note(1, 1);
  watch.note(2, 2);
  watch.note(1, 2);
  watch.pause();
  watch.note(30, 2);
  assert.deepEqual(watch.take(), [
    [0, 1, 1],
    [1, 2, 2],
  ]);
});
