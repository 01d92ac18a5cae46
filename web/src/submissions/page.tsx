import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { navigate, place } from "../app/router.ts";
import { useTitle } from "../app/title.ts";
import { Icon } from "../parts/icon.tsx";
import { ProblemNotice } from "../parts/notice.tsx";
import { Wait } from "../parts/wait.tsx";
import { mayUpload } from "../session/session.ts";
import { chooseFiles } from "../uploads/choose.ts";
import { addFiles, onSubmissionStarted } from "../uploads/queue.ts";
import { createListing } from "./listing.ts";
import {
  type ListQuery,
  listAddress,
  narrowed,
  PAGE_SIZE,
  readQuery,
  SORTS,
  type Sort,
  STATES,
} from "./query.ts";
import { Row } from "./row.tsx";

async function upload(): Promise<void> {
  await addFiles(await chooseFiles({ many: true }));
}

export default function SubmissionsPage() {
  useTitle("Submissions");
  const listing = useMemo(createListing, []);
  useEffect(() => {
    const forget = onSubmissionStarted((submission) => {
      listing.take(submission);
    });
    return () => {
      forget();
      listing.dispose();
    };
  }, [listing]);

  const query = readQuery(place.value.query);
  useEffect(() => listing.show(query), [listing, listAddress(query)]);

  const shown = listing.shown.value;
  const problem = listing.problem.value;
  const first = shown !== null && shown.total === 0 && !narrowed(query);
  return (
    <div class="page list-page">
      <header class="page-head">
        <h1 tabIndex={-1}>Submissions</h1>
        {!first && mayUpload() && (
          <button type="button" class="button strong" onClick={() => void upload()}>
            <Icon name="upload" />
            Upload recordings
          </button>
        )}
      </header>
      {!first && <Controls query={query} />}
      {problem && <ProblemNotice problem={problem} retry={() => void listing.reload()} />}
      {!shown && !problem && <Wait what="Opening the list…" />}
      {first && (mayUpload() ? <FirstUse /> : <NothingToSee />)}
      {shown && shown.total === 0 && narrowed(query) && <NothingFound />}
      {shown && shown.items.length > 0 && (
        <>
          <ul class="rows card" aria-busy={listing.loading.value}>
            {shown.items.map((submission) => (
              <Row key={submission.id} submission={submission} listing={listing} />
            ))}
          </ul>
          <Paging query={query} total={shown.total} />
          {shown.items.every((submission) => submission.is_sample) && !narrowed(query) && <OnlyTheSample />}
        </>
      )}
      {shown && shown.total > 0 && shown.items.length === 0 && <PastTheEnd query={query} />}
    </div>
  );
}

const PAUSE_MS = 250; // typing pauses this long before the list follows

function Controls({ query }: { query: ListQuery }) {
  const [text, setText] = useState(query.q);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setText(query.q), [query.q]);
  useEffect(() => () => clearTimeout(timer.current), []);

  function change(part: Partial<ListQuery>): void {
    navigate(listAddress({ ...query, page: 1, ...part }), { replace: true });
  }

  return (
    <search class="controls">
      <label class="search-field">
        <span class="unseen">Search by title</span>
        <Icon name="search" size={18} />
        <input
          class="field"
          type="search"
          placeholder="Search titles"
          value={text}
          onInput={(event) => {
            const q = event.currentTarget.value;
            setText(q);
            clearTimeout(timer.current);
            timer.current = setTimeout(() => change({ q: q.trim() }), PAUSE_MS);
          }}
        />
      </label>
      <label>
        <span>Show</span>
        <select
          class="field"
          value={query.state}
          onChange={(event) => change({ state: event.currentTarget.value as ListQuery["state"] })}
        >
          <option value="">All</option>
          {Object.entries(STATES).map(([state, label]) => (
            <option key={state} value={state}>
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
          onChange={(event) => change({ sort: event.currentTarget.value as Sort })}
        >
          {Object.entries(SORTS).map(([sort, label]) => (
            <option key={sort} value={sort}>
              {label}
            </option>
          ))}
        </select>
      </label>
    </search>
  );
}

function Paging({ query, total }: { query: ListQuery; total: number }) {
  const pages = Math.max(1, Math.ceil(total / PAGE_SIZE));
  const from = (query.page - 1) * PAGE_SIZE + 1;
  const to = Math.min(total, query.page * PAGE_SIZE);
  return (
    <nav class="paging" aria-label="Pages">
      <span class="number">{total <= PAGE_SIZE ? `${total} in all` : `${from}–${to} of ${total}`}</span>
      {pages > 1 && (
        <span class="actions">
          <PageLink query={query} page={query.page - 1} pages={pages} label="Previous" />
          <PageLink query={query} page={query.page + 1} pages={pages} label="Next" />
        </span>
      )}
    </nav>
  );
}

function PageLink({
  query,
  page,
  pages,
  label,
}: {
  query: ListQuery;
  page: number;
  pages: number;
  label: string;
}) {
  if (page < 1 || page > pages)
    return (
      <span class="button small" aria-disabled="true">
        {label}
      </span>
    );
  return (
    <a class="button small" href={listAddress({ ...query, page })} onClick={() => window.scrollTo(0, 0)}>
      {label}
    </a>
  );
}

function FirstUse() {
  return (
    <section class="first card">
      <div class="first-art" aria-hidden="true">
        <i class="voice" />
        <i class="relevance" />
        <i class="questions" />
      </div>
      <h2>Nothing here yet</h2>
      <p>
        Drop a recording of a session anywhere on this page: a video or just the sound, up to a few hours
        long. Lookfors writes down what is said, tells facilitator from youth, and points you to the moments
        worth your attention.
      </p>
      <div class="actions">
        <button type="button" class="button strong" onClick={() => void upload()}>
          <Icon name="upload" />
          Choose recordings
        </button>
      </div>
      <p class="quiet">Nothing leaves the computer Lookfors runs on.</p>
    </section>
  );
}

function NothingToSee() {
  return (
    <section class="invite">
      <h2>Nothing here for you yet</h2>
      <p>Recordings appear here as soon as someone hands one in that you may see.</p>
    </section>
  );
}

function OnlyTheSample() {
  return (
    <section class="invite">
      <h2>This is a made-up scene to look around in</h2>
      <p>
        Open it to see what Lookfors makes of a session. Then drop a recording of your own anywhere on this
        page.
      </p>
    </section>
  );
}

function NothingFound() {
  return (
    <section class="invite">
      <h2>No submission matches</h2>
      <p>Try fewer letters of the title, or show all states.</p>
      <div class="actions">
        <a class="button" href="/">
          Show all
        </a>
      </div>
    </section>
  );
}

function PastTheEnd({ query }: { query: ListQuery }) {
  return (
    <section class="invite">
      <h2>This page of the list is empty now</h2>
      <div class="actions">
        <a class="button" href={listAddress({ ...query, page: 1 })}>
          Go to the first page
        </a>
      </div>
    </section>
  );
}
