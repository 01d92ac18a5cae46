import type { ComponentChildren } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import { aborted, ask, client } from "../api/client.ts";
import { asProblem, type Problem } from "../api/problem.ts";
import { announce } from "../app/announce.ts";
import { useTitle } from "../app/title.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Icon } from "../parts/icon.tsx";
import { Notice, ProblemNotice } from "../parts/notice.tsx";
import { Wait } from "../parts/wait.tsx";
import {
  changesIn,
  type Draft,
  draftOf,
  FIELDS,
  inWords,
  PROTOCOL_ORDER,
  PROTOCOLS,
  type Program,
  workingDaysAfter,
  wrongWith,
} from "./program.ts";

const WINDOW_S = 20;

/** How suggestions meet reviewers here, what is checked, and when a review is due: for assignments made from now on. */
export default function ProgramPage() {
  useTitle("Program");
  const [program, setProgram] = useState<Program | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    const leaving = new AbortController();
    ask(client.GET("/api/program", { signal: leaving.signal })).then(setProgram, (error: unknown) => {
      if (!aborted(error)) setProblem(asProblem(error));
    });
    return () => leaving.abort();
  }, [tries]);

  function again(): void {
    setProblem(null);
    setTries(tries + 1);
  }
  return (
    <div class="page list-page program-page">
      <header class="page-head">
        <h1 tabIndex={-1}>Program</h1>
        <a class="button" href="/queue">
          <Icon name="left" size={18} />
          Queue
        </a>
      </header>
      {problem && <ProblemNotice problem={problem} retry={again} />}
      {!program && !problem && <Wait what="Opening the program…" />}
      {program && <Settings program={program} onSaved={setProgram} />}
    </div>
  );
}

function Settings({ program, onSaved }: { program: Program; onSaved: (program: Program) => void }) {
  const [draft, setDraft] = useState<Draft>(draftOf(program));
  const [asking, setAsking] = useState(false);
  const [saved, setSaved] = useState(false);
  const wrong = (["share", "windows", "days"] as const).some((name) => wrongWith(name, draft[name]) !== null);
  const changed = wrong || changesIn(program, draft).told.length > 0;

  function change(part: Partial<Draft>): void {
    setSaved(false);
    setDraft({ ...draft, ...part });
  }
  return (
    <form
      class="program card"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (changed && !wrong) setAsking(true);
      }}
    >
      <Notice>
        <p>What you change here holds for reviews assigned from now on.</p>
        <p>
          How each review meets suggestions is drawn when it is assigned. Reviews that are assigned already
          keep what was drawn for them, also those nobody has opened yet.
        </p>
      </Notice>
      <Protocols draft={draft} change={change} />
      <ShareField draft={draft} change={change} />
      <WindowsField draft={draft} change={change} />
      <DaysField draft={draft} change={change} />
      <footer class="actions">
        <button type="submit" class="button strong" disabled={!changed || wrong}>
          Save changes
        </button>
        <button type="button" class="button" disabled={!changed} onClick={() => setDraft(draftOf(program))}>
          Put back
        </button>
        {saved && (
          <p class="saved quiet">
            <Icon name="check" size={16} />
            Saved
          </p>
        )}
      </footer>
      {asking && (
        <Ask
          program={program}
          draft={draft}
          onClose={() => setAsking(false)}
          onSaved={(next) => {
            setAsking(false);
            setSaved(true);
            setDraft(draftOf(next));
            onSaved(next);
            announce("The program is changed.");
          }}
        />
      )}
    </form>
  );
}

interface Part {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
}

function Protocols({ draft, change }: Part) {
  const name = useId();
  return (
    <fieldset class="protocols">
      <legend>How suggestions meet reviewers</legend>
      {PROTOCOL_ORDER.map((id) => {
        const words = PROTOCOLS[id];
        return (
          <label key={id} class="protocol">
            <input
              type="radio"
              name={name}
              value={id}
              checked={draft.protocol === id}
              onChange={() => change({ protocol: id })}
            />
            <span>
              <b>{words.label}</b>
              <span class="protocol-does">{words.does}</span>
              <span class="protocol-side">
                <i>Gives</i> {words.gains}
              </span>
              <span class="protocol-side">
                <i>Costs</i> {words.costs}
              </span>
            </span>
          </label>
        );
      })}
    </fieldset>
  );
}

interface NumberProps extends Part {
  name: keyof typeof FIELDS;
  title: string;
  unit: string;
  disabled?: boolean;
  children: ComponentChildren;
}

