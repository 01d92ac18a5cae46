import assert from "node:assert/strict";
import { test } from "node:test";
import { listAddress, readQuery } from "./query.ts";

test("an address read and written again is the same, without what is as usual", () => {
  for (const address of [
    "/",
    "/?q=solar+oven&state=ready&sort=title&page=3",
    "/?state=failed",
    "/?sort=-duration",
  ]) {
    const search = new URLSearchParams(address.split("?")[1] ?? "");
    assert.equal(listAddress(readQuery(search)), address);
  }
});

test("nonsense in the address becomes the usual view", () => {
  const query = readQuery(new URLSearchParams("state=sideways&sort=luck&page=-2"));
  assert.deepEqual(query, { q: "", state: "", sort: "-created_at", page: 1 });
});
