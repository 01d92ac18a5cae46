import assert from "node:assert/strict";
import { test } from "node:test";
import type { Evidence } from "../../api/types.ts";
import { evidenceNear, layoutFor, tickHeight } from "./lanes.ts";

const piece = (
  id: string,
  indicator: Evidence["indicator"],
  start: number | null,
  end: number | null,
): Evidence => ({
  ...{
    id,
    indicator,
    code: "idea",
    code_label: "Youth idea",
    start,
    end,
    utterances: [],
    p: 0.5,
    said_by: "youth",
    cues: [],
    quote: "",
  },
});

test("lanes follow each other without overlap, in both sizes", () => {
  for (const compact of [true, false]) {
    const { axis, lanes, facilitator, youth, wave, watched, height } = layoutFor(compact, true);
    assert.ok(watched);
    const bands = [
      axis,
      lanes.youth_voice,
      lanes.stem_relevance,
      lanes.purposeful_questions,
      facilitator,
      youth,
      wave,
      watched,
    ];
    let bottom = 0;
    for (const band of bands) {
      assert.ok(band.top >= bottom);
      bottom = band.top + band.height;
    }
    assert.ok(height >= bottom);
    assert.equal(layoutFor(compact).watched, null);
  }
});

test("a tick is never lost and never touches the lane above", () => {
  assert.equal(tickHeight(0, 100), 22);
  assert.equal(tickHeight(1, 100), 90); // 22 + 68
});

test("a pointer takes the nearest piece of its own lane, within reach", () => {
  const layout = layoutFor(false);
  const view = { start: 0, end: 100 };
  const evidence = [
    piece("a", "youth_voice", 10, 12),
    piece("b", "youth_voice", 13, 13),
    piece("c", "stem_relevance", 10, 12),
    piece("d", "youth_voice", null, null),
  ];
  const y = layout.lanes.youth_voice.top + 3;
  const near = (x: number, at = y) =>
    evidenceNear(evidence, { x, y: at }, { layout, view, width: 1000 })?.id ?? null;
  assert.equal(near(110), "a"); // inside 100-120 px
  assert.equal(near(124), "a"); // 4 px right of a's end, 6 px left of b
  assert.equal(near(129), "b"); // 1 px left of 130
  assert.equal(near(140), null);
  assert.equal(near(110, layout.lanes.stem_relevance.top + 3), "c");
  assert.equal(near(110, layout.wave.top + 3), null);
});
