import type { BenchCase } from "./case.ts";
import { endToEnd } from "./end_to_end.ts";
import { idle } from "./idle.ts";
import { lists } from "./lists.ts";
import { processes } from "./processes.ts";
import { queue } from "./queue.ts";
import { requests } from "./requests.ts";
import { stalls } from "./stalls.ts";
import { walks } from "./walks.ts";

/** All cases, by the names that the command line takes. */
export const CASES: Readonly<Record<string, BenchCase>> = {
  queue,
  sync: endToEnd,
  processes,
  idle,
  walks,
  lists,
  requests,
  stalls,
};
