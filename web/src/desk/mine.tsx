import { useEffect, useState } from "preact/hooks";
import { ask, client } from "../api/client.ts";
import { onReconnect, onSubmission } from "../api/events.ts";
import { asProblem, type Problem } from "../api/problem.ts";
import { useTitle } from "../app/title.ts";
import { ProblemNotice } from "../parts/notice.tsx";
import { Wait } from "../parts/wait.tsx";
import { length } from "../words/time.ts";
import { due } from "./due.ts";
import type { ReviewBrief } from "./types.ts";

/** What one reviewer has to do, the soonest due first, and what they have handed in. */
export default function MyReviews() {
  useTitle("My reviews");
  const [items, setItems] = useState<readonly ReviewBrief[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  async function load(): Promise<void> {
    try {
      setItems((await ask(client.GET("/api/reviews"))).items);
      setProblem(null);
    } catch (error) {
      setProblem(asProblem(error));
    }
  }
  useEffect(() => {
    void load();
    const stops = [onSubmission(() => void load()), onReconnect(() => void load())];
    return () => {
      for (const stop of stops) stop();
    };
  }, []);
  return (
    <div class="page list-page">
      <header class="page-head">
        <h1 tabIndex={-1}>My reviews</h1>
      </header>
      {problem && <ProblemNotice problem={problem} retry={() => void load()} />}
      {!items && !problem && <Wait what="Opening your reviews…" />}
      {items?.length === 0 && (
        <section class="invite">
          <h2>Nothing is waiting for you</h2>
          <p>Recordings appear here when program staff ask you to review them.</p>
        </section>
      )}
      {items && items.length > 0 && (
        <ul class="rows card">
          {items.map((one) => (
            <Line key={one.id} one={one} />
          ))}
        </ul>
      )}
    </div>
  );
}

function Line({ one }: { one: ReviewBrief }) {
  return (
    <li class="work-line">
      <div>
        <h2>{one.ready ? <a href={`/reviews/${one.id}`}>{one.title}</a> : one.title}</h2>
        <p class="row-facts">
          <span>{one.rubric_title}</span>
          {one.duration != null && <span class="number">{length(one.duration)}</span>}
          {!one.ready && <span>The recording is not ready yet</span>}
        </p>
      </div>
      <p class="row-facts">
        <span class="number">
          {one.scored} of {one.criteria} scored
        </span>
        {one.state === "submitted" ? <span class="chip">Handed in</span> : <span>{due(one.due_at)}</span>}
      </p>
    </li>
  );
}
