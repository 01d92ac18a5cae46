import assert from "node:assert/strict";
import { test } from "node:test";
import { agreementAddress, csvAddress, readQuery } from "./query.ts";

test("choices survive the way through an address", () => {
  const query = readQuery(
    new URLSearchParams("arm=final&since=2026-01-31&estimand=raters+like+these&rubric=ab"),
  );
  assert.deepEqual(readQuery(new URLSearchParams(agreementAddress(query).split("?")[1])), query);
  assert.equal(csvAddress("drift", query).split("?")[0], "/api/agreement/drift.csv");
});

test("what the address does not know falls back to the usual", () => {
  const query = readQuery(new URLSearchParams("arm=best&since=yesterday&until=2026-13-45&estimand=all"));
  assert.deepEqual(query, { rubric: null, arm: "own", since: null, until: null, estimand: "these raters" });
  assert.equal(agreementAddress(query), "/agreement");
});
