import assert from "node:assert/strict";
import { test } from "node:test";
import { due } from "./due.ts";

const NOW = new Date(2026, 2, 10, 15, 0).getTime();
const at = (day: number, hour = 12) => new Date(2026, 2, day, hour).toISOString();

test("a due date is said in days, whatever the hour", () => {
  assert.equal(due(at(10, 18), NOW), "due today");
  assert.equal(due(at(10, 9), NOW), "was due today");
  assert.equal(due(at(11, 1), NOW), "due tomorrow");
  assert.equal(due(at(14), NOW), "due in 4 days");
  assert.equal(due(at(9, 23), NOW), "overdue by 1 day");
  assert.equal(due(at(3), NOW), "overdue by 7 days");
});

test("far ones are given as a date", () => {
  assert.equal(due(at(31), NOW), "due Mar 31, 2026");
  assert.equal(due("nonsense", NOW), "");
});
