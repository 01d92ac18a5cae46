import assert from "node:assert/strict";
import { test } from "node:test";
import type { Role, Utterance } from "../api/types.ts";
import { axisTimes, columnsOf, lastBegun, roleRuns, shareOf, soundWithoutWords, timeAt } from "./timeline.ts";

const said = (start: number, end: number, role: Role = "youth"): Utterance => ({
  ...{
    id: `u${start}`,
    start,
    end,
    speaker: "s1",
    role,
    role_p: 1,
    text: "so",
    words: [{ text: "so", start, end, p: 1 }],
    heard: null,
  },
});

test("a place on the map and a time are each other's inverse, also zoomed in", () => {
  const view = { start: 100, end: 300 };
  assert.equal(shareOf(150, view), 0.25); // (150 - 100) / (300 - 100)
  assert.equal(timeAt(0.25, view), 150);
  assert.equal(timeAt(-0.2, view), 100);
  assert.equal(timeAt(7, view), 300);
});

test("axis labels keep their room and stand on round times", () => {
  // 1200 s on 600 px = 0.5 px a second; 60 px of room need steps of at least 120 s
  assert.deepEqual(
    axisTimes({ start: 0, end: 1200 }, 600, 60),
    [0, 120, 240, 360, 480, 600, 720, 840, 960, 1080],
  );
  assert.deepEqual(axisTimes({ start: 65, end: 125 }, 600, 100), [70, 80, 90, 100, 110, 120]);
  assert.deepEqual(axisTimes({ start: 0, end: 0 }, 600, 60), []);
});

test("a run goes on over a breath and over another voice, and ends at a pause", () => {
  const runs = roleRuns([
    said(0, 2, "facilitator"),
    said(1, 1.5, "youth"),
    said(2.3, 4, "facilitator"),
    said(5, 6, "facilitator"),
  ]);
  assert.deepEqual(runs, [
    { role: "facilitator", start: 0, end: 4 },
    { role: "youth", start: 1, end: 1.5 },
    { role: "facilitator", start: 5, end: 6 },
  ]);
});

test("loud stretches without words are told from silence", () => {
  // One bin a second: words at 0-2 and 8-10 (peak 100); 2-5 is silent (3); 5-8 is loud (60 >= 100 / 2)
  const peaks = { version: 1 as const, rate: 1, peaks: [100, 100, 3, 3, 3, 60, 60, 60, 100, 100] };
  const between = [said(0, 2), said(4.5, 5), said(8, 10)];
  assert.deepEqual(soundWithoutWords(between, peaks, 10), [{ start: 5, end: 8 }]);
  assert.deepEqual(soundWithoutWords([], peaks, 10), []);
});

test("a column shows the loudest peak under it, in share of the loudest of all", () => {
  const peaks = { version: 1 as const, rate: 2, peaks: [10, 20, 0, 0, 200, 0, 5, 100] };
  assert.deepEqual(
    [...columnsOf(peaks, { start: 0, end: 4 }, 4)].map((v) => Math.round(v * 100)),
    [10, 0, 100, 50],
  );
  assert.deepEqual([...columnsOf(peaks, { start: 2, end: 4 }, 1)], [1]);
});

test("what has begun last is found by bisection", () => {
  const items = [{ start: 1 }, { start: 2 }, { start: 2 }, { start: 9 }];
  assert.deepEqual(
    [0.5, 1, 2, 8.9, 99].map((t) => lastBegun(items, t)),
    [-1, 0, 2, 2, 3],
  );
});
