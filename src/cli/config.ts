import { describeConfig } from "../config/show.ts";
import { UserError } from "../core/errors.ts";
import { plexOf, stashOf } from "../app/servers.ts";
import { chooseSections } from "../worker/index_keeper.ts";
import type { Command, Invocation } from "./command.ts";
import { print, table } from "./output.ts";
import { openServerSession } from "./server_session.ts";
import { openStoreOf, type Session } from "./session.ts";

export const command: Command = {
  usage: "config show | config check [--online]",
  summary: "Show the settings in force and where each comes from, or check them",
  flags: [{ name: "online", meaning: "also ask both servers, for the libraries and the token" }],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const [action = "show", ...rest] = invocation.words;
  if (rest.length > 0 || (action !== "show" && action !== "check")) {
    throw new UserError(
      `Unknown: config ${invocation.words.join(" ")}`,
      2,
      `Usage: plexsync ${command.usage}`,
    );
  }
  return action === "show" ? await show(invocation) : await check(invocation);
}

async function show(invocation: Invocation): Promise<number> {
  const session = await openServerSession(invocation, "offline");
  const rows = describeConfig(session.loaded);
  print(invocation, rows, () => {
    const file = session.loaded.file ?? "none";
    return `Config file: ${file}\nData directory: ${session.files.folder}\n\n` +
      table(["KEY", "VALUE", "FROM"], rows.map(({ key, value, origin }) => [key, value, origin]));
  });
  session.close();
  return 0;
}

/** One line of `config check`. */
interface Finding {
  check: string;
  ok: boolean;
  detail: string;
  hint?: string;
}

async function check(invocation: Invocation): Promise<number> {
  const session = await openServerSession(invocation, "daemon");
  try {
    const findings: Finding[] = [{
      check: "settings",
      ok: true,
      detail: `read from ${session.loaded.file ?? "environment and flags"}`,
    }];
    if (invocation.switches.has("online")) findings.push(...await askServers(session, invocation));
    print(
      invocation,
      findings,
      () =>
        findings.map(({ check, ok, detail, hint }) =>
          `${ok ? "ok    " : "FAILED"}  ${check}: ${detail}\n` +
          (hint === undefined ? "" : `        hint: ${hint}\n`)
        ).join(""),
    );
    return findings.every((finding) => finding.ok) ? 0 : 1;
  } finally {
    session.close();
  }
}

async function askServers(session: Session, invocation: Invocation): Promise<Finding[]> {
  const store = await openStoreOf(session, invocation);
  try {
    const { config } = session;
    const plex = plexOf(config, store);
    const stash = stashOf(config);
    return [
      await ask("Plex", async () => {
        const { version } = await plex.identity();
        return `version ${version} at ${config.plexUrl}`;
      }),
      await ask("Plex token", async () => {
        const { friendlyName } = await plex.checkToken();
        return `accepted by "${friendlyName}"`;
      }),
      await ask("Plex libraries", async () => {
        const all = (await plex.sections()).filter(({ type }) =>
          type === "movie" || type === "show"
        );
        return chooseSections(all, config.plexLibrary).map(({ title }) => `"${title}"`).join(", ");
      }),
      await ask("Stash", async () => {
        const { version } = await stash.version();
        const { status } = await stash.systemStatus();
        if (status !== "OK") throw new UserError(`Stash is not ready: its status is ${status}`);
        return `version ${version || "unknown"} at ${config.stashUrl}, ${await stash
          .sceneCount()} scenes`;
      }),
    ];
  } finally {
    store.close();
  }
}

async function ask(check: string, question: () => Promise<string>): Promise<Finding> {
  try {
    return { check, ok: true, detail: await question() };
  } catch (thrown) {
    const { message, hint } = thrown as Error & { hint?: string };
    return { check, ok: false, detail: message, hint };
  }
}
