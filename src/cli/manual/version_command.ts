import { readCommit, readLicences } from "../../app/install/executable.ts";
import { VERSION } from "../../core/version.ts";
import type { Command } from "../frame/command.ts";
import { licencesText } from "./licences_text.ts";
import { print } from "../terminal/output.ts";

export const command: Command = {
  usage: "version [--licences]",
  summary: "Show the version, or the licences of all that is in the executable",
  flags: [{
    name: "licences",
    meaning: "the licences of the executable's parts, with their texts",
  }],
  examples: [{ line: "plexsync version --json", tells: "for a bug report or a script" }],
  run(invocation) {
    if (invocation.switches.has("licences")) {
      const licences = readLicences();
      print(invocation, licences, () => licencesText(licences));
      return Promise.resolve(0);
    }
    const { os, arch } = Deno.build;
    const deno = Deno.version.deno;
    const commit = readCommit();
    print(invocation, { version: VERSION, commit, deno, os, arch }, () => {
      const parts = [...(commit === null ? [] : [commit]), `Deno ${deno}`, `${os} ${arch}`];
      return `plexsync ${VERSION} (${parts.join(", ")})\n`;
    });
    return Promise.resolve(0);
  },
};
