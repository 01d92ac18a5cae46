import assert from "node:assert/strict";
import { test } from "node:test";
import type { Role, Utterance } from "../../api/types.ts";
import { turnsOf, voiceNumbers } from "./turns.ts";
import { placeWords, unsureRuns, wordAt, wordIn } from "./words.ts";

const utterance = (id: string, over: Partial<Utterance> = {}): Utterance => ({
  ...{
    id,
    start: 0,
    end: 1,
    speaker: "s1",
    role: "youth" as Role,
    role_p: 0.95,
    text: "",
    words: [],
    heard: null,
  },
  ...over,
});

const LINE = utterance("u1", {
  text: "Why — do you, do you think so?",
  words: [
    { text: " Why", start: 0, end: 0.4, p: 0.9 },
    { text: "do", start: 0.5, end: 0.6, p: 0.3 },
    { text: "you,", start: 0.6, end: 0.8, p: 0.2 },
    { text: "do", start: 1, end: 1.1, p: 0.9 },
    { text: "you", start: 1.1, end: 1.2, p: 0.9 },
    { text: "lost", start: 1.2, end: 1.25, p: 0.9 },
    { text: "think", start: 1.3, end: 1.5, p: 0.49 },
  ],
});

test("words are found in order although the text has more in it, and one that is not there is left out", () => {
  const words = placeWords(LINE);
  assert.deepEqual(
    words.map((word) => LINE.text.slice(word.from, word.to)),
    ["Why", "do", "you,", "do", "you", "think"],
  );
  assert.deepEqual(
    words.map((word) => word.from),
    [0, 6, 9, 14, 17, 21],
  );
});

test("the lit word is the last begun, and goes out after a moment", () => {
  const words = placeWords(LINE);
  assert.equal(wordAt(words, -0.1), null);
  assert.equal(wordAt(words, 0.45)?.text.trim(), "Why"); // in the pause before "do"
  assert.equal(wordAt(words, 1.05)?.from, 14); // the second "do", not the first
  assert.equal(wordAt(words, 2.05)?.text, "think"); // 1.5 + 0.6 = 2.1
  assert.equal(wordAt(words, 2.2), null);
});

test("a click between words means the next one, after the end the last one", () => {
  const words = placeWords(LINE);
  assert.equal(wordIn(words, 4)?.text, "do");
  assert.equal(wordIn(words, 7)?.text, "do");
  assert.equal(wordIn(words, 99)?.text, "think");
  assert.equal(wordIn([], 3), null);
});

test("unsure neighbours are one passage", () => {
  const runs = unsureRuns(placeWords(LINE)).map(({ from, to }) => LINE.text.slice(from, to));
  assert.deepEqual(runs, ["do you,", "think"]);
});

test("a turn ends with its voice or its role, and knows the gap before it", () => {
  const turns = turnsOf([
    utterance("u1", { start: 0, end: 2 }),
    utterance("u2", { start: 2, end: 4, role_p: 0.6 }),
    utterance("u3", { start: 3, end: 3.5, speaker: "s2", role: "facilitator" }),
    utterance("u4", { start: 9, end: 10, speaker: "s3" }),
    utterance("u5", { start: 10, end: 11, role: "unknown", speaker: "s3" }),
  ]);
  assert.deepEqual(
    turns.map((turn) => [turn.id, turn.utterances.length, turn.unsure, turn.gap]),
    [
      ["u1", 2, true, 0],
      ["u3", 1, false, 0], // begins while u2 still speaks
      ["u4", 1, false, 5], // 9 - 4, not 9 - 3.5
      ["u5", 1, true, 0],
    ],
  );
  // Two youth voices get numbers; a lone facilitator needs none.
  assert.deepEqual(
    [...voiceNumbers(turns)],
    [
      ["youth s1", 1],
      ["youth s3", 2],
    ],
  );
});
