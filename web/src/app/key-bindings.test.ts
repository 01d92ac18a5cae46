import assert from "node:assert/strict";
import { test } from "node:test";
import { holderOf, keysOf, read, rebound } from "./key-bindings.ts";

const PLAY = { id: "play", keys: [" ", "k"] };
const SUPPORTS = { id: "supports", keys: ["a"] };
const HELP = { id: "help", keys: ["?"], fixed: true };
const ALL = [PLAY, SUPPORTS, HELP];

test("a key given away leaves its holder the others", () => {
  assert.equal(holderOf("k", ALL, {})?.id, "play");
  const chosen = rebound({}, SUPPORTS, "k", PLAY);
  assert.deepEqual(keysOf(SUPPORTS, chosen), ["k"]);
  assert.deepEqual(keysOf(PLAY, chosen), [" "]);
  assert.equal(holderOf("a", ALL, chosen), undefined);
});

test("a shortcut may be left without a key, and a fixed one keeps its own", () => {
  const chosen = rebound({}, PLAY, "a", SUPPORTS);
  assert.deepEqual(keysOf(SUPPORTS, chosen), []);
  assert.deepEqual(keysOf(HELP, { help: ["x"] }), ["?"]);
});

test("what was kept wrongly is as good as nothing", () => {
  assert.deepEqual(read(null), {});
  assert.deepEqual(read("not JSON"), {});
  assert.deepEqual(read('{"play": ["x"], "supports": "a", "mark": [3]}'), { play: ["x"] });
});
