import type { Step, Submission } from "../api/types.ts";

export interface Standing {
  at: number; // the step that runs or runs next, from 1
  of: number;
  label: string;
  percent: number | null; // of that step
  again: number; // how often it has been tried, beyond the first
}

const OVER = new Set<Step["state"]>(["done", "skipped"]);

/** Where the work stands, in one line's worth of facts; null once there is nothing left to do. */
export function standing(steps: readonly Step[]): Standing | null {
  const running = steps.findIndex((step) => step.state === "running");
  const index = running >= 0 ? running : steps.findIndex((step) => !OVER.has(step.state));
  const step = steps[index];
  if (!step) return null;
  const percent = step.state === "running" && step.progress > 0 ? Math.floor(step.progress * 100) : null;
  return {
    at: index + 1,
    of: steps.length,
    label: step.label,
    percent,
    again: Math.max(0, step.attempts - 1),
  };
}

export function standingText(where: Standing): string {
  const percent = where.percent === null ? "" : `, ${where.percent} %`;
  const again = where.again > 0 ? `, try ${where.again + 1}` : "";
  return `Step ${where.at} of ${where.of}: ${where.label}${percent}${again}`;
}

export function working(submission: Submission): boolean {
  return submission.state === "received" || submission.state === "processing";
}

/** The playback copy exists, so it can be watched while the rest is still being worked out. */
export function watchable(submission: Submission): boolean {
  return (
    submission.state === "ready" ||
    submission.steps.some((step) => step.name === "playback" && step.state === "done")
  );
}
