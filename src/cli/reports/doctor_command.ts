import { examine } from "../../app/checks/doctor.ts";
import { doctorReport } from "../../app/checks/doctor_report.ts";
import { writeAtomic } from "../../app/data/atomic_file.ts";
import type { Finding } from "../../app/checks/finding.ts";
import { escapeLine } from "../../core/text/escape.ts";
import type { Command, Invocation } from "../frame/command.ts";
import { note, print } from "../terminal/output.ts";

export const command: Command = {
  usage: "doctor [--report FILE]",
  summary: "Look at everything that can be wrong with the set-up, and say what to do",
  flags: [{
    name: "report",
    value: "FILE",
    meaning: "also write what a bug report needs, without secrets, names, paths and addresses",
    isFile: true,
  }],
  isServed: true,
  examples: [
    { line: "plexsync doctor", tells: "before you ask anybody" },
    { line: "plexsync doctor --report report.json", tells: "for a bug report" },
  ],
  notes: [
    "Changes nothing. The exit code is 0 when nothing fails, warnings included, and 3 otherwise.",
  ],
  run,
};

/** One line of `doctor`, as `--json` has it. Names are stable. */
interface Row {
  check: string;
  verdict: "ok" | "warn" | "fail";
  /** Of what is wrong, stable; null when nothing is. */
  id: string | null;
  detail: string;
  hint: string | null;
}

async function run(invocation: Invocation): Promise<number> {
  const { findings, settings } = await examine(invocation.around);
  using _ = settings;
  const rows = findings.map(rowOf);
  print(invocation, rows, () => rows.map(textOf).join(""));
  const { report } = invocation.values;
  if (report !== undefined) {
    const text = JSON.stringify(await doctorReport(findings, settings), null, 2);
    writeAtomic(report, text + "\n");
    note(invocation, `Report written to ${report}: read it before you send it`);
  }
  return rows.some(({ verdict }) => verdict === "fail") ? 3 : 0;
}

function rowOf(finding: Finding): Row {
  const { check } = finding;
  if (finding.ok) return { check, verdict: "ok", id: null, detail: finding.detail, hint: null };
  const { id, severity, summary, hint } = finding.problem;
  return { check, verdict: severity === "error" ? "fail" : "warn", id, detail: summary, hint };
}

function textOf({ check, verdict, detail, hint }: Row): string {
  const lines = detail.split("\n").map((each) =>
    escapeLine(`${verdict.padEnd(4)}  ${check}: ${each}`)
  );
  if (hint !== null) lines.push(`      ${escapeLine(hint)}`);
  return lines.map((line) => `${line}\n`).join("");
}
