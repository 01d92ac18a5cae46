import { Key } from "../app/key.tsx";
import { plural } from "../words/amount.ts";
import { clockRange, length } from "../words/time.ts";
import { AuditAnswers } from "./cards.tsx";
import { useDesk } from "./desk.ts";
import type { Gear } from "./gears.ts";

const GEARS: readonly { id: Gear; label: string; title: string }[] = [
  { id: "map", label: "As it is", title: "The whole recording, at the speed you choose" },
  { id: "reel", label: "Reel", title: "Only the suggestions and your marks, with some room around them" },
  {
    id: "full",
    label: "Full, paced",
    title: "All of it: at its own speed where something is suggested, faster elsewhere",
  },
];

/** How the recording is gone through, and what that costs in time. */
export function Gears() {
  const desk = useDesk();
  const { playing, recording } = desk;
  const total = recording.duration.value;
  const gear = playing.gear.value;
  return (
    <section class="going" aria-label="Ways through the recording">
      <fieldset class="gears">
        <legend class="unseen">Gear</legend>
        {GEARS.map(({ id, label, title }) => (
          <button
            key={id}
            type="button"
            class="verdict"
            title={title}
            aria-pressed={gear === id}
            disabled={id !== "map" && playing.legs.value.length === 0}
            onClick={() => playing.setGear(id)}
          >
            {label}
          </button>
        ))}
        {total > 0 && (
          <span class="quiet number" title="Its length, and what it takes this way">
            {length(total)} → {length(playing.cost.value)} at this setting <Key of="gear" />
          </span>
        )}
      </fieldset>
      {gear === "full" && <Silence />}
      {gear === "reel" && <OnTheReel />}
    </section>
  );
}

function Silence() {
  const { playing } = useDesk();
  return (
    <label class="skip-silence">
      <input
        type="checkbox"
        checked={playing.skipSilence.value}
        onChange={(event) => {
          playing.skipSilence.value = event.currentTarget.checked;
        }}
      />
      <span>
        Skip silence
        <small>Kept unless you ask: waiting for an answer is part of a purposeful question.</small>
      </span>
    </label>
  );
}

/** What the reel is at: what it passed over, or the question about a stretch without suggestions. */
function OnTheReel() {
  const { playing } = useDesk();
  const jump = playing.jump.value;
  const window = playing.windowNow.value;
  if (window)
    return (
      <div class="jump audit-now">
        <p>
          <b>Nobody flagged this: {clockRange(window.start, window.end)}.</b> Is something here that was
          missed?
        </p>
        <AuditAnswers window={window} />
      </div>
    );
  if (!jump) return null;
  return (
    <p class="jump">
      <span>
        Skipped <b class="number">{length(jump.end - jump.start)}</b>:{" "}
        {jump.youth === 0 ? "no youth turns" : plural(jump.youth, "youth turn", "youth turns")}, nothing
        suggested.
      </span>
      <button type="button" class="button small" onClick={() => playing.playPassed()}>
        Play it
      </button>
    </p>
  );
}
