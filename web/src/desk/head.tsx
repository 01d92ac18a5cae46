import { Dialog } from "../parts/dialog.tsx";
import { Icon } from "../parts/icon.tsx";
import { Notice } from "../parts/notice.tsx";
import { length } from "../words/time.ts";
import { useDesk } from "./desk.ts";
import { due } from "./due.ts";
import type { Protocol } from "./types.ts";

const PROTOCOLS: Record<Protocol, string> = {
  unassisted: "Without suggestions",
  blind_then_reveal: "First score blind, then suggestions",
  assisted: "With suggestions",
};

export function Head() {
  const desk = useDesk();
  const review = desk.review.value;
  return (
    <header class="desk-head">
      <a class="button plain icon" href="/reviews" aria-label="My reviews" title="My reviews">
        <Icon name="left" />
      </a>
      <div class="desk-title">
        <h1 tabIndex={-1}>{review.title}</h1>
        <p class="row-facts">
          {review.duration != null && <span class="number">{length(review.duration)}</span>}
          <span>{review.rubric_title}</span>
          {review.protocol && <span class="chip">{PROTOCOLS[review.protocol]}</span>}
          <span>{due(review.due_at)}</span>
        </p>
      </div>
      <SavedSign />
      <button
        type="button"
        class="button plain icon"
        aria-label="Undo"
        title="Undo"
        disabled={desk.closed.value || desk.log.deeds.value.length === 0}
        onClick={() => desk.log.undo()}
      >
        <Icon name="undo" />
      </button>
      <Submit />
    </header>
  );
}

/** Whether what was done is safe, in words; the state is never a colour or a spinner alone. */
function SavedSign() {
  const { log } = useDesk();
  const saving = log.saving.value;
  const waiting = log.waiting.value.length;
  if (saving.state === "stuck")
    return (
      <p class="saved bad" role="alert">
        {saving.problem.detail} {saving.problem.remedy}
      </p>
    );
  if (saving.state === "offline")
    return (
      <p class="saved care" role="status">
        <Icon name="warn" size={16} />
        {log.keeps.value
          ? "No connection. Everything is kept in this browser and sent as soon as it can be."
          : "No connection, and this browser keeps nothing: leave the page open."}
        <button type="button" class="button small" onClick={log.tryNow}>
          Try now
        </button>
      </p>
    );
  if (saving.state === "saving" || waiting > 0) return <p class="saved quiet">Saving…</p>;
  return (
    <p class="saved quiet">
      <Icon name="check" size={16} />
      Saved
    </p>
  );
}

function Submit() {
  const desk = useDesk();
  const asking = desk.handingIn.value;
  const setAsking = (open: boolean) => {
    desk.handingIn.value = open;
  };
  if (desk.closed.value) return <span class="chip">Handed in</span>;
  const missing = desk.missing.value;
  const ready = missing.length === 0 && desk.log.waiting.value.length === 0;
  return (
    <>
      <button type="button" class="button strong" onClick={() => setAsking(true)}>
        Hand in
      </button>
      {asking && (
        <Dialog
          title={missing.length === 0 ? "Hand this review in?" : "Not complete yet"}
          onClose={() => setAsking(false)}
        >
          {missing.length === 0 ? (
            <p>It is closed then and counts as your final assessment.</p>
          ) : (
            <ul class="missing">
              {missing.map((gap) => (
                <li key={gap.kind + gap.target}>
                  <button
                    type="button"
                    class="button small plain"
                    onClick={() => {
                      if (gap.kind !== "audit") desk.criterion.value = gap.target;
                      setAsking(false);
                    }}
                  >
                    {gap.text}
                  </button>
                </li>
              ))}
            </ul>
          )}
          <footer>
            <button type="button" class="button" onClick={() => setAsking(false)}>
              Go on reviewing
            </button>
            <button
              type="button"
              class="button strong"
              disabled={!ready}
              onClick={() => {
                desk.submit();
                setAsking(false);
              }}
            >
              Hand in
            </button>
          </footer>
        </Dialog>
      )}
    </>
  );
}

/** Two tabs, or two devices: both versions are shown and the person chooses; nothing is written over unseen. */
export function Clashed() {
  const desk = useDesk();
  const { log } = desk;
  const clash = log.clash.value;
  const refused = desk.refused.value;
  return (
    <>
      {refused && (
        <Notice tone="care" alert>
          <p>{refused}</p>
          <div class="actions">
            <button
              type="button"
              class="button small"
              onClick={() => {
                desk.refused.value = null;
              }}
            >
              All right
            </button>
          </div>
        </Notice>
      )}
      {clash && (
        <Notice tone="care" alert>
          <p>This was changed in another window meanwhile.</p>
          <p>There: {inWords(clash.theirs?.value ?? null)}</p>
          <p>Here: {inWords(clash.mine)}</p>
          <div class="actions">
            <button
              type="button"
              class="button small"
              onClick={() => {
                log.clash.value = null;
              }}
            >
              Keep what is there
            </button>
            <button type="button" class="button small" onClick={log.insist}>
              Use what is here
            </button>
          </div>
        </Notice>
      )}
    </>
  );
}

function inWords(value: Record<string, unknown> | null): string {
  if (!value) return "taken back";
  if (typeof value.text === "string") return `“${value.text}”`;
  if (value.cannot_tell) return "cannot tell";
  return Object.values(value)
    .flat()
    .filter((one) => typeof one === "string" && one !== "")
    .join(", ");
}
