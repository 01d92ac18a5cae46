import assert from "node:assert/strict";
import { test } from "node:test";
import type { Transcript, Utterance } from "../api/types.ts";
import { beforeOf, type CorrectionCreate, type Said, shown } from "./shown.ts";

function said(id: string, speaker: string, role: Utterance["role"], text: string): Utterance {
  const words = [{ text, start: 0, end: 1, p: 0.4 }];
  return { id, start: 0, end: 1, speaker, role, role_p: 0.6, text, words, heard: null };
}

const FIRST = said("u1", "s1", "facilitator", "What do you notice?");
const SECOND = said("u2", "s2", "youth", "It floats.");
const THIRD = said("u3", "s1", "facilitator", "Why?");
const TRANSCRIPT: Transcript = {
  language: "en",
  speech: null,
  corrections: 4,
  utterances: [FIRST, SECOND, THIRD],
};

function correction(kind: CorrectionCreate["kind"], targets: string[], value: string): CorrectionCreate {
  return { id: "c1", kind, targets, value, at: "2026-03-02T09:00:00Z" };
}
const waits = (make: CorrectionCreate, seq: number | null = null): Said => ({ id: make.id, seq, make });

test("a role is certain at once, and what the machine heard is kept beside it", () => {
  const now = shown(TRANSCRIPT, [waits(correction("role_of_utterance", ["u1"], "youth"))]);
  assert.deepEqual(now.utterances[0], {
    ...FIRST,
    role: "youth",
    role_p: 1,
    heard: { role: "facilitator", text: null },
  });
  assert.equal(now.utterances[2], THIRD);
});

test("a whole voice is corrected, the later one holds, the first role heard stays on record", () => {
  const now = shown(TRANSCRIPT, [
    waits(correction("role_of_speaker", ["s1"], "youth")),
    waits(correction("role_of_utterance", ["u3"], "unknown")),
  ]);
  assert.deepEqual(
    now.utterances.map(({ role }) => role),
    ["youth", "youth", "unknown"],
  );
  assert.deepEqual(now.utterances[2]?.heard, { role: "facilitator", text: null });
});

test("words lose their places until the service has found them anew", () => {
  const [, now] = shown(TRANSCRIPT, [
    waits(correction("words_of_utterance", ["u2"], "It sinks.")),
  ]).utterances;
  assert.deepEqual(
    [now?.text, now?.words, now?.heard],
    ["It sinks.", [], { role: null, text: "It floats." }],
  );
});

test("what the service has is not applied again", () => {
  const make = correction("words_of_utterance", ["u2"], "It sinks.");
  assert.equal(shown(TRANSCRIPT, [waits(make, 4)]), TRANSCRIPT);
  assert.equal(shown(TRANSCRIPT, [waits(make, 5)]).utterances[1]?.text, "It sinks.");
});

test("taken back, everything is as it was before", () => {
  const make = correction("role_of_speaker", ["s1"], "youth");
  const restores = [FIRST, THIRD].map(beforeOf);
  const now = shown(TRANSCRIPT, [waits(make), { id: "x", seq: null, takeBack: "c1", restores }]);
  assert.deepEqual(now, TRANSCRIPT);
});
