/** The chapters of the documentation, which `plexsync help` prints, and what each tells. */
export const CHAPTERS: Readonly<Record<string, string>> = {
  settings: "every setting, where it may stand, the data directory",
  commands: "every command, exit codes, reconcile",
  matching: "which item is a scene's, path_map, which changes are seen and how soon",
  logs: "forms and fields of the log",
  stats: "what is counted, and stats.json",
  http: "the listener: hooks, status, health, metrics",
  page: "the status page: what it shows, signing in, what guards it",
  json: "the fields that each command prints with --json",
  faults: "what happens when something breaks, with the test that proves it",
  performance: "how fast it is, what it takes, and how that was measured",
  service: "systemd",
  docker: "containers and NAS",
  troubleshooting: "what to do, by what you see",
  security: "secrets, network, permissions",
};

const FOLDER = new URL("../help/", import.meta.url);

/**
 * A chapter as Markdown, without the comments that are for those who write it.
 * @param name One of `CHAPTERS`
 */
export function readChapter(name: string): string {
  const markdown = Deno.readTextFileSync(new URL(`${name}.md`, FOLDER));
  return markdown.replaceAll(/^ *<!--.*-->\n+/gm, "");
}
