/** The thread that copies a database: it is sent one `FillTask`, and answers with one `FillEnd`. */
import { UserError } from "../../core/failures/errors.ts";
import { fill } from "./backup.ts";
import type { FillEnd, FillTask } from "./backup_aside.ts";
import { openDriver, waitForLocks } from "../database/driver.ts";

async function endOf({ part, path, schema, options }: FillTask): Promise<FillEnd> {
  try {
    // To open what is not there would make it.
    Deno.statSync(path);
    const database = await openDriver(path, options.nativeLibrary, options.driver);
    try {
      // As when another program recovers the log beside the database at this moment.
      waitForLocks(database);
      return { kind: "filled", bytes: await fill(part, database, schema, options) };
    } finally {
      database.close();
    }
  } catch (thrown) {
    const { message, code, hint } = thrown as Error & { code?: unknown; hint?: string };
    if (thrown instanceof UserError) return { kind: "refused", message, hint };
    return { kind: "failed", message, code };
  }
}

const thread = self as unknown as {
  onmessage(event: MessageEvent<FillTask>): void;
  postMessage(end: FillEnd): void;
};
thread.onmessage = ({ data }) => void endOf(data).then((end) => thread.postMessage(end));
