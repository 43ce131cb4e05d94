/** The program in a real terminal, driven by a script as a person would. */
import { programCommand } from "../program.ts";
import { denoDir } from "../program.ts";

/** Waits for a text on the screen, then types the answer and Enter. */
export type Step = readonly [shown: string, answer: string];

export interface Session {
  code: number;
  /** All that stood on the terminal: questions, echo, errors. */
  screen: string;
  /** Standard output, which is no terminal here. */
  stdout: string;
  /** The step whose text never came; null when all came. */
  stuck: string | null;
}

/** Whether there is something to drive a terminal with. */
export const HAS_TERMINAL = Deno.build.os !== "windows" && hasPython();

/** Only an executable asks these, which can be installed: the answer is no. */
const EXTRAS = ["Install the plugin", "Install a service"];

const DRIVER = `
import json, os, pty, select, subprocess, sys, time, fcntl, termios
job = json.load(sys.stdin)
master, slave = pty.openpty()
def own():
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
child = subprocess.Popen(job["command"], stdin=slave, stdout=subprocess.PIPE, stderr=slave,
                         preexec_fn=own, env=job["env"], cwd=job["cwd"])
os.close(slave)
screen = b""; out = b""; seen = 0; stuck = None
steps = list(job["steps"]); also = list(job["also"]); end = time.time() + job["seconds"]
open_fds = {master, child.stdout.fileno()}
while open_fds:
    if steps:
        at = screen.find(steps[0][0].encode(), seen)
        if at >= 0:
            seen = at + len(steps[0][0].encode())
            os.write(master, (steps.pop(0)[1] + "\\r").encode())
    for text in list(also):
        if text.encode() in screen:
            also.remove(text)
            os.write(master, b"n\\r")
    if time.time() > end:
        stuck = steps[0][0] if steps else "the end"
        child.kill()
        break
    for fd in select.select(list(open_fds), [], [], 0.05)[0]:
        try: data = os.read(fd, 65536)
        except OSError: data = b""
        if not data: open_fds.discard(fd)
        elif fd == master: screen += data
        else: out += data
    if child.poll() is not None and child.stdout.fileno() not in open_fds: open_fds.discard(master)
code = child.wait()
if stuck is None and steps: stuck = steps[0][0]
print(json.dumps({"code": code, "screen": screen.decode("utf8", "replace"),
                  "stdout": out.decode("utf8", "replace"), "stuck": stuck}))
`;

/** Runs the program in a terminal of its own, to its end. */
export async function inTerminal(
  args: readonly string[],
  steps: readonly Step[],
  env: Readonly<Record<string, string>> = {},
): Promise<Session> {
  const home = await Deno.makeTempDir({ prefix: "plexsync-terminal-" });
  try {
    const driver = new Deno.Command("python3", {
      args: ["-c", DRIVER],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const job = {
      command: [...programCommand(), ...args],
      env: { HOME: home, TERM: "xterm", DENO_DIR: await denoDir(), NO_COLOR: "1", ...env },
      cwd: home,
      steps,
      also: EXTRAS,
      seconds: 60,
    };
    const writer = driver.stdin.getWriter();
    await writer.write(new TextEncoder().encode(JSON.stringify(job)));
    await writer.close();
    const { stdout } = await driver.output();
    return JSON.parse(new TextDecoder().decode(stdout)) as Session;
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

function hasPython(): boolean {
  try {
    return new Deno.Command("python3", { args: ["-c", "import pty, fcntl"] }).outputSync().success;
  } catch {
    return false;
  }
}
