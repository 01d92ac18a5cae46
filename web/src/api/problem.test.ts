import assert from "node:assert/strict";
import { test } from "node:test";
import { asProblem, Problem, problemFrom } from "./problem.ts";

test("a problem document speaks for itself", () => {
  const problem = problemFrom(413, {
    code: "too_large",
    detail: "9.1 GB; the limit is 8 GB.",
    remedy: "Export it smaller.",
  });
  assert.deepEqual(
    [problem.status, problem.code, problem.detail, problem.remedy],
    [413, "too_large", "9.1 GB; the limit is 8 GB.", "Export it smaller."],
  );
});

test("a proxy's page in place of a problem document falls back on the status", () => {
  const problem = problemFrom(413, "<html>Request Entity Too Large</html>");
  assert.equal(problem.code, "http_413");
  assert.match(problem.detail, /size/);
  assert.notEqual(problem.remedy, "");
});

test("no answer is told apart from a bad answer, and a problem stays itself", () => {
  assert.equal(asProblem(new TypeError("Failed to fetch")).unreachable, true);
  const gone = problemFrom(401, null);
  assert.equal(asProblem(gone), gone);
  assert.equal(gone.signedOut, true);
  assert.ok(gone instanceof Problem && gone instanceof Error);
});