function NumberField({ name, title, unit, disabled = false, draft, change, children }: NumberProps) {
  const id = useId();
  const wrong = disabled ? null : wrongWith(name, draft[name]);
  return (
    <section class="program-number" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      <div id={`${id}-about`}>{children}</div>
      <p class="program-typed">
        <label for={id}>{FIELDS[name].label}</label>
        <span>
          <input
            id={id}
            class="field"
            type="text"
            inputMode={FIELDS[name].whole ? "numeric" : "decimal"}
            autocomplete="off"
            disabled={disabled}
            value={draft[name]}
            aria-invalid={wrong !== null}
            aria-describedby={wrong ? `${id}-wrong` : `${id}-about`}
            onInput={(event) => change({ [name]: event.currentTarget.value })}
          />{" "}
          {unit}
        </span>
      </p>
      {wrong && (
        <p id={`${id}-wrong`} class="program-wrong" role="alert">
          <Icon name="warn" size={16} />
          {wrong}
        </p>
      )}
    </section>
  );
}

function ShareField(part: Part) {
  const whole = part.draft.protocol === "unassisted";
  const value = Number(part.draft.share.replace(",", "."));
  const known = wrongWith("share", part.draft.share) === null;
  return (
    <NumberField
      {...part}
      name="share"
      title="A share drawn by chance is kept without suggestions"
      unit="%"
      disabled={whole}
    >
      <p>
        {whole
          ? "With this protocol every review is without suggestions; nothing is left to draw."
          : "Nobody is told which before the review is opened. Only the comparison with these reviews shows what suggestions do to scores: with none of them it cannot be known."}
      </p>
      {!whole && known && <p class="quiet">Of the reviews assigned from now on: {inWords(value)}.</p>}
    </NumberField>
  );
}

function WindowsField(part: Part) {
  const value = Number(part.draft.windows);
  const known = wrongWith("windows", part.draft.windows) === null;
  return (
    <NumberField {...part} name="windows" title="What suggestions missed" unit="in each review">
      <p>
        Stretches of {WINDOW_S} seconds in which nothing was suggested, drawn by chance. Reviewers say whether
        something was missed there; from the answers follows how much suggestions miss, with an interval. With
        none of them that cannot be estimated.
      </p>
      {known && value > 0 && (
        <p class="quiet">Costs each reviewer about {listening(value * WINDOW_S)} of listening a review.</p>
      )}
    </NumberField>
  );
}

function listening(seconds: number): string {
  return seconds < 60 ? `${seconds} seconds` : `${Math.round((seconds / 60) * 10) / 10} min`;
}

function DaysField(part: Part) {
  const known = wrongWith("days", part.draft.days) === null;
  const date = new Intl.DateTimeFormat("en", { weekday: "long", day: "numeric", month: "long" });
  return (
    <NumberField {...part} name="days" title="When a review is due" unit="after it is assigned">
      <p>Saturdays and Sundays do not count. Public holidays are not known here, so they do.</p>
      {known && (
        <p class="quiet">
          A review assigned today is due on{" "}
          {date.format(workingDaysAfter(new Date(), Number(part.draft.days)))}.
        </p>
      )}
    </NumberField>
  );
}

interface AskProps {
  program: Program;
  draft: Draft;
  onClose: () => void;
  onSaved: (program: Program) => void;
}

/** Names what changes before it does: reviews under two settings have to be told apart afterwards. */
function Ask({ program, draft, onClose, onSaved }: AskProps) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const { patch, told } = changesIn(program, draft);
  async function save(): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      onSaved(await ask(client.PATCH("/api/program", { body: patch })));
    } catch (error) {
      setProblem(asProblem(error));
      setBusy(false);
    }
  }
  return (
    <Dialog title="Change the program?" onClose={onClose}>
      {problem && <ProblemNotice problem={problem} />}
      <ul class="program-changes">
        {told.map(({ label, from, to }) => (
          <li key={label}>
            <b>{label}</b>
            <span>
              {from} <span aria-hidden="true">→</span>
              <span class="unseen"> becomes</span> {to}
            </span>
          </li>
        ))}
      </ul>
      <p>
        Reviews assigned from now on follow this. Those assigned already stay as they are, and every record
        says under which protocol it was made.
      </p>
      <footer>
        <button type="button" class="button" onClick={onClose}>
          Not now
        </button>
        <button type="button" class="button strong" disabled={busy} onClick={() => void save()}>
          Change it
        </button>
      </footer>
    </Dialog>
  );
}
