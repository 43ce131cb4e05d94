import type { Surroundings } from "../../app/installation.ts";
import type {
  CommandCall,
  CommandFrame,
  RunCommand,
} from "../../app/connections/service_socket.ts";
import type { World } from "../../app/world.ts";
import { UserError } from "../../core/failures/errors.ts";
import { SETTING_FLAGS } from "../frame/arguments.ts";
import { YES_FLAG } from "../terminal/ask_first.ts";
import type { Command } from "../frame/command.ts";
import type { OtherFaces } from "../frame/other_faces.ts";
import { HARMLESS_SETTINGS } from "./find_service.ts";
import { dispatch, fail, type Served } from "../frame/program.ts";
import type { Input } from "../terminal/standard_input.ts";

/** What systemd tells the daemon alone. */
const DAEMON_ONLY = ["JOURNAL_STREAM", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"];

/**
 * Carries commands out within the daemon, for those who may write to its socket: by the daemon's
 * settings and secrets, which the caller neither sees nor replaces.
 * @param around What the daemon itself was started with
 */
export function commandRunner(
  { around, faces }: { around: Surroundings; faces: OtherFaces },
): RunCommand {
  return async (call, tell, gone) => {
    const world = worldOf(call, around.world, tell, gone);
    const served: Served = {
      around: { world, flags: around.flags },
      input: inputOf(call),
      admit,
    };
    try {
      tell({ exit: await dispatch(call.args, { world, faces, served }) });
    } catch (thrown) {
      if (thrown instanceof Unanswered) tell({ ask: `--${YES_FLAG.name}` });
      else tell({ exit: fail(thrown, world) });
    }
  };
}

/**
 * A setting of the caller's could send the token to a server of the caller's, or have the daemon
 * read and write files that are not the caller's to see.
 */
function admit(command: Command, given: readonly string[]): void {
  if (!command.isServed) {
    throw new UserError(
      `The service does not do this for others: ${command.usage.split(" ")[0]}`,
      "usage",
      "Do it beside the service, as a user who may read its settings",
    );
  }
  const files = (command.flags ?? []).filter(({ isFile }) => isFile).map(({ name }) => name);
  const places = ["config", "data-dir", ...SETTING_FLAGS].filter((name) =>
    !HARMLESS_SETTINGS.includes(name)
  );
  const wrong = given.find((name) => [...files, ...places].includes(name));
  if (wrong === undefined) return;
  throw new UserError(
    `The service does not take --${wrong}: it works by its own settings and files`,
    "usage",
    files.includes(wrong) ? "Without it, what is printed can be sent to a file" : undefined,
  );
}

/** What the command sees of the world: the daemon's, but for who looks on. */
function worldOf(
  { terminal, env: { NO_COLOR, TERM } }: CommandCall,
  daemon: World,
  tell: (frame: CommandFrame) => void,
  gone: AbortSignal,
): World {
  const env = Object.fromEntries(
    Object.entries(daemon.env).filter(([name]) => !DAEMON_ONLY.includes(name)),
  );
  const decoder = new TextDecoder();
  return {
    env: { ...env, NO_COLOR, TERM },
    runtime: daemon.runtime,
    pid: daemon.pid,
    stdout: (out) => tell({ out }),
    stderr: (bytes) => tell({ err: decoder.decode(bytes) }),
    terminal: { ...terminal, columns: () => terminal.columns },
    onSignal(handler) {
      const end = () => handler("SIGINT");
      gone.addEventListener("abort", end);
      return () => gone.removeEventListener("abort", end);
    },
    onHangup: () => () => {},
    stop: gone,
    exit(code) {
      throw new UserError(`Ended with ${code}`);
    },
  };
}

/** The question stands there, and the answer is up to the caller. */
class Unanswered extends Error {}

function inputOf({ terminal }: CommandCall): Input {
  return {
    isTerminal: () => terminal.stdin,
    readLine() {
      throw new Unanswered();
    },
  };
}
