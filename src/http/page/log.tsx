import type { FC } from "hono/jsx";
import type { LogLevelName } from "../../config/config.ts";
import { LEVEL_NAMES } from "../../log/levels.ts";
import { instant } from "../../core/text/wording.ts";
import type { LineFilter, RecentLine } from "../../log/recent_lines.ts";
import { Layout } from "./frame/layout.tsx";
import type { View } from "./frame/view.ts";

interface LogProps {
  view: View;
  filter: LineFilter;
  /** Newest first. */
  lines: readonly RecentLine[];
  /** The least important level that is logged at all. */
  logged: LogLevelName;
}

/** What the daemon said last, the newest line on top. */
export const LogScreen: FC<LogProps> = ({ view, filter, lines, logged }) => {
  // What is not logged cannot be looked for.
  const levels = LEVEL_NAMES.slice(LEVEL_NAMES.indexOf(logged));
  return (
    <Layout view={view} title="Log" screen="/log">
      <form class="row" method="get" action={`${view.base}/log`} role="search">
        <div>
          <label for="level">Level</label>
          <select id="level" name="level">
            {levels.map((level, at) => (
              <option key={level} value={level} selected={level === filter.level}>
                {at === 0 ? "all" : at === levels.length - 1 ? level : `${level} and above`}
              </option>
            ))}
          </select>
        </div>
        <div>
          <label for="text">With the text</label>
          <input id="text" name="text" type="search" value={filter.text} maxlength={200} />
        </div>
        <button type="submit" class="quiet">Filter</button>
      </form>
      {lines.length === 0
        ? (
          <p class="empty">
            No line fits. The last 1,000 lines since the start of the daemon are looked through;
            what is logged at all is decided by <code>log_level</code>, which is{" "}
            <code>{logged}</code>.
          </p>
        )
        : (
          <ol class="log card">
            {lines.map(({ id, at, level, component, text }) => (
              <li key={id} data-key={`line-${id}`} class={level}>
                <time datetime={new Date(at).toISOString()}>{instant(at)}</time> <b>{level}</b>{" "}
                <span class="faint">{component}</span> {text}
              </li>
            ))}
          </ol>
        )}
    </Layout>
  );
};
