import { useState } from "preact/hooks";
import { ask, client } from "../api/client.ts";
import { asProblem, type Problem } from "../api/problem.ts";
import type { PersonRow, RubricBrief } from "../desk/types.ts";
import { Dialog } from "../parts/dialog.tsx";
import { ProblemNotice } from "../parts/notice.tsx";
import { plural } from "../words/amount.ts";

const RATERS = new Set(["reviewer", "staff", "admin"]);

interface AssignProps {
  submissions: readonly string[];
  people: readonly PersonRow[];
  rubrics: readonly RubricBrief[];
  onClose: () => void;
  onDone: (words: string) => void;
}

/** Hands the chosen recordings to reviewers; how each of them will see suggestions is drawn then and told to nobody. */
export function AssignDialog({ submissions, people, rubrics, onClose, onDone }: AssignProps) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [rubric, setRubric] = useState(rubrics[0]?.id ?? "");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const raters = people.filter((person) => person.roles.some((role) => RATERS.has(role)));

  async function assign(): Promise<void> {
    setBusy(true);
    try {
      const answer = await ask(
        client.POST("/api/assignments", {
          body: {
            submission_ids: [...submissions],
            reviewer_ids: [...chosen],
            rubric_id: rubric,
            preview: false,
          },
        }),
      );
      const left = answer.items.length - answer.assigned;
      onDone(
        `${plural(answer.assigned, "review")} assigned.${left > 0 ? ` ${left} left out: assigned already, or the reviewer's own upload.` : ""}`,
      );
    } catch (error) {
      setProblem(asProblem(error));
      setBusy(false);
    }
  }

  return (
    <Dialog title={`Assign ${plural(submissions.length, "recording")}`} onClose={onClose}>
      {problem && <ProblemNotice problem={problem} />}
      <label class="assign-rubric">
        <span>Score by</span>
        <select class="field" value={rubric} onChange={(event) => setRubric(event.currentTarget.value)}>
          {rubrics.map((one) => (
            <option key={one.id} value={one.id}>
              {one.title}
            </option>
          ))}
        </select>
      </label>
      <fieldset class="assign-people">
        <legend>Reviewers</legend>
        {raters.length === 0 && (
          <p class="quiet">
            Nobody can review yet. Add people with <code>lookfors people add NAME --role reviewer</code>.
          </p>
        )}
        {raters.map((person) => (
          <label key={person.id}>
            <input
              type="checkbox"
              checked={chosen.has(person.id)}
              onChange={() => {
                const next = new Set(chosen);
                if (!next.delete(person.id)) next.add(person.id);
                setChosen(next);
              }}
            />
            <span>
              {person.name} <span class="quiet">{plural(person.waiting, "review")} waiting</span>
            </span>
          </label>
        ))}
      </fieldset>
      <footer>
        <button type="button" class="button" onClick={onClose}>
          Not now
        </button>
        <button
          type="button"
          class="button strong"
          disabled={busy || chosen.size === 0 || !rubric}
          onClick={() => void assign()}
        >
          Assign
        </button>
      </footer>
    </Dialog>
  );
}
