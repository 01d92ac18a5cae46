import assert from "node:assert/strict";
import { test } from "node:test";
import { addSample, bytesPerSecond, type Sample } from "./rate.ts";

function after(...samples: Sample[]): readonly Sample[] {
  return samples.reduce<readonly Sample[]>(addSample, []);
}

test("speed is what was sent over the time it took", () => {
  // (3000 - 0) bytes in 1.5 s = 2000 bytes a second
  assert.equal(
    bytesPerSecond(after({ at: 0, sent: 0 }, { at: 500, sent: 800 }, { at: 1500, sent: 3000 })),
    2000,
  );
});

test("nothing is said before half a second", () => {
  assert.equal(bytesPerSecond(after({ at: 0, sent: 0 })), null);
  assert.equal(bytesPerSecond(after({ at: 0, sent: 0 }, { at: 400, sent: 900 })), null);
});

test("only the last eight seconds count, so a stall shows", () => {
  const samples = after(
    { at: 0, sent: 0 },
    { at: 1000, sent: 9000 },
    { at: 10_000, sent: 9000 },
    { at: 12_000, sent: 9000 },
  );
  assert.equal(bytesPerSecond(samples), 0);
});

test("a restart from zero drops what came before", () => {
  const samples = after(
    { at: 0, sent: 5000 },
    { at: 1000, sent: 9000 },
    { at: 2000, sent: 0 },
    { at: 3000, sent: 700 },
  );
  assert.equal(bytesPerSecond(samples), 700);
});
