import type { DeadLetter } from "../core/job.ts";

/** A dead letter as `--json` and export have it: its row, the payload as an object. */
export function letterJson(letter: DeadLetter) {
  return { ...letter, job_data: payloadOf(letter) };
}

/** What was known of the job when it was given up; the text itself if it is no object. */
export function payloadOf({ job_data }: DeadLetter): Record<string, unknown> | string {
  try {
    const value = JSON.parse(job_data);
    return typeof value === "object" && value !== null ? value : job_data;
  } catch {
    return job_data;
  }
}
