import { useEffect, useRef, useState } from "preact/hooks";
import { address } from "../api/client.ts";
import { asProblem, type Problem } from "../api/problem.ts";
import type { Submission } from "../api/types.ts";
import { announce } from "../app/announce.ts";
import { Confirm } from "../parts/dialog.tsx";
import { Glyph } from "../parts/glyph.tsx";
import { Icon } from "../parts/icon.tsx";
import { LOOK_FOR_IDS, LOOK_FORS } from "../parts/look-fors.ts";
import { Menu, type MenuItem } from "../parts/menu.tsx";
import { mayUpload } from "../session/session.ts";
import { bytes } from "../words/amount.ts";
import { ago, fullDate, length } from "../words/time.ts";
import { cancel, remove, rename, retry } from "./acts.ts";
import type { Listing } from "./listing.ts";
import { STATES } from "./query.ts";
import { StepBar } from "./step-bar.tsx";
import { working } from "./steps.ts";

export function Row({ submission, listing }: { submission: Submission; listing: Listing }) {
  const [renaming, setRenaming] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const { id, title, state } = submission;

  async function act(doing: () => Promise<Submission | undefined>): Promise<boolean> {
    setBusy(true);
    setProblem(null);
    try {
      const changed = await doing();
      if (changed) listing.take(changed);
      return true;
    } catch (error) {
      setProblem(asProblem(error));
      return false;
    } finally {
      setBusy(false);
    }
  }

  async function removeIt(): Promise<void> {
    const gone = await act(async () => {
      await remove(id);
      return undefined;
    });
    setDeleting(false);
    if (!gone) return;
    announce(`${title} is deleted.`);
    await listing.reload();
  }

  const may = mayUpload();
  const items: MenuItem[] = [
    ...(may ? [{ label: "Rename", icon: "pencil", run: () => setRenaming(true) } as const] : []),
    { label: "Download the original", icon: "download", href: address.original(id) },
  ];
  if (state === "ready")
    items.push({ label: "Download the results (JSON)", icon: "file", href: address.preannotation(id) });
  if (may) items.push({ label: "Delete…", icon: "bin", bad: true, run: () => setDeleting(true) });

  return (
    <li class={`row ${state}`}>
      <div class="row-what">
        {renaming ? (
          <Rename
            title={title}
            onCancel={() => setRenaming(false)}
            onSave={async (text) => {
              if (await act(() => rename(id, text))) setRenaming(false);
            }}
          />
        ) : (
          <h2>
            <a class="row-link" href={`/submissions/${id}`}>
              {title}
            </a>
            {submission.is_sample && <span class="chip">Sample</span>}
          </h2>
        )}
        <p class="row-facts">
          {submission.duration != null && <span class="number">{length(submission.duration)}</span>}
          <span class="number">{bytes(submission.size)}</span>
          <span>{submission.uploaded_by.name}</span>
          <time dateTime={submission.created_at} title={fullDate(submission.created_at)}>
            {ago(submission.created_at)}
          </time>
        </p>
        {submission.warnings.length > 0 && (
          <ul class="row-warnings">
            {submission.warnings.map((warning) => (
              <li key={warning.code}>
                <Icon name="warn" size={15} />
                {warning.text}
              </li>
            ))}
          </ul>
        )}
      </div>
      <div class="row-state">
        <State submission={submission} />
        {problem && (
          <p class="row-problem" role="alert">
            {problem.detail} {problem.remedy}
          </p>
        )}
      </div>
      <div class="row-acts">
        {may && (state === "failed" ? submission.failure?.retryable !== false : state === "cancelled") && (
          <button
            type="button"
            class="button small"
            aria-label={`Try again: ${title}`}
            disabled={busy}
            onClick={() => void act(() => retry(id))}
          >
            <Icon name="again" size={16} />
            Try again
          </button>
        )}
        {may && working(submission) && (
          <button
            type="button"
            class="button small"
            disabled={busy}
            onClick={() => void act(() => cancel(id))}
          >
            Cancel<span class="unseen"> the work on {title}</span>
          </button>
        )}
      </div>
      <div class="row-menu">
        <Menu label={`More for ${title}`} items={items} />
      </div>
      {deleting && (
        <Confirm
          title={`Delete “${title}”?`}
          verb="Delete for good"
          bad
          busy={busy}
          onYes={() => void removeIt()}
          onNo={() => setDeleting(false)}
        >
          <p>
            The recording, its transcript and everything found in it are removed from this server. This cannot
            be undone.
          </p>
        </Confirm>
      )}
    </li>
  );
}

function State({ submission }: { submission: Submission }) {
  if (working(submission)) return <StepBar submission={submission} />;
  if (submission.state === "ready") return <Counts submission={submission} />;
  if (submission.state === "failed")
    return (
      <div class="row-failure">
        <p>
          <Icon name="warn" size={16} />
          <strong>{submission.failure?.detail ?? "The work on it stopped."}</strong>
        </p>
        <p>{submission.failure?.remedy ?? "Try again."}</p>
      </div>
    );
  return <p class="quiet">{STATES[submission.state]}. What was finished is kept.</p>;
}

function Counts({ submission }: { submission: Submission }) {
  const counts = submission.evidence_counts;
  // Three zeros would read as a finding; there was nothing to find anything in.
  if (submission.has_sound === false)
    return <p class="quiet">Ready to watch: without sound nothing was pointed at</p>;
  if (!counts) return <p class="quiet">Ready</p>;
  return (
    <ul class="counts" aria-label="Pieces of evidence">
      {LOOK_FOR_IDS.map((indicator) => (
        <li key={indicator}>
          <Glyph of={indicator} />
          <span class="number">{counts[indicator]}</span>
          <span class="count-label">{LOOK_FORS[indicator].label}</span>
        </li>
      ))}
    </ul>
  );
}

interface RenameProps {
  title: string;
  onSave: (title: string) => Promise<void>;
  onCancel: () => void;
}

/** Enter keeps, Escape leaves as it was. */
export function Rename({ title, onSave, onCancel }: RenameProps) {
  const [text, setText] = useState(title);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.select(), []);
  const empty = text.trim() === "";
  return (
    <form
      class="rename"
      onSubmit={(event) => {
        event.preventDefault();
        if (!empty) void onSave(text.trim());
      }}
    >
      <input
        ref={input}
        class="field"
        aria-label="New title"
        value={text}
        maxLength={200}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          onCancel();
        }}
      />
      <button type="submit" class="button strong small" disabled={empty}>
        Save
      </button>
      <button type="button" class="button small" onClick={onCancel}>
        Leave it
      </button>
    </form>
  );
}
