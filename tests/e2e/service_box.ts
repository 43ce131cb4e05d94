/**
 * A machine of its own for one test, with a real service manager as its first process: systemd over
 * a layer on top of this machine's files, in namespaces of its own. What it writes, mounts and ends
 * stays in there. It shares the network, so that simulated servers on loopback are reached.
 *
 * Needs root, systemd 252 or newer, and a kernel that allows it; `canBoot()` tells.
 */
import { join } from "node:path";
import { until } from "./world.ts";
import { denoDir, programCommand, ROOT } from "../program.ts";

/** What the machine has of systemd's own units: as little as a service needs around it. */
const UNITS = [
  ...["sysinit", "basic", "shutdown", "multi-user", "network-online", "sockets"].map((name) =>
    `${name}.target`
  ),
  "systemd-journald.service",
  "systemd-journald.socket",
];

/**
 * Brings the machine up. Arguments: a name for its group of processes; then one of `probe`, which
 * only looks whether that can be, and `boot`; then pairs of a path here and a path there.
 */
const OUTER = `set -e
groups=$(mktemp -d)
mount -t cgroup2 none "$groups"
mkdir -p "$groups/$1"
echo $$ > "$groups/$1/cgroup.procs"
umount "$groups"; rmdir "$groups"
shift
exec unshare --cgroup --pid --fork --kill-child=KILL --uts --ipc sh -c "$INNER" box "$@"
`;

const INNER = `set -e
what=$1; shift
mount --make-rprivate /
box=$(mktemp -d)
mount -t tmpfs none "$box"
root="$box/root"
mkdir "$box/upper" "$box/work" "$root"
mount -t overlay -o "lowerdir=/,upperdir=$box/upper,workdir=$box/work" none "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t cgroup2 none "$root/sys/fs/cgroup"
for each in run tmp dev var/log var/tmp; do mount -t tmpfs -o mode=755 none "$root/$each"; done
chmod 1777 "$root/tmp" "$root/var/tmp"
cd "$root/dev"
mknod -m 666 null c 1 3; mknod -m 666 zero c 1 5; mknod -m 666 full c 1 7
mknod -m 666 random c 1 8; mknod -m 666 urandom c 1 9; mknod -m 666 tty c 5 0
mkdir pts shm; mount -t devpts -o newinstance,ptmxmode=0666 none pts; mount -t tmpfs none shm
ln -s pts/ptmx ptmx; ln -s /proc/self/fd fd
[ "$what" = boot ] || exit 0
units="$root/usr/lib/systemd/system"
kept="$box/units"; mkdir "$kept"
for each in $UNITS; do cp "$units/$each" "$kept/"; done
mkdir "$kept/sysinit.target.wants"
ln -s ../systemd-journald.service "$kept/sysinit.target.wants/"
mount --bind "$kept" "$units"
for each in etc/systemd run/systemd lib/systemd/system-generators; do
  mkdir -p "$root/$each"; mount -t tmpfs -o mode=755 none "$root/$each"
done
mkdir -p "$root/etc/systemd/system"
: > "$root/etc/fstab"
while [ $# -gt 0 ]; do
  if [ -d "$1" ]; then mkdir -p "$root$2"; else mkdir -p "$(dirname "$root$2")"; : > "$root$2"; fi
  mount --bind "$1" "$root$2"; shift 2
done
printf '#!/bin/sh\\n%s\\n' "$PROGRAM" > "$root/usr/local/bin/plexsync"
chmod 755 "$root/usr/local/bin/plexsync"
cd "$root"; mkdir old; pivot_root . old; umount -l /old
# A manager in a container leaves this to who made it; credentials are handed over by it.
mount --make-rshared /
exec env -i PATH="$PATH" container=test \\
  /lib/systemd/systemd --unit=multi-user.target --show-status=0 --log-target=journal
`;

function unshare(args: readonly string[], program = ""): Deno.Command {
  return new Deno.Command("unshare", {
    args: ["--mount", "sh", "-c", OUTER, "box", ...args],
    env: { INNER, UNITS: UNITS.join(" "), PROGRAM: program },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  });
}

