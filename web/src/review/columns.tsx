import { signal } from "@preact/signals";
import { useId, useMemo } from "preact/hooks";
import { SessionMap } from "./map/map.tsx";
import { EvidencePanel } from "./panels/evidence.tsx";
import { MeasuresPanel } from "./panels/measures.tsx";
import { loaded } from "./part.ts";
import { Player } from "./player/player.tsx";
import { useReview } from "./review.ts";
import { TranscriptPane } from "./transcript/transcript.tsx";

type Tab = "transcript" | "evidence" | "measures";

const WIDE = window.matchMedia("(min-width: 75rem)");
const NARROW = window.matchMedia("(max-width: 56rem)");
type Room = "narrow" | "usual" | "wide";

function measureRoom(): Room {
  if (NARROW.matches) return "narrow";
  return WIDE.matches ? "wide" : "usual";
}
const room = signal<Room>(measureRoom());
for (const query of [WIDE, NARROW])
  query.addEventListener("change", () => {
    room.value = measureRoom();
  });

/**
 * The same parts at every width: side by side where there is room, as tabs where there is not. The player comes
 * first in the page's order, so on a phone it can stay in sight while the rest is read.
 */
export function Columns() {
  const width = room.value;
  const sound = useReview().submission.value?.has_sound !== false;
  if (!sound)
    return (
      <div class="desk-columns silent">
        <Player />
      </div>
    );
  if (width === "narrow")
    return (
      <div class="desk-columns narrow">
        <Player />
        <SessionMap />
        <Tabs tabs={["transcript", "evidence", "measures"]} />
      </div>
    );
  return (
    <>
      <SessionMap />
      {width === "wide" ? <Three /> : <Two />}
    </>
  );
}

function Three() {
  return (
    <div class="desk-columns wide">
      <div class="stage">
        <Player />
        <section class="panel" aria-label="Measures">
          <h2 class="panel-title">Measures</h2>
          <MeasuresPanel />
        </section>
      </div>
      <section class="panel reading-panel" aria-label="Transcript">
        <h2 class="panel-title">Transcript</h2>
        <TranscriptPane />
      </section>
      <section class="panel" aria-label="Evidence">
        <h2 class="panel-title">Evidence</h2>
        <EvidencePanel />
      </section>
    </div>
  );
}

function Two() {
  return (
    <div class="desk-columns usual">
      <div class="stage">
        <Player />
        <Tabs tabs={["evidence", "measures"]} />
      </div>
      <section class="panel reading-panel" aria-label="Transcript">
        <h2 class="panel-title">Transcript</h2>
        <TranscriptPane />
      </section>
    </div>
  );
}

const LABELS: Record<Tab, string> = { transcript: "Transcript", evidence: "Evidence", measures: "Measures" };
const PANELS = { transcript: TranscriptPane, evidence: EvidencePanel, measures: MeasuresPanel };

function Tabs({ tabs }: { tabs: readonly [Tab, ...Tab[]] }) {
  const review = useReview();
  const open = useMemo(() => signal<Tab>(tabs[0]), []);
  const id = useId();
  const now = tabs.includes(open.value) ? open.value : tabs[0];
  const Panel = PANELS[now];
  const pieces = loaded(review.evidence.part.value)?.length;

  function onKeyDown(event: KeyboardEvent): void {
    const at = tabs.indexOf(now);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    const next = to === undefined ? undefined : tabs[(to + tabs.length) % tabs.length];
    if (!next) return;
    event.preventDefault();
    open.value = next;
    document.getElementById(`${id}-${next}`)?.focus();
  }

  return (
    <section class="panel">
      <div class="tabs" role="tablist" aria-label="Parts of the review" onKeyDown={onKeyDown}>
        {tabs.map((tab) => (
          <button
            key={tab}
            type="button"
            role="tab"
            id={`${id}-${tab}`}
            aria-selected={tab === now}
            aria-controls={`${id}-panel`}
            tabIndex={tab === now ? 0 : -1}
            onClick={() => {
              open.value = tab;
            }}
          >
            {LABELS[tab]}
            {tab === "evidence" && pieces !== undefined && <span class="number">{pieces}</span>}
          </button>
        ))}
      </div>
      <div
        class="panel-body"
        role="tabpanel"
        id={`${id}-panel`}
        aria-labelledby={`${id}-${now}`}
        tabIndex={-1}
      >
        <h2 class="unseen">{LABELS[now]}</h2>
        <Panel />
      </div>
    </section>
  );
}
