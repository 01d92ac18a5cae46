import type { Measure } from "../../api/types.ts";
import { ProblemNotice } from "../../parts/notice.tsx";
import { Wait } from "../../parts/wait.tsx";
import { amount, amountRange, percent } from "../../words/amount.ts";
import { useReview } from "../review.ts";
import { Hearing } from "./hearing.tsx";

/** What can be counted over the whole session, each with how sure that is and what it rests on. */
export function MeasuresPanel() {
  const review = useReview();
  const part = review.measures.part.value;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls and has nothing else in it that takes the focus
    // biome-ignore lint/a11y/useSemanticElements: a field set holds fields
    <div class="measures" role="group" aria-label="Measures" tabIndex={0}>
      <Hearing />
      {part.state === "failed" && (
        <ProblemNotice problem={part.problem} retry={() => void review.measures.load()} />
      )}
      {part.state === "withheld" && <p class="measure quiet">The counts are shown inside a review.</p>}
      {part.state === "loading" && <Wait what="Opening the measures…" />}
      {part.state === "ready" && (
        <ul>
          {part.value.map((measure) => (
            <Row key={measure.id} measure={measure} />
          ))}
        </ul>
      )}
    </div>
  );
}

function Row({ measure }: { measure: Measure }) {
  const { value, low, high, unit } = measure;
  return (
    <li class="measure">
      <h3>{measure.label}</h3>
      {value === null ? (
        <p class="measure-none">
          <b>Not known.</b> {measure.reason}
        </p>
      ) : (
        <>
          <p class="measure-value number">
            <b>{amount(value, unit)}</b>
            {low !== null && high !== null && <span>likely {amountRange(low, high, unit)}</span>}
          </p>
          <Interval measure={measure} />
        </>
      )}
      {measure.note && <p class="measure-foot">{measure.note}</p>}
      <p class="measure-foot quiet">
        {[
          measure.n > 0 ? `n = ${measure.n}` : null,
          measure.coverage === null ? null : `on ${percent(measure.coverage)} of the speech heard`,
        ]
          .filter(Boolean)
          .join(" · ")}
      </p>
    </li>
  );
}

/** The interval on its scale: a share from 0 to 1, anything else from 0 to a little beyond its upper end. */
function Interval({ measure: { value, low, high, unit } }: { measure: Measure }) {
  if (value === null || low === null || high === null) return null;
  const top = unit === "share" ? 1 : Math.max(high * 1.25, 1e-9);
  const at = (x: number) => `${Math.min(100, Math.max(0, (x / top) * 100))}%`;
  return (
    <div class="interval" aria-hidden="true">
      <i style={{ left: at(low), width: `calc(${at(high)} - ${at(low)})` }} />
      <b style={{ left: at(value) }} />
    </div>
  );
}
