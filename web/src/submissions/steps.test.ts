import assert from "node:assert/strict";
import { test } from "node:test";
import type { Step } from "../api/types.ts";
import { standing, standingText } from "./steps.ts";

const step = (label: string, state: Step["state"], progress = 0, attempts = 1): Step => ({
  ...{ name: "probe", label, state, progress, attempts, started_at: null, ended_at: null, message: null },
});

test("the running step is named with its share", () => {
  const where = standing([
    step("Probe", "done"),
    step("Playback", "skipped"),
    step("Transcript", "running", 0.427),
    step("End", "waiting"),
  ]);
  assert.ok(where);
  assert.equal(standingText(where), "Step 3 of 4: Transcript, 42 %");
});

test("between two steps the next one is named, without a share", () => {
  const where = standing([step("Probe", "done"), step("Playback", "waiting", 0, 0)]);
  assert.ok(where);
  assert.equal(standingText(where), "Step 2 of 2: Playback");
});

test("a second try says so; nothing left is nothing to say", () => {
  const where = standing([step("Probe", "running", 0, 2)]);
  assert.ok(where);
  assert.equal(standingText(where), "Step 1 of 1: Probe, try 2");
  assert.equal(standing([step("Probe", "done")]), null);
});
