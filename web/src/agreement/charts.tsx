import type { Key, MatricesChart, PlotChart, RowsChart } from "./types.ts";

/** A drawing made by the service from numbers alone; labels in it are escaped there. */
function Drawing({ svg, what }: { svg: string; what: string }) {
  return <div class={what} dangerouslySetInnerHTML={{ __html: svg }} />;
}

function Keys({ keys }: { keys: readonly Key[] }) {
  if (keys.length === 0) return null;
  return (
    <ul class="figure-key">
      {keys.map((key) => (
        <li key={key.label}>
          <Drawing svg={key.drawing} what="figure-mark" />
          {key.label}
        </li>
      ))}
    </ul>
  );
}

/** Rows over one axis; what each row says stands beside it in words, so the drawing itself is not read out. */
export function Rows({ chart }: { chart: RowsChart }) {
  return (
    <div class="figure-chart">
      <Keys keys={chart.key} />
      <ul class="figure-rows" aria-label={chart.label}>
        {chart.rows.map((row) => (
          <li key={row.label}>
            <span class="what">{row.label}</span>
            <Drawing svg={row.drawing} what="track-place" />
            <span class="beside number">{row.beside}</span>
          </li>
        ))}
      </ul>
      <div class="figure-axis" aria-hidden="true">
        <Drawing svg={chart.axis} what="axis-place" />
      </div>
      <p class="axis-label">{chart.axis_label}</p>
    </div>
  );
}

export function Plot({ chart }: { chart: PlotChart }) {
  return (
    <div class="figure-chart">
      <Keys keys={chart.key} />
      <p class="axis-label">{chart.up}</p>
      <Drawing svg={chart.drawing} what="plot-place" />
      <p class="axis-label across">{chart.across}</p>
    </div>
  );
}

/** Counts in cells, shaded by how many; the diagonal is outlined and every cell carries its number. */
export function Matrices({ chart }: { chart: MatricesChart }) {
  return (
    <div class="matrices">
      {chart.matrices.map((matrix) => {
        const most = Math.max(1, ...matrix.rows.flat());
        return (
          <section
            class="table-scroll"
            key={matrix.name}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
            tabIndex={0}
            aria-label={`Pairs of levels for ${matrix.name}`}
          >
            <table class="matrix">
              <caption>
                {matrix.name} · {matrix.n_pairs} pairs
              </caption>
              <thead>
                <tr>
                  <td />
                  {chart.levels.map((level) => (
                    <th scope="col" key={level}>
                      {short(level)}
                      <span class="unseen">{level}</span>
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {matrix.rows.map((row, i) => (
                  <tr key={chart.levels[i]}>
                    <th scope="row">{chart.levels[i]}</th>
                    {row.map((n, j) => (
                      <td key={j} class={i === j ? "same" : undefined} style={`--w:${(n / most).toFixed(3)}`}>
                        {n}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        );
      })}
    </div>
  );
}

/** “3 · Clear” as “3”: columns are narrow, and the row says the whole. */
function short(level: string): string {
  return level.split(" · ")[0] ?? level;
}
