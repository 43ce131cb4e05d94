import { probeListener } from "../../app/checks/daemon_probe.ts";
import { lockHolder } from "../../app/data/lock.ts";
import { openSettings } from "../../app/installation.ts";
import { makeLinkKey } from "../../app/page/page_link.ts";
import { UserError } from "../../core/failures/errors.ts";
import { addressText, localAddress, readAddress } from "../../core/http/listen_address.ts";
import type { Command, Invocation } from "../frame/command.ts";
import { print } from "../terminal/output.ts";

export const command: Command = {
  usage: "page",
  summary: "Print a link that signs in to the status page, once",
  isServed: true,
  examples: [{ line: "plexsync page", tells: "a link for the browser, good for five minutes" }],
  notes: [
    "Only on a terminal: whoever has the link is let in. The page needs the setting listen; " +
    "plexsync help page tells what it shows.",
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  using settings = openSettings(invocation.around, { need: "offline", quiet: true });
  const { config: { listen, listenToken, basePath }, files, runtime } = settings;
  if (!invocation.world.terminal.stdout || invocation.json) {
    throw new UserError(
      "Cannot print a link: it lets in whoever reads it, and this is no terminal",
      "usage",
      "Call plexsync page in a terminal, without --json",
    );
  }
  if (listen === null) {
    throw new UserError("There is no page: listen is not set", "usage", HINT_LISTEN);
  }
  if (lockHolder(files.lock) === null || listenToken === null) {
    throw new UserError(
      "There is no page: the daemon does not run",
      "failed",
      "Start it with plexsync run, then ask again",
    );
  }
  const base = `http://${addressText(localAddress(readAddress(listen)))}`;
  const problem = await probeListener(base);
  if (problem !== null) {
    throw new UserError(
      `There is no page: ${problem}`,
      "failed",
      "A daemon that was started before listen was set, or changed, does not know of it: restart it",
    );
  }
  const url = `${base}${basePath}/sign-in?key=${makeLinkKey(listenToken, runtime.now())}`;
  print(invocation, {}, () => `${url}\nIt signs in once, within five minutes\n`);
  return 0;
}

const HINT_LISTEN = 'Set listen = "127.0.0.1:9797" in the config file, and restart the daemon';
