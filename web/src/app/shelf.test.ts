import assert from "node:assert/strict";
import { test } from "node:test";
import { createShelf } from "./shelf.ts";
import { storage } from "./storage.fake.ts";

interface Thing {
  id: string;
  text: string;
}

const a = { id: "a", text: "first" };
const b = { id: "b", text: "second" };
const c = { id: "c", text: "third" };

test("what is kept survives the page in its order, and nothing is left once it is saved", () => {
  const kept = storage();
  const shelf = createShelf<Thing>("r1", kept);
  assert.equal(shelf.write([b, a]), true);
  assert.deepEqual(createShelf<Thing>("r1", kept).read(), [b, a]);
  assert.deepEqual(createShelf<Thing>("r2", kept).read(), []);
  shelf.write([]);
  assert.equal(kept.length, 0);
});

test("a newer text under the same id keeps its place", () => {
  const kept = storage();
  const shelf = createShelf<Thing>("r1", kept);
  shelf.write([a, b]);
  shelf.write([{ id: "a", text: "first, and more" }, b]);
  assert.deepEqual(
    createShelf<Thing>("r1", kept)
      .read()
      .map(({ text }) => text),
    ["first, and more", "second"],
  );
});

test("two windows keep what is theirs, and neither removes what the other has not sent", () => {
  const kept = storage();
  const one = createShelf<Thing>("r1", kept);
  const two = createShelf<Thing>("r1", kept);
  one.write([a, b]);
  two.write([c]);
  one.write([b]); // a is answered
  const left = createShelf<Thing>("r1", kept).read();
  assert.deepEqual(left.map(({ id }) => id).toSorted(), ["b", "c"]);
});

test("what another window wrote on in is left for that window to send", () => {
  const kept = storage();
  const one = createShelf<Thing>("r1", kept);
  one.write([a]);
  const two = createShelf<Thing>("r1", kept);
  two.read();
  one.write([{ ...a, text: "first, and more" }]);
  two.write([]); // a is answered there
  assert.deepEqual(createShelf<Thing>("r1", kept).read(), [{ ...a, text: "first, and more" }]);
});

test("what a closed window left is removed by the one that sends it", () => {
  const kept = storage();
  createShelf<Thing>("r1", kept).write([a]);
  const next = createShelf<Thing>("r1", kept);
  assert.deepEqual(next.read(), [a]);
  next.write([]);
  assert.equal(kept.length, 0);
});

test("a shelf that cannot be read or written says so and breaks nothing", () => {
  const kept = new Map([
    ["r1.x", "{not json"],
    ["r1.y", "null"],
    ["r1.z", "{}"],
  ]);
  assert.deepEqual(createShelf<Thing>("r1", storage(kept)).read(), []);
  const full = {
    ...storage(),
    setItem: () => {
      throw new Error("quota");
    },
  };
  assert.equal(createShelf<Thing>("r1", full).write([a]), false);
});
