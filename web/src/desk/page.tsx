import { signal } from "@preact/signals";
import { useEffect, useId, useMemo, useState } from "preact/hooks";
import { aborted, ask, client } from "../api/client.ts";
import { asProblem, type Problem } from "../api/problem.ts";
import { NotFound } from "../app/plates.tsx";
import { useTitle } from "../app/title.ts";
import { ProblemNotice } from "../parts/notice.tsx";
import { Wait } from "../parts/wait.tsx";
import { Warnings } from "../review/header.tsx";
import { SessionMap } from "../review/map/map.tsx";
import { Player } from "../review/player/player.tsx";
import { ReviewContext } from "../review/review.ts";
import { TranscriptPane } from "../review/transcript/transcript.tsx";
import { EvidenceDesk } from "./cards.tsx";
import { createDesk, type Desk, DeskContext, type Tab, useDesk } from "./desk.ts";
import { Gears } from "./going.tsx";
import { MapHandles, TextHandles } from "./handles.tsx";
import { Clashed, Head } from "./head.tsx";
import { addDeskKeys } from "./keys.ts";
import { RubricPanel } from "./rubric.tsx";
import type { ReviewRead } from "./types.ts";

/** Opens the review: from here on its protocol is known and everything done in it is kept. */
export default function DeskPage({ id }: { id: string }) {
  const [opened, setOpened] = useState<ReviewRead | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    const leaving = new AbortController();
    ask(
      client.POST("/api/reviews/{review_id}/open", {
        params: { path: { review_id: id } },
        signal: leaving.signal,
      }),
    ).then(setOpened, (error: unknown) => {
      if (!aborted(error)) setProblem(asProblem(error));
    });
    return () => leaving.abort();
  }, [id, tries]);

  if (problem?.status === 404) return <NotFound what="review" />;
  if (problem)
    return (
      <div class="page">
        <ProblemNotice
          problem={problem}
          retry={() => {
            setProblem(null);
            setTries(tries + 1);
          }}
        />
      </div>
    );
  return opened ? <Opened review={opened} /> : <Wait what="Opening the review…" />;
}

function Opened({ review }: { review: ReviewRead }) {
  const desk = useMemo(() => createDesk(review), [review]);
  useEffect(() => {
    const forgetKeys = addDeskKeys(desk);
    return () => {
      forgetKeys();
      desk.dispose();
    };
  }, [desk]);
  useTitle(review.title);
  return (
    <DeskContext.Provider value={desk}>
      <ReviewContext.Provider value={desk.recording}>
        <div class="desk ready reviewing">
          <Head />
          <Clashed />
          <Warnings warnings={desk.recording.submission.value?.warnings ?? []} />
          <Parts desk={desk} />
        </div>
      </ReviewContext.Provider>
    </DeskContext.Provider>
  );
}

type Room = "narrow" | "usual" | "wide";
const WIDE = window.matchMedia("(min-width: 112rem)");
const NARROW = window.matchMedia("(max-width: 56rem)");
function measureRoom(): Room {
  if (NARROW.matches) return "narrow";
  return WIDE.matches ? "wide" : "usual";
}
const room = signal<Room>(measureRoom());
for (const query of [WIDE, NARROW])
  query.addEventListener("change", () => {
    room.value = measureRoom();
  });

function DeskTranscript() {
  return <TranscriptPane over={<TextHandles />} />;
}

function Parts({ desk }: { desk: Desk }) {
  const width = room.value;
  const loading = desk.recording.submission.value === null;
  if (loading) return <Wait what="Opening the recording…" />;
  if (width === "narrow")
    return (
      <div class="desk-columns narrow">
        <Player />
        <SessionMap Over={MapHandles} />
        <Gears />
        <Tabs tabs={["transcript", "evidence", "rubric"]} />
      </div>
    );
  return (
    <>
      <SessionMap Over={MapHandles} />
      <div class={`desk-columns ${width}`}>
        <div class="stage">
          <Player />
          <Gears />
        </div>
        <section class="panel reading-panel" aria-label="Transcript">
          <h2 class="panel-title">Transcript</h2>
          <DeskTranscript />
        </section>
        {width === "usual" && <Tabs tabs={["rubric", "evidence"]} />}
        {width === "wide" && (
          <>
            <section class="panel" aria-label="Evidence">
              <h2 class="panel-title">Evidence</h2>
              <EvidenceDesk />
            </section>
            <section class="panel" aria-label="Rubric">
              <h2 class="panel-title">{desk.review.value.rubric_title}</h2>
              <RubricPanel />
            </section>
          </>
        )}
      </div>
    </>
  );
}

const LABELS: Record<Tab, string> = { rubric: "Rubric", evidence: "Evidence", transcript: "Transcript" };
const PANELS = { rubric: RubricPanel, evidence: EvidenceDesk, transcript: DeskTranscript };

function Tabs({ tabs }: { tabs: readonly [Tab, ...Tab[]] }) {
  const desk = useDesk();
  const open = desk.tab;
  const id = useId();
  const now = tabs.find((tab) => tab === open.value) ?? tabs[0];
  const Panel = PANELS[now];
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
            {tab === "evidence" && desk.recording.hidden.value.size === 0 && (
              <span class="number">{desk.cards.value.length + desk.own.value.length}</span>
            )}
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
