import { useEffect, useState } from "preact/hooks";
import { ask, client } from "../api/client.ts";
import { asProblem, type Problem } from "../api/problem.ts";
import { announce } from "../app/announce.ts";
import { NotFound } from "../app/plates.tsx";
import { useTitle } from "../app/title.ts";
import type { Comparison } from "../desk/types.ts";
import { LOOK_FORS } from "../parts/look-fors.ts";
import { Notice, ProblemNotice } from "../parts/notice.tsx";
import { Wait } from "../parts/wait.tsx";
import { clock, clockRange, fullDate, length } from "../words/time.ts";

type Compared = Comparison["rubrics"][number];
type ComparedReview = Compared["reviews"][number];

/** Finished reviews side by side, their evidence on one timeline, and the settlement of what differs. */
export default function ComparisonPage({ id }: { id: string }) {
  const [comparison, setComparison] = useState<Comparison | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const at = { params: { path: { submission_id: id } } };
  async function load(): Promise<void> {
    try {
      setComparison(await ask(client.GET("/api/submissions/{submission_id}/comparison", at)));
      setProblem(null);
    } catch (error) {
      setProblem(asProblem(error));
    }
  }
  useEffect(() => void load(), [id]);
  useTitle(comparison ? `Comparison: ${comparison.title}` : "Comparison");

  if (problem?.status === 404) return <NotFound what="submission" />;
  return (
    <div class="page compare">
      <header class="page-head">
        <h1 tabIndex={-1}>{comparison?.title ?? "Comparison"}</h1>
        <a class="button" href={`/submissions/${id}`}>
          Open the recording
        </a>
      </header>
      {problem && <ProblemNotice problem={problem} retry={() => void load()} />}
      {!comparison && !problem && <Wait what="Opening the reviews…" />}
      {comparison?.rubrics.length === 0 && (
        <Notice>
          <p>No review of this recording is finished yet.</p>
          <p>Reviews in progress are nobody's but their reviewer's.</p>
        </Notice>
      )}
      {comparison?.rubrics.map((one) => (
        <RubricSection
          key={one.rubric.id}
          one={one}
          duration={comparison.duration ?? 0}
          settle={async (criterion, level, reason) => {
            try {
              setComparison(
                await ask(
                  client.POST("/api/submissions/{submission_id}/adjudications", {
                    ...at,
                    body: { rubric_id: one.rubric.id, criterion, level, reason },
                  }),
                ),
              );
              setProblem(null);
              announce("Settled.");
            } catch (error) {
              setProblem(asProblem(error));
            }
          }}
        />
      ))}
    </div>
  );
}

interface SectionProps {
  one: Compared;
  duration: number;
  settle: (criterion: string, level: string, reason: string) => Promise<void>;
}

function levelLabel(one: Compared, level: string): string {
  return one.rubric.levels.find((known) => known.id === level)?.label ?? "Cannot tell";
}

