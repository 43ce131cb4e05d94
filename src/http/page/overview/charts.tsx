import type { FC } from "hono/jsx";
import { type RangeName, RANGES, type Step, TIMED_OUTCOMES } from "../../../core/stats/timeline.ts";
import { instant } from "../../../core/text/wording.ts";
import { formatDuration } from "../../../core/time/duration.ts";
import { zoneName } from "../../../core/time/zone.ts";
import { Head } from "../frame/table_head.tsx";
import type { View } from "../frame/view.ts";

interface ChartsProps {
  view: View;
  range: RangeName;
  steps: readonly Step[];
}

/** The range that an address asks for. */
export function readRange(text: string | undefined): RangeName {
  return text !== undefined && Object.hasOwn(RANGES, text) ? text as RangeName : "1h";
}

/** What was done when: drawn by the script, and a table for who has none or hears the page. */
export const Charts: FC<ChartsProps> = ({ view, range, steps }) => {
  // In which all other times of the page are written.
  const zone = zoneName(Intl.DateTimeFormat().resolvedOptions().timeZone);
  const at = steps.map((step) => step.at / 1000);
  const rates = TIMED_OUTCOMES.map((outcome) => ({
    name: outcome,
    values: steps.map(({ rates }) => rates[outcome]!),
  }));
  const times = [
    { name: "p50", values: steps.map(({ p50_ms }) => p50_ms) },
    { name: "p95", values: steps.map(({ p95_ms }) => p95_ms) },
  ];
  return (
    <section aria-labelledby="charts">
      <h2 id="charts">Work over time</h2>
      <nav aria-label="How far back">
        <ul class="tabs">
          {Object.entries(RANGES).map(([name, { name: text }]) => (
            <li>
              <a
                href={`${view.base}/?over=${name}`}
                aria-current={name === range ? "page" : undefined}
              >
                {text}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div class="charts">
        <Chart
          title="Jobs per minute, by outcome"
          unit=""
          series={rates}
          {...{ zone, at, range }}
        />
        <Chart title="Time per job" unit="ms" series={times} {...{ zone, at, range }} />
      </div>
      <Figures steps={steps} />
    </section>
  );
};

const Chart: FC<{
  title: string;
  unit: "" | "ms";
  /** Name of the time zone of the daemon, such as `Europe/Berlin`. */
  zone: string;
  at: readonly number[];
  range: RangeName;
  series: readonly { name: string; values: readonly (number | null)[] }[];
}> = ({ title, unit, zone, at, range, series }) => (
  <figure class="card" data-chart={JSON.stringify({ unit, zone, at, series })}>
    <figcaption>{title}</figcaption>
    <div
      class="chart"
      role="img"
      aria-label={`${title}, over ${RANGES[range].name}; the table below says the same`}
      data-drawn
    />
  </figure>
);

const Figures: FC<{ steps: readonly Step[] }> = ({ steps }) => {
  // Of steps without any work there is nothing to say.
  const busy = steps.filter(({ p50_ms }) => p50_ms !== null).reverse();
  const names = [...TIMED_OUTCOMES, "p50", "p95"];
  return (
    <details>
      <summary>As a table</summary>
      {busy.length === 0 ? <p class="empty">Nothing was done in this time.</p> : (
        <table>
          <caption>
            Jobs per minute by outcome, and the time that half and that 95 % of them stayed within;
            what is left out had none
          </caption>
          <Head columns={["From", ...names.map((name) => ({ name, isNumber: true }))]} />
          <tbody>
            {busy.map(({ at, rates, p50_ms, p95_ms }) => (
              <tr data-key={`step-${at}`}>
                <td data-label="From">
                  <time datetime={new Date(at).toISOString()}>{instant(at).slice(0, -3)}</time>
                </td>
                {TIMED_OUTCOMES.map((outcome) => (
                  <td data-label={outcome} class="number">{rates[outcome]}</td>
                ))}
                <td data-label="p50" class="number">{formatDuration(p50_ms ?? 0)}</td>
                <td data-label="p95" class="number">{formatDuration(p95_ms ?? 0)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </details>
  );
};
