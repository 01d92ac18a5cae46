import { useEffect, useRef } from "preact/hooks";
import type { Utterance } from "../api/types.ts";
import type { Turn } from "../review/transcript/turns.ts";
import { clock } from "../words/time.ts";
import type { Corrections } from "./types.ts";

const MOST = 2000; // characters of one utterance

/** The words of one turn to write in, where they stand. Enter saves, Escape leaves them as they were. */
export function WordEditor({ turn, corrections }: { turn: Turn; corrections: Corrections }) {
  const form = useRef<HTMLFormElement>(null);
  const first = corrections.editing.peek()?.utterance;

  useEffect(() => {
    const fields = [...(form.current?.querySelectorAll("textarea") ?? [])];
    const field = fields.find((one) => one.name === first) ?? fields[0];
    field?.focus({ preventScroll: true });
    field?.setSelectionRange(field.value.length, field.value.length);
    form.current?.scrollIntoView({ block: "nearest" });
  }, [first]);

  function leave(): void {
    corrections.editing.value = null;
    requestAnimationFrame(() => {
      const time = document.querySelector<HTMLElement>(`[data-turn="${CSS.escape(turn.id)}"] .turn-time`);
      time?.focus({ preventScroll: true });
    });
  }

  function save(): void {
    const fields = [...(form.current?.querySelectorAll("textarea") ?? [])];
    for (const utterance of turn.utterances) {
      const field = fields.find((one) => one.name === utterance.id);
      if (field) corrections.sayWords(utterance, field.value);
    }
    leave();
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.key === "Escape") leave();
    else if (event.key === "Enter" && !event.shiftKey && event.target instanceof HTMLTextAreaElement) save();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <form
      ref={form}
      class="word-editor"
      aria-label="Correct the words of this turn"
      onKeyDown={onKeyDown}
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      {turn.utterances.map((utterance) => (
        <Field key={utterance.id} utterance={utterance} />
      ))}
      <div class="actions">
        <button type="submit" class="button strong small">
          Save <kbd>Enter</kbd>
        </button>
        <button type="button" class="button small" onClick={leave}>
          Leave as it was <kbd>Esc</kbd>
        </button>
      </div>
    </form>
  );
}

function Field({ utterance }: { utterance: Utterance }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const heard = utterance.heard?.text;
  return (
    <>
      <textarea
        ref={field}
        class="field said"
        name={utterance.id}
        aria-label={`Words at ${clock(utterance.start)}`}
        maxLength={MOST}
        rows={Math.max(1, Math.ceil(utterance.text.length / 48))}
        defaultValue={utterance.text}
      />
      {heard && heard !== utterance.text && (
        <p class="word-editor-heard">
          The machine heard “{heard}”{" "}
          <button
            type="button"
            class="button small plain"
            onClick={() => {
              if (field.current) field.current.value = heard;
              field.current?.focus();
            }}
          >
            Use that
          </button>
        </p>
      )}
    </>
  );
}
