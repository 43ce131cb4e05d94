import type { Finding } from "../../app/checks/finding.ts";

/** One line of `config check`, as `--json` has it. Names are stable. */
export interface CheckRow {
  check: string;
  ok: boolean;
  detail: string;
  hint?: string;
}

export function checkRowOf(finding: Finding): CheckRow {
  if (finding.ok) return finding;
  const { check, ok, problem: { summary, hint } } = finding;
  return { check, ok, detail: summary, ...(hint === null ? {} : { hint }) };
}

export function checkText({ check, ok, detail, hint }: CheckRow): string {
  return `${ok ? "ok    " : "FAILED"}  ${check}: ${detail}\n` +
    (hint === undefined ? "" : `        hint: ${hint}\n`);
}
