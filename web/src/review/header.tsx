import { useState } from "preact/hooks";
import { address } from "../api/client.ts";
import { asProblem, type Problem } from "../api/problem.ts";
import type { MediaWarning, Submission } from "../api/types.ts";
import { Icon } from "../parts/icon.tsx";
import { Menu, type MenuItem } from "../parts/menu.tsx";
import { mayUpload } from "../session/session.ts";
import { rename } from "../submissions/acts.ts";
import { Rename } from "../submissions/row.tsx";
import { bytes } from "../words/amount.ts";
import { ago, clock, fullDate, length } from "../words/time.ts";
import { useReview } from "./review.ts";

export function Header({ submission }: { submission: Submission }) {
  const review = useReview();
  const [renaming, setRenaming] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  const items: MenuItem[] = [
    ...(mayUpload() ? [{ label: "Rename", icon: "pencil", run: () => setRenaming(true) } as const] : []),
    { label: "Download the original", icon: "download", href: address.original(submission.id) },
  ];
  if (submission.state === "ready") {
    items.push({
      label: "Download the results (JSON)",
      icon: "file",
      href: address.preannotation(submission.id),
    });
    if (submission.has_sound !== false)
      items.push({
        label: "Download the captions (VTT)",
        icon: "captions",
        href: address.captions(submission.id),
      });
  }

  return (
    <header class="desk-head">
      <a class="button plain icon" href="/" aria-label="All submissions" title="All submissions">
        <Icon name="left" />
      </a>
      <div class="desk-title">
        {renaming ? (
          <Rename
            title={submission.title}
            onCancel={() => setRenaming(false)}
            onSave={async (title) => {
              try {
                review.submission.value = await rename(submission.id, title);
                setRenaming(false);
                setProblem(null);
              } catch (error) {
                setProblem(asProblem(error));
              }
            }}
          />
        ) : (
          <h1 tabIndex={-1}>{submission.title}</h1>
        )}
        <p class="row-facts">
          {submission.is_sample && <span class="chip">Sample</span>}
          {submission.duration != null && <span class="number">{length(submission.duration)}</span>}
          <span class="number">{bytes(submission.size)}</span>
          <span>{submission.uploaded_by.name}</span>
          <time dateTime={submission.created_at} title={fullDate(submission.created_at)}>
            {ago(submission.created_at)}
          </time>
        </p>
        {problem && (
          <p role="alert" class="row-problem">
            {problem.detail} {problem.remedy}
          </p>
        )}
      </div>
      <Menu label={`More for ${submission.title}`} items={items} />
    </header>
  );
}

/** What to know before watching; the places are a press away. */
export function Warnings({ warnings }: { warnings: readonly MediaWarning[] }) {
  const { clock: playback } = useReview();
  if (warnings.length === 0) return null;
  return (
    <ul class="desk-warnings" aria-label="About this recording">
      {warnings.map((warning) => (
        <li key={warning.code}>
          <Icon name="warn" size={16} />
          <span>{warning.text}</span>
          {warning.at.map((seconds) => (
            <button
              key={seconds}
              type="button"
              class="button small time"
              onClick={() => playback.seek(seconds)}
            >
              <span class="unseen">Go to </span>
              {clock(seconds)}
            </button>
          ))}
        </li>
      ))}
    </ul>
  );
}
