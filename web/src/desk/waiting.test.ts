import assert from "node:assert/strict";
import { test } from "node:test";
import type { ActCreate } from "./types.ts";
import { shelfFor, shelve, withWaiting } from "./waiting.ts";

function act(id: string, kind: ActCreate["kind"], subject: string, value: ActCreate["value"]): ActCreate {
  return { id, kind, subject, value, at: "2026-03-02T09:00:00Z", replaces: null, tab: "t" };
}

function storage(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  } as unknown as Storage;
}

test("what waits survives the page, and nothing is left once it is saved", () => {
  const kept = storage();
  const waiting = [act("a", "note", "note", { text: "listen again" })];
  assert.equal(shelfFor("r1", kept).write(waiting), true);
  assert.deepEqual(shelfFor("r1", kept).read(), waiting);
  assert.deepEqual(shelfFor("r2", kept).read(), []);
  shelfFor("r1", kept).write([]);
  assert.deepEqual(shelfFor("r1", kept).read(), []);
});

test("a shelf that cannot be read or written says so and breaks nothing", () => {
  const broken = {
    getItem: () => "{not json",
    setItem: () => {
      throw new Error("quota");
    },
  } as unknown as Storage;
  assert.deepEqual(shelfFor("r1", broken).read(), []);
  assert.equal(shelfFor("r1", broken).write([act("a", "note", "note", null)]), false);
});

test("typing is one act until it is on its way", () => {
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
