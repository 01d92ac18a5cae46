import { useState } from "preact/hooks";
import { announce } from "../app/announce.ts";
import { Icon } from "../parts/icon.tsx";
import { Matrices, Plot, Rows } from "./charts.tsx";
import { written } from "./numbers.ts";
import { csvAddress, type Query } from "./query.ts";
import type { Figure, Table } from "./types.ts";

/** A question, its answer in words, the drawing, and the table and sentences it was made from. */
export function FigureSection({
  figure,
  query,
  children,
}: {
  figure: Figure;
  query: Query;
  children?: preact.ComponentChildren;
}) {
  return (
    <section class="card figure" id={figure.id} aria-labelledby={`${figure.id}-title`}>
      <h2 id={`${figure.id}-title`}>{figure.title}</h2>
      {figure.need && <NeedLine figure={figure} />}
      {figure.sentences?.map((text) => (
        <p key={text}>{text}</p>
      ))}
      {figure.chart?.kind === "rows" && <Rows chart={figure.chart} />}
      {figure.chart?.kind === "plot" && <Plot chart={figure.chart} />}
      {figure.chart?.kind === "matrices" && <Matrices chart={figure.chart} />}
      {figure.notes?.map((text) => (
        <p class="quiet" key={text}>
          {text}
        </p>
      ))}
      {children}
      {figure.apa && figure.apa.length > 0 && <Sentences lines={figure.apa} />}
      {figure.tables?.map((table) => (
        <TableTwin key={table.id} table={table} query={query} />
      ))}
    </section>
  );
}

function NeedLine({ figure }: { figure: Figure }) {
  const need = figure.need;
  if (!need) return null;
  return (
    <div class="need">
      <p>{need.text}</p>
      {need.needed > 1 && need.have < need.needed && (
        <progress value={need.have} max={need.needed} aria-label={`${figure.title} Data so far`}>
          {need.have} of {need.needed}
        </progress>
      )}
    </div>
  );
}

function Sentences({ lines }: { lines: readonly string[] }) {
  const [copied, setCopied] = useState(false);
  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(lines.join("\n"));
    setCopied(true);
    announce("Copied");
  }
  return (
    <details class="twin">
      <summary>For a paper</summary>
      <ul class="apa">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <button type="button" class="button small" onClick={() => void copy()}>
        {copied ? "Copied" : "Copy these sentences"}
      </button>
    </details>
  );
}

const MANY = 40; // rows; a longer table is folded and better read as a CSV

function TableTwin({ table, query }: { table: Table; query: Query }) {
  return (
    <details class="twin">
      <summary>{TABLE_NAMES[table.id]}</summary>
      <div class="twin-head">
        <p class="quiet">{table.caption}</p>
        <a class="button small" href={csvAddress(table.id, query)} download>
          <Icon name="download" size={16} />
          CSV
        </a>
      </div>
      <section
        class={`table-scroll ${table.rows.length > MANY ? "tall" : ""}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        tabIndex={0}
        aria-label={TABLE_NAMES[table.id]}
      >
        <table class="figures">
          <thead>
            <tr>
              {table.columns.map((column) => (
                <th scope="col" key={column.id} class={column.kind === "text" ? undefined : "n"}>
                  {column.label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.map((row, i) => (
              <tr key={i}>
                {row.map((cell, j) => {
                  const kind = table.columns[j]?.kind ?? "text";
                  const text = written(cell, kind);
                  if (j === 0)
                    return (
                      <th scope="row" key={table.columns[j]?.id}>
                        {text}
                      </th>
                    );
                  const gap = cell === null && kind === "text";
                  return (
                    <td key={table.columns[j]?.id} class={kind === "text" ? "words" : "n"}>
                      {gap ? "" : text}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}

const TABLE_NAMES: Record<Table["id"], string> = {
  agreement: "All coefficients",
  confusion: "Pairs of levels, as a list",
  severity: "Severity in figures",
  drift: "Change in figures",
  periods: "Severity by period",
  evidence: "Moments by look-for",
  tolerance: "The curve in figures",
  missed: "Missed moments in figures",
  suggestions: "The comparison in figures",
  reliability: "Reliability in figures",
  calibration: "Foretold and observed, in figures",
  ratings: "The scores",
};
