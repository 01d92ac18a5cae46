import assert from "node:assert/strict";
import { test } from "node:test";
import { forget, readUnfinished, remember, sampleOf, type Unfinished, unfinishedFor } from "./resume.ts";

class Shelf implements Storage {
  readonly kept = new Map<string, string>();
  get length(): number {
    return this.kept.size;
  }
  clear(): void {
    this.kept.clear();
  }
  getItem(key: string): string | null {
    return this.kept.get(key) ?? null;
  }
  key(index: number): string | null {
    return [...this.kept.keys()][index] ?? null;
  }
  removeItem(key: string): void {
    this.kept.delete(key);
  }
  setItem(key: string, value: string): void {
    this.kept.set(key, value);
  }
}

const one = (url: string, begun = 0): Unfinished => ({ url, name: "a.mp4", size: 10, sample: 7, begun });
const DAY = 86_400_000;

test("an upload is remembered once and forgotten when it ends", () => {
  const shelf = new Shelf();
  remember(shelf, 0, one("/api/uploads/1"));
  remember(shelf, 0, one("/api/uploads/1"));
  remember(shelf, 0, one("/api/uploads/2"));
  assert.deepEqual(
    readUnfinished(shelf, 0).map((u) => u.url),
    ["/api/uploads/1", "/api/uploads/2"],
  );
  forget(shelf, 0, "/api/uploads/1");
  assert.deepEqual(
    readUnfinished(shelf, 0).map((u) => u.url),
    ["/api/uploads/2"],
  );
});

test("what is a week old or unreadable is left out", () => {
  const shelf = new Shelf();
  remember(shelf, 0, one("/api/uploads/1"));
  assert.equal(readUnfinished(shelf, 7 * DAY - 1).length, 1);
  assert.equal(readUnfinished(shelf, 7 * DAY).length, 0);
  shelf.setItem("lookfors.uploads", "{not json");
  assert.deepEqual(readUnfinished(shelf, 0), []);
  shelf.setItem("lookfors.uploads", '[{"url": 3}, null]');
  assert.deepEqual(readUnfinished(shelf, 0), []);
});

test("the same bytes are the same file; another file of the same size is not", async () => {
  const big = new Uint8Array(600_000).fill(1);
  const changedAtTheEnd = big.slice();
  changedAtTheEnd[599_999] = 2;
  const first = await sampleOf(new Blob([big]));
  assert.equal(await sampleOf(new Blob([big])), first);
  assert.notEqual(await sampleOf(new Blob([changedAtTheEnd])), first);
  // FNV-1a of the single byte "a" is the published test value 0xe40c292c.
  assert.equal(await sampleOf(new Blob(["a"])), 0xe40c292c);
  const kept = [{ ...one("/api/uploads/9"), size: 600_000, sample: first }];
  assert.equal(unfinishedFor(kept, 600_000, first)?.url, "/api/uploads/9");
  assert.equal(unfinishedFor(kept, 600_001, first), undefined);
});
