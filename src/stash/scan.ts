import { graphqlError } from "./classify.ts";
import type { StashHttp } from "./http.ts";
import { text } from "../core/text/json.ts";
import { list } from "./read_scene.ts";

/** Descriptions of jobs are fixed English texts. */
const SCAN = /^Scanning/;

/** Names the scan of the library that Stash runs just now, or null when it runs none. */
export async function runningScan(http: StashHttp): Promise<string | null> {
  const action = "see whether Stash scans";
  const { data, errors } = await http.query(
    { action },
    "query { jobQueue { id status description startTime } }",
  );
  if (errors.length > 0) throw graphqlError(action, errors);
  // null when nothing is to be done.
  const scan = list(data.jobQueue).find((job) =>
    text(job.status) === "RUNNING" && SCAN.test(text(job.description))
  );
  // Ids begin anew with each start of Stash.
  return scan === undefined ? null : `${text(scan.id)} ${text(scan.startTime)}`;
}
