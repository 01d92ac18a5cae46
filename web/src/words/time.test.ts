import assert from "node:assert/strict";
import { test } from "node:test";
import { ago, clock, clockRange, length, spokenTime, timeLeft } from "./time.ts";

test("media time floors to the second it lies in", () => {
  assert.equal(clock(0), "0:00");
  assert.equal(clock(187.99), "3:07"); // 3 * 60 + 7 = 187
  assert.equal(clock(3729), "1:02:09"); // 3600 + 2 * 60 + 9
  assert.equal(clock(59.9999999), "1:00"); // float noise of 60, not 59
  assert.equal(clock(null), "–:––");
  assert.equal(clock(Number.POSITIVE_INFINITY), "–:––");
});

test("a length rounds where a position floors", () => {
  assert.equal(length(193.96), "3:14");
  assert.equal(clock(193.96), "3:13");
});

test("a range inside one second is shown once", () => {
  assert.equal(clockRange(12.1, 12.8), "0:12");
  assert.equal(clockRange(751, 772), "12:31–12:52");
  assert.equal(clockRange(null, null), "no time known");
});

test("a screen reader hears units, without zero parts", () => {
  assert.equal(spokenTime(187), "3 minutes 7 seconds");
  assert.equal(spokenTime(3600), "1 hour");
  assert.equal(spokenTime(0.4), "0 seconds");
});

test("time left is as coarse as the knowledge", () => {
  assert.equal(timeLeft(4), "a few seconds left");
  assert.equal(timeLeft(44), "about 40 s left");
  assert.equal(timeLeft(200), "about 3 min left");
  assert.equal(timeLeft(5400), "about 1.5 h left");
  assert.equal(timeLeft(Number.POSITIVE_INFINITY), "");
});

test("age in words, then the date", () => {
  const now = Date.parse("2026-03-20T12:00:00Z");
  assert.equal(ago("2026-03-20T11:59:40Z", now), "just now");
  assert.equal(ago("2026-03-20T11:58:59Z", now), "1 minute ago");
  assert.equal(ago("2026-03-20T09:00:00Z", now), "3 hours ago");
  assert.equal(ago("2026-03-18T12:00:00Z", now), "2 days ago");
  assert.match(ago("2026-01-02T12:00:00Z", now), /Jan 2, 2026/);
});
