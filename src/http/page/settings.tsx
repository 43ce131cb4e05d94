import type { FC } from "hono/jsx";
import type { describeConfig } from "../../config/show.ts";
import { Layout } from "./layout.tsx";
import { Head } from "./table_head.tsx";
import type { View } from "./view.ts";

interface SettingsProps {
  view: View;
  rows: ReturnType<typeof describeConfig>;
  /** The config file; undefined without one. */
  file: string | undefined;
  dataDir: string;
  /** The rules for paths in force, in words. */
  paths: string;
}

/** The settings in force, and where each comes from. */
export const SettingsScreen: FC<SettingsProps> = ({ view, rows, file, dataDir, paths }) => (
  <Layout view={view} title="Settings" screen="/settings">
    <dl class="facts">
      <dt>Config file</dt>
      <dd>{file ?? "none"}</dd>
      <dt>Data directory</dt>
      <dd>{dataDir}</dd>
      <dt>Paths</dt>
      <dd>{paths}</dd>
    </dl>
    <p class="faint">
      They are changed in the config file, or on Stash's page of the plugin; a change is taken over
      by itself.
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
            <td data-label="Value" class="long">{value}</td>
            <td data-label="From" class={origin === "default" ? "faint" : ""}>{origin}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </Layout>
);
