import { useEffect, useState } from "preact/hooks";
import { ask, client } from "../api/client.ts";
import { onReconnect, onSubmission } from "../api/events.ts";
import { asProblem, type Problem } from "../api/problem.ts";
import { announce } from "../app/announce.ts";
import { navigate, place } from "../app/router.ts";
import { useTitle } from "../app/title.ts";
import { due } from "../desk/due.ts";
import type { PersonRow, QueueRow, RubricBrief } from "../desk/types.ts";
import { Icon } from "../parts/icon.tsx";
import { ProblemNotice } from "../parts/notice.tsx";
import { Wait } from "../parts/wait.tsx";
import { percent } from "../words/amount.ts";
import { ago, fullDate, length } from "../words/time.ts";
import { AssignDialog } from "./assign.tsx";
import { PAGE_SIZE, type Query, queueAddress, readQueueQuery, SHOWN, SORTED } from "./query.ts";

interface Loaded {
  rows: readonly QueueRow[];
  total: number;
}

/** Everything that waits for people: who reviews what, by when, and where reviewers differ. */
export default function QueuePage() {
  useTitle("Queue");
  const query = readQueueQuery(place.value.query);
  const [found, setFound] = useState<Loaded | null>(null);
  const [people, setPeople] = useState<readonly PersonRow[]>([]);
  const [rubrics, setRubrics] = useState<readonly RubricBrief[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [assigning, setAssigning] = useState(false);

  async function load(): Promise<void> {
    try {
      const page = await ask(
        client.GET("/api/queue", {
          params: {
            query: {
              show: query.show,
              sort: query.sort,
              page: query.page,
              page_size: PAGE_SIZE,
              ...(query.q ? { q: query.q } : {}),
            },
          },
        }),
      );
      setFound({ rows: page.items, total: page.total });
      setPeople((await ask(client.GET("/api/people"))).items);
      setProblem(null);
    } catch (error) {
      setProblem(asProblem(error));
    }
  }
  const address = queueAddress(query);
  useEffect(() => {
    void load();
    const stops = [onSubmission(() => void load()), onReconnect(() => void load())];
    return () => {
      for (const stop of stops) stop();
    };
  }, [address]);
  useEffect(() => {
    ask(client.GET("/api/rubrics")).then(setRubrics, () => setRubrics([]));
  }, []);

  function change(part: Partial<Query>): void {
    setChosen(new Set());
    navigate(queueAddress({ ...query, page: 1, ...part }), { replace: true });
  }
  function choose(id: string): void {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  }

  return (
    <div class="page list-page">
      <header class="page-head">
        <h1 tabIndex={-1}>Queue</h1>
        <span class="actions">
          <a class="button" href="/queue/program">
            Program
          </a>
          <button
            type="button"
            class="button strong"
            disabled={chosen.size === 0}
            onClick={() => setAssigning(true)}
          >
            {chosen.size === 0 ? "Choose recordings to assign" : `Assign ${chosen.size} to reviewers`}
          </button>
        </span>
      </header>
      <Controls query={query} change={change} />
      {problem && <ProblemNotice problem={problem} retry={() => void load()} />}
      {!found && !problem && <Wait what="Opening the queue…" />}
      {found && found.rows.length === 0 && (
        <section class="invite">
          <h2>Nothing here</h2>
          <p>
            {query.show === "all" && !query.q
              ? "No recording has been handed in."
              : "Nothing matches these choices."}
          </p>
        </section>
      )}
      {found && found.rows.length > 0 && (
        <ul class="rows card">
          {found.rows.map((row) => (
            <Row
              key={row.submission_id}
              row={row}
              chosen={chosen.has(row.submission_id)}
              choose={() => choose(row.submission_id)}
              reload={load}
              fail={setProblem}
            />
          ))}
        </ul>
      )}
      {found && <Paging query={query} total={found.total} />}
      {assigning && (
        <AssignDialog
          submissions={[...chosen]}
          people={people}
          rubrics={rubrics}
          onClose={() => setAssigning(false)}
          onDone={(words) => {
            setAssigning(false);
            setChosen(new Set());
            announce(words);
            void load();
          }}
        />
      )}
    </div>
  );
}

function Controls({ query, change }: { query: Query; change: (part: Partial<Query>) => void }) {
  return (
    <search class="controls">
      <label class="search-field">
        <span class="unseen">Search by title</span>
        <Icon name="search" size={18} />
        <input
          class="field"
          type="search"
          placeholder="Search titles"
          value={query.q}
          onChange={(event) => change({ q: event.currentTarget.value.trim() })}
        />
      </label>
      <label>
        <span>Show</span>
        <select
          class="field"
          value={query.show}
          onChange={(event) => change({ show: event.currentTarget.value as Query["show"] })}
        >
          {Object.entries(SHOWN).map(([id, label]) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>Sort</span>
        <select
          class="field"
          value={query.sort}
          onChange={(event) => change({ sort: event.currentTarget.value as Query["sort"] })}
        >
          {Object.entries(SORTED).map(([id, label]) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </select>
      </label>
    </search>
  );
}

interface RowProps {
  row: QueueRow;
  chosen: boolean;
  choose: () => void;
  reload: () => Promise<void>;
  fail: (problem: Problem) => void;
}

const STATE_WORDS: Record<QueueRow["state"], string> = {
  received: "Received",
  processing: "Being prepared",
  ready: "Ready",
  failed: "Preparation failed",
  cancelled: "Cancelled",
};

function Row({ row, chosen, choose, reload, fail }: RowProps) {
  const open = row.differences.filter((one) => !one.settled);
  const settled = row.differences.length - open.length;
  return (
    <li class="queue-row">
      <label class="pick">
        <input type="checkbox" checked={chosen} onChange={choose} />
        <span class="unseen">Choose {row.title}</span>
      </label>
      <div class="queue-what">
        <h2>
          <a href={`/submissions/${row.submission_id}`}>{row.title}</a>
        </h2>
        <p class="row-facts">
          <span>{STATE_WORDS[row.state]}</span>
          {row.duration != null && <span class="number">{length(row.duration)}</span>}
          {row.coverage != null && <span>{percent(row.coverage)} of speech recognised</span>}
          {row.has_sound === false && <span>No sound</span>}
          {row.has_picture === false && <span>No picture</span>}
          <time dateTime={row.created_at} title={fullDate(row.created_at)}>
            handed in {ago(row.created_at)}
          </time>
          {row.due_at && <span class={row.overdue ? "overdue" : undefined}>{due(row.due_at)}</span>}
        </p>
        {row.second_read && <SecondRead told={row.second_read} />}
        {row.warnings.map((warning) => (
          <p key={warning.code} class="queue-note">
            <Icon name="warn" size={16} />
            {warning.text}
          </p>
        ))}
        {open.length > 0 && (
          <p class="queue-note">
            <Icon name="info" size={16} />
            Reviewers differ on {open.map((one) => `${one.label} (${one.levels.join(" / ")})`).join("; ")}.{" "}
            <a href={`/submissions/${row.submission_id}/comparison`}>Compare and settle</a>
          </p>
        )}
        {open.length === 0 && settled > 0 && (
          <p class="queue-note">
            <Icon name="check" size={16} />
            Differences are settled. <a href={`/submissions/${row.submission_id}/comparison`}>See how</a>
          </p>
        )}
      </div>
      <ul class="queue-people">
        {row.reviewers.length === 0 && <li class="quiet">Nobody assigned</li>}
        {row.reviewers.map((one) => (
          <Reviewer key={one.assignment_id} one={one} reload={reload} fail={fail} />
        ))}
      </ul>
    </li>
  );
}

/** How likely a second reader is to decide otherwise; what it is made of is one tap away. */
function SecondRead({ told }: { told: NonNullable<QueueRow["second_read"]> }) {
  return (
    <details class="second-read">
      <summary>
        <span>Chance that a second read flips the decision</span>{" "}
        <meter min={0} max={1} value={told.p} aria-hidden="true" /> <b class="number">{percent(told.p)}</b>
      </summary>
      <p>
        {told.text} From how often two people who read the same recording on their own gave each pair of
        levels, and from what the recording's measures say, learned on {told.rubric_title} scores given
        without suggestions. It says where a second read is worth most, not what the score is.{" "}
        <a href="/agreement">How reliable it is</a>
      </p>
    </details>
  );
}

interface ReviewerProps {
  one: QueueRow["reviewers"][number];
  reload: () => Promise<void>;
  fail: (problem: Problem) => void;
}

function Reviewer({ one, reload, fail }: ReviewerProps) {
  const [asking, setAsking] = useState(false);
  async function withdraw(): Promise<void> {
    try {
      await ask(
        client.DELETE("/api/assignments/{assignment_id}", {
          params: { path: { assignment_id: one.assignment_id } },
        }),
      );
      await reload();
    } catch (error) {
      fail(asProblem(error));
    }
  }
  const progress =
    one.state === "submitted"
      ? "handed in"
      : one.state === "assigned"
        ? "not begun"
        : `${one.scored} of ${one.criteria} scored`;
  return (
    <li>
      <span>
        <b>{one.reviewer.name}</b> · {one.rubric_title} · {progress}
        {one.overdue && <span class="overdue"> · {due(one.due_at)}</span>}
      </span>
      {one.state !== "submitted" &&
        (asking ? (
          <span class="actions">
            <button type="button" class="button small" onClick={() => setAsking(false)}>
              Keep
            </button>
            <button type="button" class="button small bad" onClick={() => void withdraw()}>
              Take back
            </button>
          </span>
        ) : (
          <button
            type="button"
            class="button small plain"
            aria-label={`Take back the review by ${one.reviewer.name}`}
            onClick={() => setAsking(true)}
          >
            Take back
          </button>
        ))}
    </li>
  );
}

function Paging({ query, total }: { query: Query; total: number }) {
  const pages = Math.max(1, Math.ceil(total / PAGE_SIZE));
  if (pages === 1) return null;
  return (
    <nav class="paging" aria-label="Pages">
      <span class="number">
        Page {query.page} of {pages}
      </span>
      <span class="actions">
        {query.page > 1 && (
          <a class="button small" href={queueAddress({ ...query, page: query.page - 1 })}>
            Previous
          </a>
        )}
        {query.page < pages && (
          <a class="button small" href={queueAddress({ ...query, page: query.page + 1 })}>
            Next
          </a>
        )}
      </span>
    </nav>
  );
}
