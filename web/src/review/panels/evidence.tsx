import { useEffect, useRef } from "preact/hooks";
import type { Evidence, IndicatorId } from "../../api/types.ts";
import { Glyph } from "../../parts/glyph.tsx";
import { LOOK_FOR_IDS, LOOK_FORS, ROLE_WORDS } from "../../parts/look-fors.ts";
import { Notice, ProblemNotice } from "../../parts/notice.tsx";
import { Wait } from "../../parts/wait.tsx";
import { clockRange } from "../../words/time.ts";
import { pointerWords, strengthOf } from "../chance.ts";
import { loaded } from "../part.ts";
import { useReview } from "../review.ts";

/** Everything that was pointed at, in order of time: the map's ticks in words. */
export function EvidencePanel() {
  const review = useReview();
  const part = review.evidence.part.value;
  if (part.state === "failed")
    return <ProblemNotice problem={part.problem} retry={() => void review.evidence.load()} />;
  if (part.state === "withheld")
    return (
      <Notice>
        <p>What the machine pointed at is shown to you inside a review, when its time has come.</p>
      </Notice>
    );
  if (part.state !== "ready") return <Wait what="Opening the evidence…" />;
  if (part.value.length === 0)
    return (
      <Notice>
        <p>Nothing was pointed at in this recording.</p>
        <p>That is not a finding: moments may be there that the machine did not hear or did not recognise.</p>
      </Notice>
    );
  const shown = review.shownEvidence.value;
  return (
    <div class="evidence">
      <Filter all={part.value} />
      <p class="evidence-note quiet">
        Pointers, not findings. How often pointers like these are right in your program is not known yet:
        there are not enough decisions.
      </p>
      <ul class="cards">
        {shown.map((one) => (
          <Card key={one.id} one={one} />
        ))}
      </ul>
      {shown.length === 0 && <p class="quiet evidence-note">All three look-fors are switched off above.</p>}
    </div>
  );
}

function Filter({ all }: { all: readonly Evidence[] }) {
  const { lookFors } = useReview();
  function toggle(id: IndicatorId): void {
    const next = new Set(lookFors.peek());
    if (!next.delete(id)) next.add(id);
    lookFors.value = next;
  }
  return (
    <fieldset class="filter">
      <legend class="unseen">Look-fors shown</legend>
      {LOOK_FOR_IDS.map((id) => (
        <button
          key={id}
          type="button"
          class={`filter-button ${LOOK_FORS[id].tone}`}
          aria-pressed={lookFors.value.has(id)}
          onClick={() => toggle(id)}
        >
          <Glyph of={id} />
          <span class="unseen">{LOOK_FORS[id].label}</span>
          <span aria-hidden="true">{LOOK_FORS[id].short}</span>
          <span class="number">{all.filter((one) => one.indicator === id).length}</span>
        </button>
      ))}
    </fieldset>
  );
}

function Card({ one }: { one: Evidence }) {
  const review = useReview();
  const ref = useRef<HTMLLIElement>(null);
  const chosen = review.selected.value === one.id;
  const definition = loaded(review.catalogue.part.value)
    ?.flatMap((indicator) => indicator.codes)
    .find((code) => code.id === one.code)?.definition;

  useEffect(() => {
    if (chosen) ref.current?.scrollIntoView({ block: "nearest" });
  }, [chosen]);

  const strength = strengthOf(one.p);
  return (
    <li ref={ref} class={`piece ${LOOK_FORS[one.indicator].tone}${chosen ? " chosen" : ""}`}>
      <button
        type="button"
        class="piece-go"
        aria-current={chosen || undefined}
        onClick={() => review.select(one)}
      >
        <span class="piece-head">
          <Glyph of={one.indicator} size={13} />
          <b>{one.code_label}</b>
          <span class="time">{clockRange(one.start, one.end)}</span>
        </span>
        <span class="piece-quote said">“{one.quote}”</span>
      </button>
      <p class="piece-why">
        <span>{ROLE_WORDS[one.said_by]}</span>
        {one.cues.map((cue) => (
          <span key={`${cue.kind}${cue.text}`}>{cue.text}</span>
        ))}
      </p>
      <p class="piece-foot">
        <span class="strength">
          <i aria-hidden="true">
            {[1, 2, 3].map((dot) => (
              <b key={dot} class={dot <= strength ? "on" : undefined} />
            ))}
          </i>
          {pointerWords(one.p)}
        </span>
      </p>
      {definition && (
        <details>
          <summary>What counts as “{one.code_label.toLowerCase()}”</summary>
          <p>{definition}</p>
        </details>
      )}
    </li>
  );
}