function RubricSection({ one, duration, settle }: SectionProps) {
  return (
    <section class="card compare-rubric">
      <h2>{one.rubric.title}</h2>
      {one.reviews.length < 2 && <p class="quiet">One review is finished; a second is needed to compare.</p>}
      <Timeline one={one} duration={duration} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, and keys must reach that too */}
      <section class="compare-scroll" aria-label={`Scores by ${one.rubric.title}`} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Criterion</th>
              {one.reviews.map((review) => (
                <th key={review.assignment_id} scope="col">
                  {review.reviewer.name}
                </th>
              ))}
              <th scope="col">Settlement</th>
            </tr>
          </thead>
          <tbody>
            {one.rubric.criteria.map((criterion) => (
              <tr key={criterion.id} class={one.differs.includes(criterion.id) ? "differs" : undefined}>
                <th scope="row">{criterion.label}</th>
                {one.reviews.map((review) => (
                  <td key={review.assignment_id}>
                    <Given one={one} review={review} criterion={criterion.id} />
                  </td>
                ))}
                <td>
                  <Settlement one={one} criterion={criterion.id} settle={settle} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

function Given({ one, review, criterion }: { one: Compared; review: ComparedReview; criterion: string }) {
  const score = review.scores.find((given) => given.criterion === criterion);
  if (!score) return null;
  return (
    <>
      <b>{levelLabel(one, score.level)}</b>
      {score.first_level !== score.level && (
        <p class="quiet">
          First {levelLabel(one, score.first_level)}; changed after suggestions: “{score.reason}”
        </p>
      )}
      {review.cited
        .filter((moment) => moment.criteria.includes(criterion))
        .map((moment) => (
          <p key={moment.id} class="compare-moment">
            <span class="time">{clockRange(moment.start, moment.end)}</span>{" "}
            {moment.text ? `“${moment.text}”` : LOOK_FORS[moment.indicator].label}
            {moment.own && <span class="quiet"> (own mark)</span>}
          </p>
        ))}
      {score.seen && <p class="compare-moment">Seen: {score.seen}</p>}
      {score.feedback && <p class="quiet">Feedback: {score.feedback}</p>}
    </>
  );
}

function Settlement({
  one,
  criterion,
  settle,
}: {
  one: Compared;
  criterion: string;
  settle: SectionProps["settle"];
}) {
  const held = one.settlements.find((known) => known.criterion === criterion);
  const [open, setOpen] = useState(false);
  const [level, setLevel] = useState(held?.level ?? "");
  const [reason, setReason] = useState("");
  const differs = one.differs.includes(criterion);
  if (!open)
    return (
      <>
        {held && (
          <>
            <b>{levelLabel(one, held.level)}</b>
            <p class="quiet">
              {held.by.name}, {fullDate(held.at)}: “{held.reason}”
            </p>
          </>
        )}
        {!held && !differs && <span class="quiet">They agree</span>}
        {differs && (
          <button type="button" class="button small" onClick={() => setOpen(true)}>
            {held ? "Settle anew" : "Settle"}
          </button>
        )}
      </>
    );
  return (
    <form
      class="settle"
      onSubmit={(event) => {
        event.preventDefault();
        void settle(criterion, level, reason).then(() => setOpen(false));
      }}
    >
      <label>
        <span>Level</span>
        <select
          class="field"
          required
          value={level}
          onChange={(event) => setLevel(event.currentTarget.value)}
        >
          <option value="">Choose</option>
          {one.rubric.levels.map((known) => (
            <option key={known.id} value={known.id}>
              {known.label}
            </option>
          ))}
          {one.rubric.allow_cannot_tell && <option value="cannot_tell">Cannot tell</option>}
        </select>
      </label>
      <label>
        <span>Reason</span>
        <textarea
          class="field"
          required
          rows={3}
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      <div class="actions">
        <button type="button" class="button small" onClick={() => setOpen(false)}>
          Not now
        </button>
        <button type="submit" class="button small strong">
          Record
        </button>
      </div>
    </form>
  );
}

/** One lane a reviewer; a moment two of them cite stands above itself. */
function Timeline({ one, duration }: { one: Compared; duration: number }) {
  if (duration <= 0) return null;
  return (
    <figure class="compare-lanes">
      <figcaption class="quiet">Cited moments, 0:00 to {length(duration)}</figcaption>
      {one.reviews.map((review) => (
        <div key={review.assignment_id}>
          <span>{review.reviewer.name}</span>
          <div class="compare-lane">
            {review.cited.map((moment) =>
              moment.start === null || moment.end === null ? null : (
                <a
                  key={moment.id}
                  class={LOOK_FORS[moment.indicator].tone}
                  href={`/submissions/${window.location.pathname.split("/")[2]}?t=${moment.start}`}
                  style={{
                    left: `${(100 * moment.start) / duration}%`,
                    width: `max(6px, ${(100 * (moment.end - moment.start)) / duration}%)`,
                  }}
                >
                  <span class="unseen">
                    {LOOK_FORS[moment.indicator].label} at {clock(moment.start)}
                  </span>
                </a>
              ),
            )}
          </div>
        </div>
      ))}
    </figure>
  );
}
