import assert from "node:assert/strict";
import { test } from "node:test";
import type { ActCreate } from "./types.ts";
import { shelve, withWaiting } from "./waiting.ts";

function act(id: string, kind: ActCreate["kind"], subject: string, value: ActCreate["value"]): ActCreate {
  return { id, kind, subject, value, at: "2026-03-02T09:00:00Z", replaces: null, tab: "t" };
}

test("typing is one act until it was sent", () => {
  const first = act("a", "feedback", "feedback:x", { text: "Wa" });
  const second = act("b", "feedback", "feedback:x", { text: "Wait" });
  const merged = shelve([first], second, new Set());
  assert.deepEqual(
    merged.map((one) => [one.id, one.value]),
    [["a", { text: "Wait" }]],
  );
  assert.equal(shelve([first], second, new Set(["a"])).length, 2);
});

test("deeds stay deeds: a decision and its undoing are both sent", () => {
  const yes = act("a", "decision", "evidence:e", { verdict: "supports" });
  const undone = act("b", "decision", "evidence:e", null);
  assert.equal(shelve([yes], undone, new Set()).length, 2);
});

test("what waits shows over what is saved", () => {
  const saved = new Map([["score:x", { id: "s", value: { level: "2" } }]]);
  const now = withWaiting(saved, [act("w", "score", "score:x", { level: "3" })]);
  assert.deepEqual(now.get("score:x"), { id: "w", value: { level: "3" } });
});
