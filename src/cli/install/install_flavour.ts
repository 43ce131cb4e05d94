import type { Settings } from "../../app/installation.ts";
import type { Flavour } from "../../app/install/plugin_install.ts";
import { pathCalledBy } from "../../app/install/called_by.ts";
import { absolute } from "../../app/install/plugins_folder.ts";
import { UserError } from "../../core/failures/errors.ts";
import { isOurHost, readAddress } from "../../core/http/listen_address.ts";
import { parseDuration } from "../../core/time/duration.ts";
import { url as urlKind } from "../../config/addresses.ts";
import type { Invocation } from "../frame/command.ts";

const TIMEOUT_MS = 10_000;

/**
 * Which manifest is wanted.
 * @throws {UserError} flags that do not go together, or something that it needs is not there
 */
export function readFlavour(invocation: Invocation, settings: Settings): Flavour {
  const { values } = invocation;
  if (values.remote !== undefined) return remote(values, settings);
  if (values.timeout !== undefined) throw new UserError("--timeout is for --remote", "usage");
  const config = values.config ?? (invocation.world.env.PLEXSYNC_CONFIG || undefined);
  return {
    kind: "exec",
    executable: values.exec === undefined
      ? ownExecutable("Stash", invocation.world.env, "or let Stash call the daemon with --remote")
      : absolute(values.exec),
    dataDir: absolute(settings.files.folder),
    ...(config === undefined ? {} : { config: absolute(config) }),
  };
}

function remote(values: Invocation["values"], { config, files }: Settings): Flavour {
  if (values.exec !== undefined) {
    throw new UserError("--exec and --remote cannot be joined", "usage");
  }
  const parsed = urlKind("listen_token").parse(values.remote);
  if ("problem" in parsed) {
    // Not the value: it may hold the password that it must not hold.
    throw new UserError(`Cannot use the address of --remote: it ${parsed.problem}`, "usage");
  }
  if (config.listenToken === null) {
    throw new UserError(
      "The manifest needs the daemon's listen_token, and there is none",
      "failed",
      `Set listen_token, or start the daemon once with listen set: it makes ${files.listenToken}`,
    );
  }
  refuseStrangeHost(parsed.value, config.listen);
  const timeoutMs = values.timeout === undefined ? TIMEOUT_MS : parseDuration(values.timeout);
  if (timeoutMs === undefined) {
    throw new UserError(`--timeout must be a time such as 10s: it is "${values.timeout}"`, "usage");
  }
  return {
    kind: "remote",
    url: parsed.value,
    token: config.listenToken,
    timeoutSeconds: timeoutMs === 0 ? null : Math.max(1, Math.ceil(timeoutMs / 1000)),
  };
}

/**
 * The listener takes requests to its own names alone, so that no page of the web gets to it.
 * @param listen Where the daemon listens; null where these settings do not say
 * @throws {UserError} usage: each call of Stash would be refused
 */
function refuseStrangeHost(url: string, listen: string | null): void {
  const { host } = new URL(url);
  if (listen === null || isOurHost(host, readAddress(listen).hostname)) return;
  throw new UserError(
    `The daemon would refuse Stash's calls to ${host}: it listens on ${listen}`,
    "usage",
    "Use its IP address or a name without a dot, or set listen to that name and its port; " +
      "127.0.0.1 is reached from the same machine only",
  );
}

/**
 * @param starter Who is to start it
 * @param env Of the process
 * @param otherwise What else can be done
 * @throws {UserError} this is no executable of its own, but runs from the source
 */
export function ownExecutable(
  starter: string,
  env: Invocation["world"]["env"],
  otherwise = "made by deno task compile",
): string {
  if (Deno.build.standalone) return pathCalledBy(Deno.execPath(), env);
  throw new UserError(
    `This plexsync runs from its source, which ${starter} cannot start`,
    "failed",
    `Name the compiled executable with --exec, ${otherwise}`,
  );
}
