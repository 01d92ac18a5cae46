import { useState } from "preact/hooks";
import { ask, client } from "../api/client.ts";
import { asProblem, type Problem } from "../api/problem.ts";
import { ProblemNotice } from "../parts/notice.tsx";
import { fullDate } from "../words/time.ts";
import type { ScoreModel } from "./types.ts";

interface Props {
  model: ScoreModel;
  rubric: string;
  enough: boolean;
  changed: () => void;
}

/** Staff fit the score model anew; everybody sees which versions there were and which one is in use. */
export function ScoreModelVersions({ model, rubric, enough, changed }: Props) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [asked, setAsked] = useState(false);

  async function fit(): Promise<void> {
    setProblem(null);
    setAsked(true);
    try {
      await ask(client.POST("/api/score-model/fits", { body: { rubric } }));
      changed();
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setAsked(false);
    }
  }

  const busy = asked || model.fitting;
  return (
    <div class="score-model">
      {problem && <ProblemNotice problem={problem} />}
      {model.message && !busy && <p role="status">{model.message}</p>}
      {model.may_refit && (enough || model.versions.length > 0) && (
        <div class="actions">
          <button type="button" class="button" disabled={busy} onClick={() => void fit()}>
            {busy ? "Fitting…" : model.versions.length > 0 ? "Fit it anew" : "Fit it"}
          </button>
          <span class="quiet">A new fit replaces the last one only if it foretells no worse.</span>
        </div>
      )}
      {model.versions.length > 0 && (
        <details class="twin">
          <summary>Versions</summary>
          <ul class="apa">
            {model.versions.map((one) => (
              <li key={`${one.version} ${one.created_at}`}>
                <b>{one.used ? "In use" : "Not in use"}</b> · <code>{one.version.slice(0, 12)}</code> ·{" "}
                <time dateTime={one.created_at}>{fullDate(one.created_at)}</time> · {one.n_scores} scores of{" "}
                {one.n_submissions} submissions. {one.text}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
