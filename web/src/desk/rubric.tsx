import { useEffect, useRef } from "preact/hooks";
import { announce } from "../app/announce.ts";
import { clock } from "../words/time.ts";
import { useDesk } from "./desk.ts";
import type { Criterion } from "./types.ts";

/** Evidence first, then the score: nothing is filled in beforehand and no level is suggested anywhere. */
export function RubricPanel() {
  const desk = useDesk();
  const { rubric } = desk.review.value;
  return (
    <div class="rubric">
      {rubric.illustrative && <p class="evidence-note quiet">Illustrative rubric. {rubric.source_note}</p>}
      {rubric.criteria.map((criterion) => (
        <CriterionCard key={criterion.id} criterion={criterion} />
      ))}
      <div class="overall">
        <span class="feedback-label">Feedback on the whole</span>
        <Writing of="overall" label="Feedback on the whole" />
      </div>
    </div>
  );
}

function CriterionCard({ criterion }: { criterion: Criterion }) {
  const desk = useDesk();
  const ref = useRef<HTMLElement>(null);
  const open = desk.criterion.value === criterion.id;
  const score = desk.score(criterion.id);
  const before = useRef(open);
  useEffect(() => {
    if (open && !before.current) ref.current?.scrollIntoView({ block: "nearest" });
    before.current = open;
  }, [open]);
  const levels = desk.review.value.rubric.levels;
  const given = score?.cannot_tell ? "Cannot tell" : levels.find((level) => level.id === score?.level)?.label;
  return (
    <section ref={ref} class={`criterion${open ? " open" : ""}`}>
      <h3>
        <button
          type="button"
          aria-expanded={open}
          onClick={() => {
            desk.criterion.value = criterion.id;
          }}
        >
          <span>{criterion.label}</span>
          <span class={given ? "given" : "given none"}>{given ?? "No score yet"}</span>
        </button>
      </h3>
      {open && <OpenCriterion criterion={criterion} />}
    </section>
  );
}

function OpenCriterion({ criterion }: { criterion: Criterion }) {
  const desk = useDesk();
  const { rubric, protocol, revealed } = desk.review.value;
  const score = desk.score(criterion.id);
  const citation = desk.citation(criterion.id);
  const n = citation.evidence.length + citation.own.length;
  const reasonDue =
    protocol === "blind_then_reveal" &&
    score !== null &&
    criterion.indicators.some((one) => revealed.includes(one));
  const reason = useRef<HTMLInputElement>(null);

  function give(given: { level?: string; cannot_tell?: boolean }): void {
    const why = reason.current?.value.trim();
    if (reasonDue && !why) {
      announce("Say in a few words why the score changes.");
      reason.current?.focus();
      return;
    }
    desk.give(criterion.id, why ? { ...given, reason: why } : given);
    if (reason.current) reason.current.value = "";
  }

  return (
    <div class="criterion-body">
      <p class="prompt">{criterion.prompt}</p>
      <Look criterion={criterion} />
      <p class="cited">
        {n === 0 ? "Nothing cited yet." : `${n} ${n === 1 ? "moment" : "moments"} cited.`}{" "}
        <span class="quiet">Cite a moment on its card, or note what you saw:</span>
      </p>
      <input
        class="field"
        aria-label={`Seen in the picture, for ${criterion.label}`}
        placeholder="Seen in the picture"
        value={citation.seen}
        disabled={desk.closed.value}
        onInput={(event) => desk.cite(criterion.id, { seen: event.currentTarget.value })}
      />
      {reasonDue && !desk.closed.value && (
        <label class="reason">
          <span>The suggestions have been shown. To change the score, say why:</span>
          <input class="field" ref={reason} />
        </label>
      )}
      <fieldset class="levels" disabled={desk.closed.value}>
        <legend class="unseen">Score for {criterion.label}</legend>
        {rubric.levels.map((level, index) => (
          <button
            key={level.id}
            type="button"
            class="level"
            aria-pressed={score?.level === level.id}
            onClick={() => give({ level: level.id })}
          >
            <b>
              {level.label} <kbd>{index + 1}</kbd>
            </b>
            <span>{criterion.descriptors.find((one) => one.level === level.id)?.text}</span>
          </button>
        ))}
        {rubric.allow_cannot_tell && (
          <button
            type="button"
            class="level"
            aria-pressed={score?.cannot_tell === true}
            onClick={() => give({ cannot_tell: true })}
          >
            <b>Cannot tell</b>
            <span>
              This recording does not show enough to say. It counts as an answer, not as a low score.
            </span>
          </button>
        )}
      </fieldset>
      <span class="feedback-label">Feedback for the educator</span>
      <Writing of={criterion.id} label={`Feedback for the educator on ${criterion.label}`} />
    </div>
  );
}

function Look({ criterion }: { criterion: Criterion }) {
  if (!criterion.observable_in.includes("video")) return null;
  return (
    <p class="look">
      {criterion.observable_in.length === 1
        ? "This shows only in the picture: watch for it, the machine cannot."
        : "Part of this shows only in the picture: watch for it too."}
    </p>
  );
}

function Writing({ of, label }: { of: string; label: string }) {
  const desk = useDesk();
  const area = useRef<HTMLTextAreaElement>(null);
  const text = desk.feedback(of);
  function write(next: string): void {
    desk.log.act("feedback", `feedback:${of}`, { text: next });
  }
  function quoteTime(): void {
    const at = area.current?.selectionStart ?? text.length;
    const stamp = `[${clock(desk.recording.clock.time.peek())}] `;
    write(text.slice(0, at) + stamp + text.slice(at));
    area.current?.focus();
  }
  return (
    <div class="writing">
      <textarea
        ref={area}
        class="field"
        rows={3}
        aria-label={label}
        value={text}
        disabled={desk.closed.value}
        onInput={(event) => write(event.currentTarget.value)}
      />
      <button type="button" class="button small plain" disabled={desk.closed.value} onClick={quoteTime}>
        Insert the time playing now
      </button>
    </div>
  );
}
