import assert from "node:assert/strict";
import { test } from "node:test";
import { written } from "./numbers.ts";

test("numbers are written as the APA asks", () => {
  assert.equal(written(0.5349, "figure"), ".53");
  assert.equal(written(-0.12, "figure"), "−.12");
  assert.equal(written(1, "figure"), "1.00");
  assert.equal(written(-0.001, "figure"), ".00");
});

test("differences carry their sign and their zero", () => {
  assert.equal(written(0.164, "signed"), "+0.16");
  assert.equal(written(-0.164, "signed"), "−0.16");
  assert.equal(written(-0.001, "signed"), "0.00");
});

test("a gap is a dash, words stay words", () => {
  assert.equal(written(null, "figure"), "–");
  assert.equal(written("R-7G2Y", "text"), "R-7G2Y");
  assert.equal(written(0.512, "share"), "51 %");
  assert.equal(written(117.75, "fine"), "118");
  assert.equal(written(0.0391, "fine"), ".039");
});
