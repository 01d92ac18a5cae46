import { Glyph } from "../parts/glyph.tsx";
import { LOOK_FOR_IDS, LOOK_FORS } from "../parts/look-fors.ts";
import { Notice, ProblemNotice } from "../parts/notice.tsx";
import { Wait } from "../parts/wait.tsx";
import { clockRange } from "../words/time.ts";
import { Card } from "./card.tsx";
import { useDesk } from "./desk.ts";
import type { OwnMark } from "./edits.ts";
import { OwnCard } from "./own-card.tsx";
import type { AuditWindow, EvidenceCard } from "./types.ts";

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
      <Progress />
      <ul class="cards">
        {inOrder(desk.own.value, desk.cards.value).map((one) =>
          "note" in one ? <OwnCard key={one.id} mark={one} /> : <Card key={one.id} card={one} />,
        )}
      </ul>
      <Audit />
    </div>
  );
}

/** By the time they were first given, so that no card leaves its place while its ends are moved. */
function inOrder(
  own: readonly OwnMark[],
  cards: readonly EvidenceCard[],
): readonly (OwnMark | EvidenceCard)[] {
  return [...own, ...cards].toSorted((a, b) => (a.start ?? 0) - (b.start ?? 0));
}

/** Seen, heard and decided are three things, counted apart. */
function Progress() {
  const desk = useDesk();
  const cards = desk.cards.value;
  if (cards.length === 0) return null;
  const heard = cards.filter((card) => desk.wasHeard(card.id)).length;
  const decided = cards.filter((card) => desk.verdict(card.id) !== null).length;
  return (
    <p class="evidence-note number">
      {cards.length} suggestions: {heard} heard, {decided} decided
    </p>
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
  return (
    <li>
      <button type="button" class="button small time" onClick={() => desk.playing.toWindow(window)}>
        <span class="unseen">Go to </span>
        {clockRange(window.start, window.end)}
      </button>
      <AuditAnswers window={window} />
    </li>
  );
}

const ANSWERS = [
  { id: "nothing", label: "Nothing missed" },
  { id: "marked", label: "I marked something" },
];

/** What a stretch without suggestions held; asked in the list and while the reel plays it. */
export function AuditAnswers({ window }: { window: AuditWindow }) {
  const desk = useDesk();
  const answer = desk.log.value(`audit:${window.id}`)?.answer;
  return (
    <fieldset disabled={desk.closed.value}>
      <legend class="unseen">What was in the stretch {clockRange(window.start, window.end)}?</legend>
      {ANSWERS.map(({ id, label }) => (
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
  );
}
