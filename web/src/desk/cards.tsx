import { useEffect, useRef } from "preact/hooks";
import { Glyph } from "../parts/glyph.tsx";
import { LOOK_FOR_IDS, LOOK_FORS, ROLE_WORDS } from "../parts/look-fors.ts";
import { Notice, ProblemNotice } from "../parts/notice.tsx";
import { Wait } from "../parts/wait.tsx";
import { clockRange } from "../words/time.ts";
import { type Desk, type OwnMark, useDesk } from "./desk.ts";
import type { AuditWindow, EvidenceCard, Verdict } from "./types.ts";

const VERDICTS: readonly { id: Verdict; label: string; key: string }[] = [
  { id: "supports", label: "Supports", key: "A" },
  { id: "does_not", label: "Does not", key: "R" },
  { id: "unsure", label: "Unsure", key: "U" },
];

/** What may be seen of the machine's suggestions, one's own marks, and where to look for what was missed. */
export function EvidenceDesk() {
  const desk = useDesk();
  const part = desk.recording.evidence.part.value;
  return (
    <div class="evidence">
      <MarkBar />
      {part.state === "failed" && (
        <ProblemNotice problem={part.problem} retry={() => void desk.recording.evidence.load()} />
      )}
      {part.state === "loading" && <Wait what="Opening the evidence…" />}
      {part.state === "ready" && <Hidden />}
      <ul class="cards">
        {desk.own.value.map((mark) => (
          <OwnCard key={mark.id} mark={mark} />
        ))}
        {desk.cards.value.map((card) => (
          <Card key={card.id} card={card} />
        ))}
      </ul>
      <Audit />
    </div>
  );
}

function MarkBar() {
  const desk = useDesk();
  return (
    <fieldset class="filter" disabled={desk.closed.value}>
      <legend class="unseen">Mark the moment that is playing</legend>
      {LOOK_FOR_IDS.map((id) => (
        <button
          key={id}
          type="button"
          class={`filter-button ${LOOK_FORS[id].tone}`}
          onClick={() => desk.mark(id)}
        >
          <Glyph of={id} />
          <span class="unseen">Mark this moment as </span>
          Mark {LOOK_FORS[id].short.toLowerCase()}
        </button>
      ))}
    </fieldset>
  );
}

function Hidden() {
  const desk = useDesk();
  const { protocol, revealed } = desk.review.value;
  if (protocol === "unassisted")
    return (
      <Notice>
        <p>This review is done without suggestions.</p>
        <p>
          Mark the moments you hear yourself. Some reviews are kept this way, so that it can be known what
          suggestions do.
        </p>
      </Notice>
    );
  if (protocol === "blind_then_reveal" && revealed.length < LOOK_FOR_IDS.length)
    return (
      <Notice>
        <p>Suggestions open as you score.</p>
        <p>
          Those for a look-for are shown once every criterion it bears on has your score, so that the first
          score is your own.
        </p>
      </Notice>
    );
  if (desk.cards.value.length === 0)
    return (
      <Notice>
        <p>Nothing was pointed at in this recording.</p>
        <p>That is not a finding: moments may be there that the machine did not hear or did not recognise.</p>
      </Notice>
    );
  return <p class="evidence-note quiet">Pointers, not findings. Saying no costs no more than saying yes.</p>;
}

function trackWords(card: EvidenceCard): string {
  if (!card.track) return "Not enough decisions yet to say how often suggestions like this are right.";
  const tenths = Math.round((10 * card.track.confirmed) / card.track.n);
  return `About ${tenths} of 10 like this were confirmed (n = ${card.track.n}).`;
}

function useShown(chosen: boolean) {
  const ref = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (chosen) ref.current?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  return ref;
}

function Card({ card }: { card: EvidenceCard }) {
  const desk = useDesk();
  const chosen = desk.recording.selected.value === card.id;
  const ref = useShown(chosen);
  const verdict = desk.verdict(card.id);
  return (
    <li
      ref={ref}
      class={`piece ${LOOK_FORS[card.indicator].tone}${chosen ? " chosen" : ""}${verdict ? ` is-${verdict}` : ""}`}
    >
      <button
        type="button"
        class="piece-go"
        aria-current={chosen || undefined}
        onClick={() => desk.recording.select(card)}
      >
        <span class="piece-head">
          <Glyph of={card.indicator} size={13} />
          <b>{card.code_label}</b>
          <span class="time">{clockRange(card.start, card.end)}</span>
        </span>
        <span class="piece-quote said">“{card.quote}”</span>
      </button>
      <p class="piece-why">
        <span>{ROLE_WORDS[card.said_by]}</span>
        {card.cues.map((cue) => (
          <span key={`${cue.kind}${cue.text}`}>{cue.text}</span>
        ))}
      </p>
      <p class="piece-foot">{trackWords(card)}</p>
      <fieldset class="verdicts" disabled={desk.closed.value}>
        <legend class="unseen">Does this moment support the look-for?</legend>
        {VERDICTS.map(({ id, label, key }) => (
          <button
            key={id}
            type="button"
            class="verdict"
            aria-pressed={verdict === id}
            onClick={() => {
              desk.recording.selected.value = card.id;
              desk.decide(card.id, id);
            }}
          >
            {label} <kbd>{key}</kbd>
          </button>
        ))}
      </fieldset>
      <CiteButton kind="evidence" id={card.id} />
    </li>
  );
}

