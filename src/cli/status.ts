import { UserError } from "../core/errors.ts";
import { statusReport } from "../app/status_report.ts";
import type { Command, Invocation } from "./command.ts";
import { print } from "./output.ts";
import { storeToAsk } from "./question_store.ts";
import { redactorOf } from "../app/redactor.ts";
import { checkServers, NOT_ASKED } from "../app/server_check.ts";
import { openServerSession } from "./server_session.ts";
import { openSession, type Session } from "./session.ts";
import { statusText } from "./status_text.ts";

export const command: Command = {
  usage: "status [--offline]",
  summary: "Answer one question: is it working?",
  flags: [{ name: "offline", meaning: "do not ask Plex and Stash whether they answer" }],
  notes: ["The exit code is 0 whatever the answer; plexsync health is for scripts."],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  if (invocation.words.length > 0) throw new UserError(`Unexpected "${invocation.words[0]}"`, 2);
  const session = await sessionOf(invocation);
  const { store, empty } = await storeToAsk(session, invocation);
  try {
    const { runtime } = invocation.world;
    const servers = invocation.switches.has("offline")
      ? { plex: NOT_ASKED, stash: NOT_ASKED }
      : await checkServers(session, store, runtime);
    const driver = empty ? null : store.driver;
    const status = redactorOf(session)(
      statusReport({ ...session, store, servers, driver, now: runtime.now() }),
    );
    print(invocation, status, (paint) => statusText(status, paint));
    return 0;
  } finally {
    store.close();
    session.close();
  }
}

/** A quick answer counts: Stash is asked for settings only where Plex is in none of the others. */
async function sessionOf(invocation: Invocation): Promise<Session> {
  const session = openSession(invocation, "offline");
  if (session.config.plexUrl !== "" || invocation.switches.has("offline")) return session;
  session.close();
  return await openServerSession(invocation, "offline", [], { quiet: true });
}
