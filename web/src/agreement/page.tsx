import { useEffect, useState } from "preact/hooks";
import { ask, client } from "../api/client.ts";
import { asProblem, type Problem } from "../api/problem.ts";
import { announce } from "../app/announce.ts";
import { navigate, place } from "../app/router.ts";
import { useTitle } from "../app/title.ts";
import { Icon } from "../parts/icon.tsx";
import { ProblemNotice } from "../parts/notice.tsx";
import { Wait } from "../parts/wait.tsx";
import { plural } from "../words/amount.ts";
import { FigureSection } from "./figure.tsx";
import { agreementAddress, csvAddress, type Query, readQuery } from "./query.ts";
import { ScoreModelVersions } from "./score-model.tsx";
import type { Agreement, Figures } from "./types.ts";

const ASK_AGAIN_MS = 1000;

/** Whether the scores given here can be trusted, for somebody who was never in the room. */
export default function AgreementPage() {
  useTitle("Agreement");
  const query = readQuery(place.value.query);
  const address = agreementAddress(query);
  const [found, setFound] = useState<Agreement | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);

  useEffect(() => {
    let timer = 0;
    let over = false;
    async function load(): Promise<void> {
      try {
        const answer = await ask(client.GET("/api/agreement", { params: { query: parameters(query) } }));
        if (over) return;
        setFound(answer);
        setProblem(null);
        const busy = answer.computing || answer.score_model?.fitting;
        if (busy) timer = window.setTimeout(() => void load(), ASK_AGAIN_MS);
        else announce("Figures are ready");
      } catch (error) {
        if (!over) setProblem(asProblem(error));
      }
    }
    void load();
    return () => {
      over = true;
      window.clearTimeout(timer);
    };
  }, [address, round]);

  const again = () => setRound((n) => n + 1);
  const figures = found?.figures ?? null;
  return (
    <div class="page agreement-page">
      <header class="page-head">
        <h1 tabIndex={-1}>Agreement</h1>
        {figures && figures.n_scores > 0 && (
          <a class="button" href={csvAddress("ratings", query)} download>
            <Icon name="download" size={18} />
            Scores as CSV
          </a>
        )}
      </header>
      <p class="lead">
        How far people who scored the same recordings here agree, what machine suggestions do to their scores,
        and what those suggestions miss. Raters and submissions go by codes; no name, recording or comment is
        on this page.
      </p>
      {problem && <ProblemNotice problem={problem} retry={again} />}
      {!found && !problem && <Wait what="Opening the figures…" />}
      {found && found.rubrics.length === 0 && (
        <section class="invite card">
          <h2>Nothing has been reviewed yet</h2>
          <p>
            Figures appear here as soon as reviews are handed in; agreement needs recordings that two people
            have scored under the same rubric. Staff assign them in the queue.
          </p>
        </section>
      )}
      {found && found.rubrics.length > 0 && <Choices found={found} query={query} />}
      {found?.computing && <Wait what="Computing the figures… this takes some seconds" />}
      {found && figures && !found.computing && (
        <Sections found={found} figures={figures} query={query} again={again} />
      )}
    </div>
  );
}

function parameters({ rubric, arm, since, until, estimand }: Query) {
  return {
    arm,
    estimand,
    ...(rubric ? { rubric } : {}),
    ...(since ? { since } : {}),
    ...(until ? { until } : {}),
  };
}

function Choices({ found, query }: { found: Agreement; query: Query }) {
  function change(part: Partial<Query>): void {
    navigate(agreementAddress({ ...query, ...part }), { replace: true });
  }
  return (
    <search class="controls figure-choices">
      <label>
        <span>Rubric</span>
        <select
          class="field"
          value={found.chosen.rubric ?? ""}
          onChange={(event) => change({ rubric: event.currentTarget.value })}
        >
          {found.rubrics.map((one) => (
            <option key={one.hash} value={one.hash}>
              {one.title} {one.version} · {plural(one.n_double, "double read")}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>Scores</span>
        <select
          class="field"
          value={query.arm}
          onChange={(event) => change({ arm: event.currentTarget.value as Query["arm"] })}
        >
          {found.arms.map((one) => (
            <option key={one.id} value={one.id}>
              {one.label}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>From</span>
        <input
          class="field"
          type="date"
          value={query.since ?? ""}
          max={query.until ?? undefined}
          onChange={(event) => change({ since: event.currentTarget.value || null })}
        />
      </label>
      <label>
        <span>To</span>
        <input
          class="field"
          type="date"
          value={query.until ?? ""}
          min={query.since ?? undefined}
          onChange={(event) => change({ until: event.currentTarget.value || null })}
        />
      </label>
      <label>
        <span>About</span>
        <select
          class="field"
          value={query.estimand}
          onChange={(event) => change({ estimand: event.currentTarget.value as Query["estimand"] })}
        >
          <option value="these raters">these raters</option>
          <option value="raters like these">raters like these</option>
        </select>
      </label>
    </search>
  );
}

interface SectionsProps {
  found: Agreement;
  figures: Figures;
  query: Query;
  again: () => void;
}

function Sections({ found, figures, query, again }: SectionsProps) {
  const model = found.score_model;
  const rubric = found.chosen.rubric;
  return (
    <>
      <section class="card figure answer" aria-label="In short">
        {figures.lead.map((text) => (
          <p key={text}>{text}</p>
        ))}
        <p class="quiet">
          {plural(figures.n_scores, "score")} of {plural(figures.n_submissions, "submission")} by{" "}
          {plural(figures.n_raters, "rater")}
          {figures.first && figures.last && `, ${figures.first} to ${figures.last}`}. {figures.estimand}{" "}
          {figures.method}
        </p>
        {figures.notes.length > 0 && (
          <ul class="points quiet">
            {figures.notes.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        )}
      </section>
      <nav class="figure-list" aria-label="Figures">
        <ul>
          {figures.figures.map((one) => (
            <li key={one.id}>
              <a href={`#${one.id}`}>{one.title}</a>
              {!one.shown && <span class="chip">not yet</span>}
            </li>
          ))}
        </ul>
      </nav>
      {figures.figures.map((one) => (
        <FigureSection key={one.id} figure={one} query={query}>
          {one.id === "reliability" && model && rubric && (
            <ScoreModelVersions
              model={model}
              rubric={rubric}
              enough={!one.need || one.need.have >= one.need.needed}
              changed={again}
            />
          )}
        </FigureSection>
      ))}
    </>
  );
}
