/** The parts of the documents that follow from the code, each between two comments of its name. */
import { CHAPTERS } from "../src/cli/manual/chapters.ts";
import type { Command } from "../src/cli/frame/command.ts";
import { loadCommands } from "../src/cli/frame/commands.ts";
import { EXIT_CODES } from "../src/cli/frame/exit_code.ts";
import { usagesOf } from "../src/cli/frame/usage.ts";
import { ENTRIES } from "../src/config/schema.ts";
import { defaultShown } from "../src/config/show.ts";
import { ERROR_TYPES } from "../src/core/failures/error_types.ts";
import { HINTS } from "../src/core/failures/hints.ts";
import { COURSE } from "../src/core/jobs/course.ts";
import { type Field, FIELDS } from "../src/core/sync/fields.ts";
import { plexName } from "../src/target/plex/field_names.ts";
import { LOG_FIELDS } from "../src/log/line_fields.ts";
import { createLogger, type LogOptions } from "../src/log/logger.ts";
import { changeCells } from "./intake/change_rows.ts";

/** All generated parts in Markdown: by the document's path in the project, then by name. */
export async function documentParts(): Promise<Record<string, Record<string, string>>> {
  const commands = await loadCommands();
  return {
    "README.md": { "fields": fieldsTable(), "chapters": chaptersTable() },
    "src/cli/help/settings.md": { "settings": settingsTable() },
    "src/cli/help/commands.md": {
      "commands": commandsTable(commands),
      "exit-codes": table(["code", "meaning"], Object.entries(EXIT_CODES)),
    },
    "src/cli/help/matching.md": {
      "changes": table(["change in Stash", "hook", "watcher", "full walk"], changeCells()),
    },
    "src/cli/help/docker.md": {
      "dockerfile": await fileBlock("scripts/docker/Dockerfile", "dockerfile"),
      "compose-all": await fileBlock("scripts/docker/compose.all.yaml", "yaml"),
      "compose": await fileBlock("scripts/docker/compose.yaml", "yaml"),
    },
    "src/cli/help/faults.md": { "errors": errorsTable() },
    "src/cli/help/logs.md": {
      "log-lines": logLines(),
      "log-fields": table(
        ["field", "meaning"],
        Object.entries(LOG_FIELDS).map(([name, meaning]) => [code(name), meaning]),
      ),
    },
  };
}

/**
 * What stands between the comments of a part.
 * @throws {Error} the document has no such part
 */
export function partOf(document: string, name: string): string {
  return patternOf(name, document)[0];
}

/** The document with this text in that part. */
export function withPart(document: string, name: string, text: string): string {
  const [old, start] = patternOf(name, document);
  return document.slice(0, start) + text + document.slice(start + old.length);
}

function patternOf(name: string, document: string): [text: string, start: number] {
  const begin = `<!-- ${name}: made from the code -->\n<!-- deno-fmt-ignore-start -->\n\n`;
  const at = document.indexOf(begin);
  const start = at + begin.length;
  const end = document.indexOf("\n<!-- deno-fmt-ignore-end -->", start);
  if (at < 0 || end < 0) throw new Error(`The document has no part "${name}"`);
  return [document.slice(start, end), start];
}

/** What is written; the test of the table of fields removes a row and sees one go here. */
export function fieldsTable(fields: readonly Field[] = FIELDS): string {
  const rows = fields.map(({ name, source, setting }) => {
    const off = setting?.on === false ? ", off by default" : "";
    return [name, source, plexName(name), setting === null ? "always" : code(setting.key) + off];
  });
  return table(["field", "scene in Stash", "field in Plex", "switch"], rows);
}

/** A file of the project as it stands in a document. */
async function fileBlock(path: string, language: string): Promise<string> {
  const text = await Deno.readTextFile(new URL(`../${path}`, import.meta.url));
  return `\`\`\`${language}\n${text}\`\`\`\n`;
}

function chaptersTable(): string {
  const rows = Object.entries(CHAPTERS).map(([name, tells]) => [
    `[${name}](src/cli/help/${name}.md)`,
    tells,
  ]);
  return table(["chapter", "tells"], rows);
}

function settingsTable(): string {
  const rows = ENTRIES.map((entry) => {
    const { range } = entry.kind;
    const standard = defaultShown(entry) + (range === undefined ? "" : ` (${range})`);
    return [code(entry.key), standard, entry.unit ?? "", entry.meaning];
  });
  return table(["key", "default", "unit", "meaning"], rows);
}

/** A row for each command, and below it one for each of its actions. */
function commandsTable(commands: Readonly<Record<string, Command>>): string {
  const rows = Object.values(commands).flatMap((command) => {
    const usages = usagesOf(command).map(code);
    if (command.actions === undefined) return [[usages[0]!, command.summary]];
    const actions = Object.values(command.actions).map(({ summary }, at) => [usages[at]!, summary]);
    return [[`**${command.usage}**`, command.summary], ...actions];
  });
  return table(["command", "what it does"], rows);
}

const THEN: Readonly<Record<(typeof COURSE)[keyof typeof COURSE], string>> = {
  retry: "tried again up to `max_retries` times, then a dead letter",
  outage: "goes back to the queue, no attempt spent; work pauses and resumes by itself",
  waiting: "waits for Plex to get the file, then a dead letter",
  dead: "dead letter at once",
  gone: "job removed",
};

function errorsTable(): string {
  return table(
    ["type", "then", "hint"],
    ERROR_TYPES.map((type) => [code(type), THEN[COURSE[type]], HINTS[type]]),
  );
}

/** One record in each wrapper and body, as the logger writes it. */
function logLines(): string {
  const forms: [string, Pick<LogOptions, "target" | "format">][] = [
    ["console, text", { target: "console", format: "text" }],
    ["journal, text", { target: "journal", format: "text" }],
    ["stash, text", { target: "stash", format: "text" }],
    ["stash, json", { target: "stash", format: "json" }],
  ];
  const lines = forms.map(([name, form]) => `# ${name}\n${logLine(form)}`);
  return "```text\n" + lines.join("") + "```\n";
}

function logLine(form: Pick<LogOptions, "target" | "format">): string {
  let line = "";
  const log = createLogger({
    ...form,
    level: "info",
    secrets: [],
    obfuscatePaths: false,
    colour: false,
    write: (bytes) => line += new TextDecoder().decode(bytes),
    // Local time: the same digits in every zone.
    now: () => new Date(2026, 0, 2, 3, 4, 5).getTime(),
  });
  log.child("Worker").info("Scene 12: wrote title, tags", {
    event: "job_written",
    scene_id: "12",
    rating_key: "345",
    changed: ["title", "tags"],
    duration_ms: 180,
    said: ["scene_id", "changed"],
  });
  return line.replaceAll("\x01", "\\x01").replaceAll("\x02", "\\x02");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n") + "\n";
}

function code(text: string): string {
  return `\`${text}\``;
}
