import type { Submission } from "../api/types.ts";
import { standing, standingText } from "./steps.ts";

/** Seven small gauges in a row, the running one filling; the line below names it. */
export function StepBar({ submission }: { submission: Submission }) {
  const where = standing(submission.steps);
  const done = submission.steps.reduce(
    (sum, step) =>
      sum +
      (step.state === "done" || step.state === "skipped" ? 1 : step.state === "running" ? step.progress : 0),
    0,
  );
  const text =
    submission.state === "received"
      ? "In line: it starts as soon as the worker is free"
      : where
        ? standingText(where)
        : "Finishing";
  return (
    <div class="steps">
      <div
        class="step-bar"
        role="progressbar"
        aria-label={`Work on ${submission.title}`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.floor((100 * done) / Math.max(1, submission.steps.length))}
        aria-valuetext={text}
      >
        {submission.steps.map((step) => (
          <i key={step.name} class={step.state} title={step.label}>
            <b
              style={{
                width: `${step.state === "done" || step.state === "skipped" ? 100 : step.progress * 100}%`,
              }}
            />
          </i>
        ))}
      </div>
      <p class="number">{text}</p>
    </div>
  );
}
