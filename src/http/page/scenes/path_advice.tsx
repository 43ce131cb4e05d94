import type { FC } from "hono/jsx";
import type { PathAdvice } from "../../../app/settings/path_advice.ts";
import { Action } from "../frame/layout.tsx";
import { Head } from "../frame/table_head.tsx";
import type { View } from "../frame/view.ts";

/** Field with the rules that a person saw and means, as JSON. */
export const MEANT_RULES = "rules";

/** A `path_map` by which scenes would be found that are not now, and a button that sets it. */
export const PathAdviceCard: FC<{ view: View; advice: PathAdvice; back: string }> = (
  { view, advice: { summary, hint, rules }, back },
) => (
  <section class="card" aria-labelledby="advice">
    <h2 id="advice">Other rules for paths would find more</h2>
    <p class="private">{summary}.</p>
    <p class="hint private">{hint}.</p>
    {rules.length === 0 ? <p>Paths are the same in both: no rule is needed.</p> : (
      <table>
        <Head columns={["In Stash", "In Plex"]} />
        <tbody>
          {rules.map(({ stash, plex }) => (
            <tr key={stash}>
              <td data-label="In Stash" class="long private">{stash}</td>
              <td data-label="In Plex" class="long private">{plex}</td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
    <Action view={view} to="/paths">
      <input type="hidden" name="back" value={back} />
      <input type="hidden" name={MEANT_RULES} value={JSON.stringify(rules)} />
      <p class="row">
        <button type="submit">Use {rules.length === 1 ? "it" : "them"}</button>
        <span class="faint">This sets path_map in the config file.</span>
      </p>
    </Action>
  </section>
);
