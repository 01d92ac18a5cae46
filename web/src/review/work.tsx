import { useState } from "preact/hooks";
import { asProblem, type Problem } from "../api/problem.ts";
import type { Step, Submission } from "../api/types.ts";
import { Icon } from "../parts/icon.tsx";
import { ProblemNotice } from "../parts/notice.tsx";
import { mayUpload } from "../session/session.ts";
import { cancel, retry } from "../submissions/acts.ts";
import { working } from "../submissions/steps.ts";
import { useReview } from "./review.ts";

const STEP_WORDS: Record<Step["state"], string> = {
  waiting: "waits",
  running: "in work",
  done: "done",
  failed: "failed",
  cancelled: "cancelled",
  skipped: "not needed",
};

/** The page before there is anything to review: each step as it happens, or why it stopped. */
export function Work({ submission }: { submission: Submission }) {
  const review = useReview();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  async function act(doing: () => Promise<Submission>): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      review.submission.value = await doing();
    } catch (error) {
      setProblem(asProblem(error));
    }
    setBusy(false);
  }

  const may = mayUpload();
  const canRetry =
    submission.state === "cancelled" ||
    (submission.state === "failed" && submission.failure?.retryable !== false);
  return (
    <section class="work card" aria-label="Work on this recording">
      <Heading submission={submission} />
      <ol>
        {submission.steps.map((step) => (
          <StepLine key={step.name} step={step} stopped={!working(submission)} />
        ))}
      </ol>
      {problem && <ProblemNotice problem={problem} />}
      <div class="actions">
        {may && canRetry && (
          <button
            type="button"
            class="button strong"
            disabled={busy}
            onClick={() => void act(() => retry(submission.id))}
          >
            <Icon name="again" />
            Try again
          </button>
        )}
        {may && working(submission) && (
          <button
            type="button"
            class="button"
            disabled={busy}
            onClick={() => void act(() => cancel(submission.id))}
          >
            Cancel
          </button>
        )}
      </div>
    </section>
  );
}

function Heading({ submission }: { submission: Submission }) {
  if (submission.state === "failed")
    return (
      <div class="work-failed" role="alert">
        <h2>
          <Icon name="warn" /> {submission.failure?.detail ?? "The work on this recording stopped."}
        </h2>
        <p>{submission.failure?.remedy ?? "Try again; what was finished is kept."}</p>
      </div>
    );
  if (submission.state === "cancelled")
    return (
      <div>
        <h2>The work on this recording was cancelled</h2>
        <p class="quiet">What was finished is kept; trying again goes on from there.</p>
      </div>
    );
  return (
    <div>
      <h2>
        {submission.state === "received"
          ? "In line: the work starts as soon as the worker is free"
          : "Lookfors is working on this recording"}
      </h2>
      <p class="quiet">
        You need not wait here: the page fills in by itself, and the list of submissions shows how far it is.
      </p>
    </div>
  );
}

function StepLine({ step, stopped }: { step: Step; stopped: boolean }) {
  const word = stopped && step.state === "skipped" ? "not reached" : STEP_WORDS[step.state];
  const percent =
    step.state === "running" && step.progress > 0 ? `${Math.floor(step.progress * 100)} %` : word;
  return (
    <li class={step.state}>
      <span class="step-sign" aria-hidden="true">
        {step.state === "done" && <Icon name="check" size={15} />}
        {step.state === "failed" && <Icon name="close" size={15} />}
      </span>
      <span class="step-name">
        {step.label}
        {step.attempts > 1 && <small> · try {step.attempts}</small>}
      </span>
      <span class="step-state number">{percent}</span>
      <span class="step-track" aria-hidden="true">
        <i style={{ width: `${(step.state === "done" ? 1 : step.progress) * 100}%` }} />
      </span>
      {step.message && step.state !== "failed" && <small class="step-note">{step.message}</small>}
    </li>
  );
}
