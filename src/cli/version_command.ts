import { VERSION } from "../core/version.ts";
import type { Command } from "./command.ts";
import { print } from "./output.ts";

export const command: Command = {
  usage: "version",
  summary: "Show the version",
  run(invocation) {
    const { os, arch } = Deno.build;
    const versions = { version: VERSION, deno: Deno.version.deno, os, arch };
    print(
      invocation,
      versions,
      () => `plexsync ${VERSION} (Deno ${versions.deno}, ${os} ${arch})\n`,
    );
    return Promise.resolve(0);
  },
};
