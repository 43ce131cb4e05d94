import { sleep } from "../../src/app/world.ts";
import { WriteWatch } from "../../src/daemon/write_watch.ts";
import { T0 } from "../store/samples.ts";
import { openTestStore, storeTest } from "../store/temp_store.ts";

storeTest("what another process commits is heard of, each time", async ({ path, driver }) => {
  const other = await openTestStore(path, driver);
  const stop = new AbortController();
  let rung = Promise.withResolvers<void>();
  const watch = new WriteWatch({ path, ring: () => rung.resolve(), runtime: { sleep } });
  const ended = watch.run(stop.signal);
  for (const scene of ["1", "2", "3"]) {
    rung = Promise.withResolvers<void>();
    other.jobs.enqueue([scene], "hook", T0);
    await rung.promise;
  }
  stop.abort();
  await ended;
  other.close();
});
