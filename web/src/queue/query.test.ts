import assert from "node:assert/strict";
import { test } from "node:test";
import { queueAddress, readQueueQuery } from "./query.ts";

test("the choices survive the address and the usual ones are left out", () => {
  const query = { q: "bridge", show: "differs", sort: "title", page: 3 } as const;
  const address = queueAddress(query);
  assert.equal(address, "/queue?q=bridge&show=differs&sort=title&page=3");
  assert.deepEqual(readQueueQuery(new URLSearchParams(address.split("?")[1])), query);
  assert.equal(queueAddress({ q: "", show: "all", sort: "due", page: 1 }), "/queue");
});

test("what the address does not know falls back to the usual", () => {
  assert.deepEqual(readQueueQuery(new URLSearchParams("show=nonsense&sort=luck&page=-2")), {
    q: "",
    show: "all",
    sort: "due",
    page: 1,
  });
});
