import { proveFault } from "./fault_case.ts";
import { PLEX_FAULTS } from "./plex_faults.ts";
import { proveRows } from "./rows.ts";
import { STASH_FAULTS } from "./stash_faults.ts";

Deno.test("no fault loses a job, and all becomes equal when it has passed, while", async (t) => {
  await proveRows(t, [...PLEX_FAULTS, ...STASH_FAULTS], proveFault, 15);
});
