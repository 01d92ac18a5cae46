import { useEffect, useRef } from "preact/hooks";
import { Key } from "../app/key.tsx";
import { AfterCorrection } from "../corrections/after.tsx";
import { Glyph } from "../parts/glyph.tsx";
import { Icon } from "../parts/icon.tsx";
import { LOOK_FORS, ROLE_WORDS } from "../parts/look-fors.ts";
import type { Piece } from "../review/review.ts";
import { clockRange, tenths } from "../words/time.ts";
import { useDesk } from "./desk.ts";
import { Ends } from "./ends.tsx";
import type { EvidenceCard, Reason, Verdict } from "./types.ts";

const VERDICTS: readonly { id: Verdict; label: string; key: string }[] = [
  { id: "supports", label: "Supports", key: "supports" },
  { id: "does_not", label: "Does not", key: "does-not" },
  { id: "unsure", label: "Unsure", key: "unsure" },
];

function trackWords(card: EvidenceCard): string {
  if (!card.track) return "Not enough decisions yet to say how often suggestions like this are right.";
  const tenthsRight = Math.round((10 * card.track.confirmed) / card.track.n);
  return `About ${tenthsRight} of 10 like this were confirmed (n = ${card.track.n}).`;
}

export function useShown(chosen: boolean) {
  const ref = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (chosen) ref.current?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  return ref;
}

/** One suggestion: why it was pointed at, what the reviewer says of it, and what they made of it. */
export function Card({ card }: { card: EvidenceCard }) {
  const desk = useDesk();
  const { recording, edits } = desk;
  const chosen = recording.selected.value === card.id;
  const ref = useShown(chosen);
  const verdict = desk.verdict(card.id);
  const piece = edits.piece(card.id) ?? card;
  return (
    <li
      ref={ref}
      data-card={card.id}
      class={`piece ${LOOK_FORS[piece.indicator].tone}${chosen ? " chosen" : ""}${verdict ? ` is-${verdict}` : ""}`}
    >
      <button
        type="button"
        class="piece-go"
        aria-current={chosen || undefined}
        onClick={() => recording.select(piece)}
      >
        <span class="piece-head">
          <Glyph of={piece.indicator} size={13} />
          <b>{piece.code_label}</b>
          <Heard id={card.id} decided={verdict !== null} />
          <span class="time">{clockRange(piece.start, piece.end)}</span>
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
      <AfterCorrection of={card.after_correction} />
      {edits.edited(card.id) && <Edited suggested={card} />}
      <fieldset class="verdicts" disabled={desk.closed.value}>
        <legend class="unseen">Does this moment support the look-for?</legend>
        {VERDICTS.map(({ id, label, key }) => (
          <button
            key={id}
            type="button"
            class="verdict"
            aria-pressed={verdict === id}
            onClick={() => {
              recording.selected.value = card.id;
              desk.decide(card.id, id);
            }}
          >
            {label} <Key of={key} />
          </button>
        ))}
      </fieldset>
      {verdict && verdict !== "supports" && <Reasons card={card} indicator={piece.indicator} />}
      <Tools kind="evidence" piece={piece} />
    </li>
  );
}

/** Heard and decided are two things: deciding unheard is allowed, and shows. */
function Heard({ id, decided }: { id: string; decided: boolean }) {
  const heard = useDesk().wasHeard(id);
  if (heard)
    return (
      <span class="heard yes">
        <Icon name="sound" size={14} />
        Heard
      </span>
    );
  return <span class="heard no">{decided ? "Decided unheard" : "Not heard yet"}</span>;
}

function Edited({ suggested }: { suggested: EvidenceCard }) {
  const desk = useDesk();
  const now = desk.edits.piece(suggested.id);
  const was = [
    now?.code !== suggested.code ? suggested.code_label : null,
    now?.start !== suggested.start || now?.end !== suggested.end
      ? `${tenths(suggested.start)}–${tenths(suggested.end)}`
      : null,
  ];
  return (
    <p class="edited">
      <span>Edited by you: was {was.filter(Boolean).join(", ")}</span>
      {!desk.closed.value && (
        <button type="button" class="button small plain" onClick={() => desk.edits.putBack(suggested.id)}>
          Put back
        </button>
      )}
    </p>
  );
}

const REASONS: readonly { id: Reason; label: string; of?: Piece["indicator"] }[] = [
  { id: "wrong_speaker", label: "Wrong speaker" },
  { id: "wrong_words", label: "Words misheard" },
  { id: "not_stem", label: "Not about the STEM", of: "stem_relevance" },
  { id: "not_a_question", label: "Not a question", of: "purposeful_questions" },
  { id: "other", label: "Something else" },
];

/** One tap each, never asked for: they tell which mistakes suggestions make. */
function Reasons({ card, indicator }: { card: EvidenceCard; indicator: Piece["indicator"] }) {
  const desk = useDesk();
  const given = desk.reasons(card.id);
  return (
    <fieldset class="reasons" disabled={desk.closed.value}>
      <legend>Why, if you like</legend>
      {REASONS.filter((one) => one.of === undefined || one.of === indicator || given.includes(one.id)).map(
        ({ id, label }) => (
          <button
            key={id}
            type="button"
            class="reason-chip"
            aria-pressed={given.includes(id)}
            onClick={() => desk.toggleReason(card.id, id)}
          >
            {label}
          </button>
        ),
      )}
    </fieldset>
  );
}

/** What can be done with a suggestion or a mark alike: cite it, and move its ends. */
export function Tools({ kind, piece }: { kind: "evidence" | "own"; piece: Piece }) {
  const desk = useDesk();
  const { edits } = desk;
  const open = edits.editing.value === piece.id;
  const criterion = desk.review.value.rubric.criteria.find((one) => one.id === desk.criterion.value);
  const cited = criterion !== undefined && desk.citation(criterion.id)[kind].includes(piece.id);
  return (
    <>
      {open && !desk.closed.value && <Ends piece={piece} />}
      <div class="piece-tools">
        {criterion && (
          <button
            type="button"
            class="cite"
            aria-pressed={cited}
            disabled={desk.closed.value}
            onClick={() => desk.toggleCited(kind, piece.id)}
          >
            {cited ? "Cited for" : "Cite for"} “{criterion.label}” <Key of="cite" />
          </button>
        )}
        {piece.start !== null && (
          <button
            type="button"
            class="button small plain edit"
            aria-expanded={open}
            disabled={desk.closed.value}
            onClick={() => edits.toggle(piece.id)}
          >
            Edit <Key of="edit" />
          </button>
        )}
      </div>
    </>
  );
}
