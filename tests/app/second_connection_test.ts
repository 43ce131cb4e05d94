import { assertEquals } from "@std/assert";
import { filesOf, openDatabaseFile } from "../../src/app/data/data_files.ts";
import { sleep } from "../../src/app/world.ts";
import { TempFolder } from "../store/temp_store.ts";

/** How many locks this process has on a file, as the system lists them. */
async function locksOn(path: string): Promise<number> {
  const { stdout } = await new Deno.Command("cat", { args: ["/proc/locks"] }).output();
  const { ino } = Deno.statSync(path);
  return new TextDecoder().decode(stdout).split("\n")
    .filter((line) => line.includes(` ${Deno.pid} `) && line.includes(`:${ino} `)).length;
}

/**
 * A process loses all its locks on a file when it closes any handle of it. Another program that
 * then looks at the database clears its write-ahead log away, and what the daemon writes is lost.
 */
Deno.test({
  name: "a command within the daemon leaves the daemon its hold on the database",
  ignore: Deno.build.os !== "linux",
  async fn() {
    using folder = new TempFolder();
    const files = filesOf(folder.path);
    const open = () => openDatabaseFile(files, { sleep }, undefined);
    const daemon = await open();
    try {
      assertEquals(await locksOn(files.database), 1);
      const command = await open();
      assertEquals(await locksOn(files.database), 1);
      command.close();
      assertEquals(await locksOn(files.database), 1);
    } finally {
      daemon.close();
    }
  },
});
