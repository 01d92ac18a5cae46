import { useEffect, useMemo } from "preact/hooks";
import { announce } from "../app/announce.ts";
import { NotFound } from "../app/plates.tsx";
import { useTitle } from "../app/title.ts";
import { ProblemNotice } from "../parts/notice.tsx";
import { Wait } from "../parts/wait.tsx";
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
    return () => {
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
