import { useEffect, useMemo } from "preact/hooks";
import { announce } from "../app/announce.ts";
import { addShortcuts } from "../app/keymap.ts";
import { NotFound } from "../app/plates.tsx";
import { useTitle } from "../app/title.ts";
import { createCorrections } from "../corrections/corrections.ts";
import { ProblemNotice } from "../parts/notice.tsx";
import { Wait } from "../parts/wait.tsx";
import { mayAssign } from "../session/session.ts";
import { Columns } from "./columns.tsx";
import { Header, Warnings } from "./header.tsx";
import { addReviewKeys } from "./keys.ts";
import { Player } from "./player/player.tsx";
import { createReview, type Review, ReviewContext } from "./review.ts";
import { Work } from "./work.tsx";

export default function ReviewPage({ id }: { id: string }) {
  const review = useMemo(() => createReview(id), [id]);
  useEffect(() => {
    const forgetKeys = addReviewKeys(review);
    const start = Number(new URLSearchParams(window.location.search).get("t"));
    if (start > 0) review.clock.seek(start);
    const stopCorrecting = mayAssign() ? correctHere(review) : null;
    return () => {
      stopCorrecting?.();
      forgetKeys();
      review.dispose();
    };
  }, [review]);
  return (
    <ReviewContext.Provider value={review}>
      <Desk review={review} />
    </ReviewContext.Provider>
  );
}

/** Staff correct the transcript here as reviewers do in their reviews; Z takes the last correction back. */
function correctHere(review: Review): () => void {
  const done: (() => void)[] = [];
  const corrections = createCorrections(
    review,
    (_, takeBack) => done.push(takeBack),
    () => true,
  );
  review.corrections.value = corrections;
  const undo = () => {
    const last = done.pop();
    last?.();
    announce(last ? "Undone" : "Nothing to undo");
  };
  const forget = addShortcuts([
    { id: "undo", group: "Transcript", label: "Undo a correction", keys: ["z"], run: undo },
  ]);
  return () => {
    forget();
    corrections.dispose();
  };
}

function Desk({ review }: { review: Review }) {
  const submission = review.submission.value;
  const problem = review.problem.value;
  const finished = review.finished.value;
  useTitle(submission?.title ?? "Submission");
  useEffect(() => {
    if (finished) announce("The results are here.");
  }, [finished]);

  if (review.removed.value || problem?.status === 404) return <NotFound what="submission" />;
  if (!submission)
    return problem ? (
      <div class="page">
        <ProblemNotice problem={problem} retry={() => void review.load()} />
      </div>
    ) : (
      <Wait what="Opening the submission…" />
    );
  return (
    <div class={`desk ${finished ? "ready" : "unready"}`}>
      <Header submission={submission} />
      <Warnings warnings={submission.warnings} />
      {finished ? (
        <Columns />
      ) : (
        <div class="desk-work">
          <Work submission={submission} />
          <Player />
        </div>
      )}
    </div>
  );
}