function OwnCard({ mark }: { mark: OwnMark }) {
  const desk = useDesk();
  function change(part: Partial<OwnMark>): void {
    const { indicator, start, end, note } = { ...mark, ...part };
    desk.log.act("own_evidence", `own:${mark.id}`, { indicator, start, end, note });
  }
  return (
    <li class={`piece own ${LOOK_FORS[mark.indicator].tone}`}>
      <button type="button" class="piece-go" onClick={() => desk.recording.clock.seek(mark.start)}>
        <span class="piece-head">
          <Glyph of={mark.indicator} size={13} />
          <b>Your mark: {LOOK_FORS[mark.indicator].label}</b>
          <span class="time">{clockRange(mark.start, mark.end)}</span>
        </span>
      </button>
      <div class="own-tools">
        <input
          class="field"
          aria-label="What you heard or saw"
          placeholder="What you heard or saw"
          value={mark.note}
          disabled={desk.closed.value}
          onChange={(event) => change({ note: event.currentTarget.value })}
        />
        <span class="nudges">
          <Nudge
            desk={desk}
            label="Start 1 s earlier"
            text="◂|"
            run={() => change({ start: Math.max(0, mark.start - 1) })}
          />
          <Nudge
            desk={desk}
            label="Start 1 s later"
            text="|▸"
            run={() => change({ start: Math.min(mark.end - 1, mark.start + 1) })}
          />
          <Nudge
            desk={desk}
            label="End 1 s earlier"
            text="◂ |"
            run={() => change({ end: Math.max(mark.start + 1, mark.end - 1) })}
          />
          <Nudge desk={desk} label="End 1 s later" text="| ▸" run={() => change({ end: mark.end + 1 })} />
          <button
            type="button"
            class="button small plain"
            disabled={desk.closed.value}
            onClick={() => desk.log.act("own_evidence", `own:${mark.id}`, null)}
          >
            Remove
          </button>
        </span>
      </div>
      <CiteButton kind="own" id={mark.id} />
    </li>
  );
}

function Nudge({ desk, label, text, run }: { desk: Desk; label: string; text: string; run: () => void }) {
  return (
    <button
      type="button"
      class="button small plain"
      aria-label={label}
      title={label}
      disabled={desk.closed.value}
      onClick={run}
    >
      {text}
    </button>
  );
}

function CiteButton({ kind, id }: { kind: "evidence" | "own"; id: string }) {
  const desk = useDesk();
  const criterion = desk.review.value.rubric.criteria.find((one) => one.id === desk.criterion.value);
  if (!criterion) return null;
  const cited = desk.citation(criterion.id)[kind].includes(id);
  return (
    <button
      type="button"
      class="cite"
      aria-pressed={cited}
      disabled={desk.closed.value}
      onClick={() => desk.toggleCited(kind, id)}
    >
      {cited ? "Cited for" : "Cite for"} “{criterion.label}” <kbd>E</kbd>
    </button>
  );
}

function Audit() {
  const desk = useDesk();
  const windows = desk.review.value.audit_windows;
  if (windows.length === 0) return null;
  return (
    <section class="audit" aria-label="Stretches without suggestions">
      <h3>Was anything missed?</h3>
      <p class="quiet">
        {windows.length} stretches drawn by chance from where nothing was suggested. What you find here tells
        how much suggestions miss, so an honest “nothing” counts as much as a mark.
      </p>
      <ul>
        {windows.map((window) => (
          <Window key={window.id} window={window} />
        ))}
      </ul>
    </section>
  );
}

function Window({ window }: { window: AuditWindow }) {
  const desk = useDesk();
  const answer = desk.log.value(`audit:${window.id}`)?.answer;
  const answers = [
    { id: "nothing", label: "Nothing missed" },
    { id: "marked", label: "I marked something" },
  ];
  return (
    <li>
      <button type="button" class="button small time" onClick={() => desk.recording.clock.seek(window.start)}>
        <span class="unseen">Go to </span>
        {clockRange(window.start, window.end)}
      </button>
      <fieldset disabled={desk.closed.value}>
        <legend class="unseen">What was in this stretch?</legend>
        {answers.map(({ id, label }) => (
          <button
            key={id}
            type="button"
            class="verdict"
            aria-pressed={answer === id}
            onClick={() => desk.log.act("audit", `audit:${window.id}`, answer === id ? null : { answer: id })}
          >
            {label}
          </button>
        ))}
      </fieldset>
    </li>
  );
}
