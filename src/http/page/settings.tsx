import type { FC } from "hono/jsx";
import type { Finding } from "../../app/checks/finding.ts";
import { type PathRulesReport, pathRulesText } from "../../app/checks/path_rules_report.ts";
import type { describeConfig } from "../../config/show.ts";
import { hintApart, problemLine } from "../../core/failures/problems.ts";
import { countText } from "../../core/text/wording.ts";
import type { Unanswered } from "./askers.ts";
import { Layout } from "./frame/layout.tsx";
import { Head } from "./frame/table_head.tsx";
import type { View } from "./frame/view.ts";

interface SettingsProps {
  view: View;
  rows: ReturnType<typeof describeConfig>;
  /** The config file; undefined without one. */
  file: string | undefined;
  dataDir: string;
  /** The rules for paths in force. */
  paths: PathRulesReport;
  /** Servers that can be tested. */
  tests: readonly { key: string; title: string }[];
  /** What a test found, or why it found nothing; null where none was wanted. */
  findings: Finding[] | Unanswered | null;
}

/** The settings in force, where each comes from, and whether the servers take them. */
export const SettingsScreen: FC<SettingsProps> = (props) => {
  const { view, rows, file, dataDir, paths, tests, findings } = props;
  return (
    <Layout view={view} title="Settings" screen="/settings">
      <section aria-labelledby="tests">
        <h2 id="tests">Connections</h2>
        <p class="row">
          {tests.map(({ key, title }) => (
            <a key={key} class="button quiet" href={`${view.base}/settings?test=${key}`}>
              Test {title}
            </a>
          ))}
        </p>
        {findings !== null && <Findings findings={findings} />}
      </section>
      <section aria-labelledby="paths">
        <h2 id="paths">Paths from Stash to Plex</h2>
        {paths.rules.length === 0
          ? <p class="private">{pathRulesText(paths)}</p>
          : <Rules paths={paths} />}
      </section>
      <section aria-labelledby="settings">
        <h2 id="settings">Settings in force</h2>
        <dl class="facts">
          <dt>Config file</dt>
          <dd>{file ?? "none"}</dd>
          <dt>Data directory</dt>
          <dd>{dataDir}</dd>
        </dl>
        <p class="faint">
          They are changed in the config file, or on Stash's page of the plugin. The daemon reads
          them again on SIGHUP, and when a server refuses it.
        </p>
        <table>
          <Head columns={["Setting", "Value", "From"]} />
          <tbody>
            {rows.map(({ key, value, origin, meaning }) => (
              <tr key={key}>
                <td data-label="Setting" class="long">
                  <span>
                    <code>{key}</code>
                    <small class="path">{meaning.replaceAll("`", "")}</small>
                  </span>
                </td>
                <td data-label="Value" class="long private">{value}</td>
                <td data-label="From" class={origin === "default" ? "faint" : ""}>{origin}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Layout>
  );
};

const Findings: FC<{ findings: Finding[] | Unanswered }> = ({ findings }) => {
  if (!Array.isArray(findings)) {
    return (
      <div class="notice bad" role="alert">
        <span class="private">{findings.message}</span>
        <p class="hint">{findings.hint}</p>
      </div>
    );
  }
  return (
    <div role="status">
      <ul class="problems">
        {findings.map((finding) => (
          <li
            key={finding.check}
            class={`notice ${
              finding.ok ? "good" : finding.problem.severity === "error" ? "bad" : "warn"
            }`}
          >
            <strong>{finding.check}</strong>:{" "}
            <span class="private">
              {finding.ok ? finding.detail : problemLine(finding.problem)}
            </span>
            {!finding.ok && hintApart(finding.problem) !== null && (
              <p class="hint private">{hintApart(finding.problem)}</p>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
};

const Rules: FC<{ paths: PathRulesReport }> = ({ paths: { source, rules, looked_at } }) => (
  <table>
    <caption>
      {source === "given"
        ? "By path_map. Without that setting they would be learned."
        : `Learned from ${countText(looked_at ?? 0)} files, and in force.`}
    </caption>
    <Head
      columns={["In Stash", "In Plex", { name: "Files there", isNumber: true }, {
        name: "Coverage",
        isNumber: true,
      }]}
    />
    <tbody>
      {rules.map(({ stash, plex, files, found }) => (
        <tr key={stash}>
          <td data-label="In Stash" class="long private">{stash}</td>
          <td data-label="In Plex" class="long private">{plex}</td>
          <td data-label="Files there" class="number">
            {files === null ? "" : `${countText(found ?? 0)} of ${countText(files)}`}
          </td>
          <td data-label="Coverage" class="number">
            {files === null || files === 0 ? "" : `${((found ?? 0) / files * 100).toFixed(1)} %`}
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);
