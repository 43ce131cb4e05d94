import { isRecord, parseJson } from "../../core/text/json.ts";
import type { DeadLetter } from "../../core/jobs/job.ts";

/** A dead letter as `--json` and export have it: its row, the payload as an object. */
export function letterJson(letter: DeadLetter) {
  const { target: _, run_id: _run, ...facts } = letter;
  return { ...facts, job_data: payloadOf(letter) };
}

/** What was known of the job when it was given up; the text itself if it is no object. */
export function payloadOf({ job_data }: DeadLetter): Record<string, unknown> | string {
  const value = parseJson(job_data);
  return isRecord(value) ? value : job_data;
}
