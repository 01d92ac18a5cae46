import assert from "node:assert/strict";
import { test } from "node:test";
import { amount, amountRange, bytes, percent, plural } from "./amount.ts";

test("sizes as a camera shows them", () => {
  assert.equal(bytes(0), "0 bytes");
  assert.equal(bytes(64_300), "64 kB");
  assert.equal(bytes(1_640_000_000), "1.6 GB");
  assert.equal(bytes(999_999), "1.0 MB"); // would round to "1000 kB"
  assert.equal(bytes(312_400_000), "312 MB");
});

test("measures in their own unit", () => {
  assert.equal(amount(0.314, "share"), "31 %");
  assert.equal(amount(2.14, "seconds"), "2.1 s");
  assert.equal(amount(14, "count"), "14");
  assert.equal(amount(0.6, "count"), "1"); // an expected number of times, said as a number of times
  assert.equal(amountRange(0.2, 2.7, "count"), "0–3");
  assert.equal(amount(3.84, "per_10_min"), "3.8 in 10 min");
  assert.equal(amountRange(0.22, 0.38, "share"), "22–38 %");
  assert.equal(amountRange(1.4, 2.9, "seconds"), "1.4–2.9 s");
  assert.equal(amountRange(33, 43, "per_10_min"), "33–43 in 10 min");
});

test("plurals and percent", () => {
  assert.equal(plural(1, "moment"), "1 moment");
  assert.equal(plural(0, "moment"), "0 moments");
  assert.equal(plural(2, "piece of evidence", "pieces of evidence"), "2 pieces of evidence");
  assert.equal(percent(0.845), "85 %"); // 84.5 rounds up
});
