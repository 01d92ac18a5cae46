import { effect, type ReadonlySignal } from "@preact/signals";
import type { Submission } from "../api/types.ts";

interface Parts {
  words: () => void; // the transcript and what is read off it at once
  evidence: () => void;
}

/** Asks anew for what has changed since the page asked: words after a correction, evidence after another look. */
export function followRevision(submission: ReadonlySignal<Submission | null>, parts: Parts): () => void {
  let seen: Submission["revision"] | null = null;
  return effect(() => {
    const now = submission.value?.state === "ready" ? submission.value.revision : null;
    if (!now) return;
    const before = seen;
    seen = {
      ...now,
      corrections: Math.max(now.corrections, before?.corrections ?? 0),
      annotation: Math.max(now.annotation, before?.annotation ?? 0),
    };
    if (!before) return;
    if (now.corrections > before.corrections || now.annotation > before.annotation) parts.words();
    if (now.annotation > before.annotation) parts.evidence();
  });
}