/** Whether this machine can bring one up. */
export async function canBoot(): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  try {
    await Deno.stat("/lib/systemd/systemd");
    const name = nameOfGroup();
    const { success } = await unshare([name, "probe"]).output();
    await removeGroup(name);
    return success;
  } catch {
    return false;
  }
}

function nameOfGroup(): string {
  return `plexsync-test-${crypto.randomUUID()}`;
}

/** Takes the group of processes away, once all of them have ended. */
async function removeGroup(name: string): Promise<void> {
  const script = `groups=$(mktemp -d); mount -t cgroup2 none "$groups" || exit 0
for try in 1 2 3 4 5 6 7 8 9 10; do
  [ -d "$groups/$1" ] || break
  find "$groups/$1" -depth -type d -exec rmdir {} + 2>/dev/null && break
  sleep 0.1
done
umount "$groups"; rmdir "$groups"`;
  await new Deno.Command("unshare", { args: ["--mount", "sh", "-c", script, "box", name] })
    .output();
}

export class ServiceBox implements AsyncDisposable {
  /** The first process in there, as it is called here. */
  #init = 0;

  private constructor(
    private readonly process: Deno.ChildProcess,
    private readonly group: string,
  ) {}

  static async boot(): Promise<ServiceBox> {
    const group = nameOfGroup();
    const { binds, program } = await placed();
    const box = new ServiceBox(unshare([group, "boot", ...binds.flat()], program).spawn(), group);
    try {
      box.#init = await serviceManager(box.process.pid);
      await box.until("systemctl is-system-running --wait", /running|degraded/);
      return box;
    } catch (error) {
      await box[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Runs a line of shell in there, as root. */
  async sh(line: string): Promise<{ code: number; stdout: string; stderr: string }> {
    const spaces = ["--mount", "--pid", "--uts", "--ipc", "--cgroup", "--root", "--wd"];
    const { code, stdout, stderr } = await new Deno.Command("nsenter", {
      args: ["--target", `${this.#init}`, ...spaces, "sh", "-c", line],
      clearEnv: true,
      env: { PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", HOME: "/root" },
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  }

  /** Runs a line until what it prints is as wanted, for a minute at most. */
  async until(line: string, wanted: RegExp): Promise<string> {
    for (const end = Date.now() + 60_000;;) {
      const { stdout, stderr } = await this.sh(line);
      if (wanted.test(stdout)) return stdout;
      if (Date.now() > end) throw new Error(`${line} prints no ${wanted}: ${stdout}${stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async [Symbol.asyncDispose]() {
    this.process.kill("SIGKILL");
    await this.process.status;
    await removeGroup(this.group);
  }
}

/** The child of a process that has become systemd. Only other programs may look into `/proc`. */
function serviceManager(pid: number): Promise<number> {
  const look = `for child in $(cat /proc/${pid}/task/${pid}/children); do ` +
    `[ "$(cat /proc/$child/comm)" = systemd ] && echo $child; done`;
  return until("the service manager", async () => {
    const { stdout } = await new Deno.Command("sh", { args: ["-c", look] }).output();
    return Number(new TextDecoder().decode(stdout)) || undefined;
  }, 60_000);
}

/** Where a service that sees no home can start the program, and the command that does. */
async function placed(): Promise<{ binds: [string, string][]; program: string }> {
  const places: [string, string][] = [
    [Deno.execPath(), "/opt/plexsync-test/deno"],
    [ROOT, "/opt/plexsync-test/project"],
    [await denoDir(), "/opt/plexsync-test/cache"],
  ];
  const own = Deno.env.get("PLEXSYNC_BIN");
  if (own) places.push([programCommand()[0], "/opt/plexsync-test/plexsync"]);
  const words = programCommand().map((word) =>
    places.reduce((text, [here, there]) => text.replaceAll(here, there), word)
  );
  const command = words.map((word) => `'${word}'`).join(" ");
  return {
    binds: places,
    program: `export DENO_DIR=${join("/opt/plexsync-test", "cache")} DENO_NO_UPDATE_CHECK=1\n` +
      `exec ${command} "$@"`,
  };
}
