import assert from "node:assert/strict";
import { test } from "node:test";
import type { Utterance } from "../../api/types.ts";
import { createSearch, fold } from "./search.ts";

const said = (...texts: string[]): Utterance[] =>
  texts.map(
    (text, index) =>
      ({
        id: `u${index}`,
        start: index,
        end: index + 1,
        role: "youth",
        text,
        words: [],
      }) as Partial<Utterance> as Utterance,
  );

test("case, accents and curly quotes are folded, and places stay those of the text", () => {
  assert.equal(fold("Étienne’s NAÏVE idea").text, "etienne's naive idea");
  const text = "Look, Zoë — a café! That’s it.";
  const find = createSearch(said(text));
  for (const [query, found] of [
    ["zoe", "Zoë"],
    ["CAFE", "café"],
    ["that's", "That’s"],
    ["a  café", "a café"],
  ] as const)
    assert.deepEqual(
      find(query).map(({ from, to }) => text.slice(from, to)),
      [found],
    );
});

test("a letter of two code units before it moves nothing", () => {
  const text = "😀 é then e";
  assert.deepEqual(
    createSearch(said(text))("e").map(({ from, to }) => text.slice(from, to)),
    ["é", "e", "e"],
  );
});

test("every hit is found once, in order; nothing finds nothing", () => {
  const find = createSearch(said("why, why?", "no", "Why"));
  assert.deepEqual(
    find("why").map(({ utterance, from }) => [utterance, from]),
    [
      [0, 0],
      [0, 5],
      [2, 0],
    ],
  );
  assert.deepEqual(find("  "), []);
  assert.deepEqual(find("("), []);
});
