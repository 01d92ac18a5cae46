import assert from "node:assert/strict";
import { test } from "node:test";
import { changesIn, draftOf, inWords, type Program, workingDaysAfter, wrongWith } from "./program.ts";

const PROGRAM: Program = {
  id: "p",
  name: "Program",
  protocol: "blind_then_reveal",
  unassisted_share: 0.2,
  due_business_days: 10,
  audit_windows: 3,
};

test("what was read back unchanged changes nothing", () => {
  assert.deepEqual(changesIn(PROGRAM, draftOf(PROGRAM)), { patch: {}, told: [] });
  // 0.07 × 100 is 7.000000000000001 to a computer.
  const odd = { ...PROGRAM, unassisted_share: 0.07 };
  assert.deepEqual(changesIn(odd, draftOf(odd)).patch, {});
});

test("only what was changed is sent, and told as from and to", () => {
  const { patch, told } = changesIn(PROGRAM, {
    protocol: "assisted",
    share: "12,5",
    windows: "3",
    days: "5",
  });
  assert.deepEqual(patch, { protocol: "assisted", unassisted_share: 0.125, due_business_days: 5 });
  assert.deepEqual(
    told.map(({ from, to }) => [from, to]),
    [
      ["First score blind, then suggestions", "With suggestions"],
      ["20 %", "12.5 %"],
      ["10", "5"],
    ],
  );
});

test("a field says what it takes", () => {
  assert.equal(wrongWith("share", "0"), null);
  assert.equal(wrongWith("share", "12,5"), null);
  assert.equal(wrongWith("share", "101"), "Give a number from 0 to 100.");
  for (const bad of ["", " ", "1.5", "-1", "21", "a few", "Infinity"])
    assert.equal(wrongWith("windows", bad), "Give a whole number from 0 to 20.", bad);
  assert.equal(wrongWith("days", "0"), "Give a whole number from 1 to 90.");
});

test("working days leave weekends out", () => {
  const friday = new Date(2026, 10, 20, 9);
  assert.equal(workingDaysAfter(friday, 1).toDateString(), "Mon Nov 23 2026");
  assert.equal(workingDaysAfter(friday, 5).toDateString(), "Fri Nov 27 2026");
  assert.equal(workingDaysAfter(friday, 14).toDateString(), "Thu Dec 10 2026"); // two weeks and four days
});

test("a share is said as people say it", () => {
  assert.deepEqual([0, 20, 33.3, 30, 100].map(inWords), [
    "none",
    "about 1 in 5",
    "about 1 in 3",
    "about 30 in 100",
    "every one",
  ]);
});
