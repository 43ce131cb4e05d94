/** A package for Debian and what is made of it, by its own `dpkg-deb`. */
import { gzipSync } from "node:zlib";
import { dirname, join } from "node:path";
import { unitText } from "../../src/app/install/systemd_unit.ts";
import { machineOfFile } from "../compile/machine.ts";
import { askExecutable } from "./ask_executable.ts";

const ARCHITECTURES = { x86_64: "amd64", aarch64: "arm64" } as const;

/** Where the program stands once it is installed. */
const PROGRAM = "/usr/bin/plexsync";
const CONFIG = "/etc/plexsync/plexsync.toml";

/** Runs only where systemd does: a container has none. */
const WITH_SYSTEMD = "if [ -d /run/systemd/system ]; then";

/** By their names in the package. The state goes with `purge`, and with nothing less. */
const SCRIPTS: Readonly<Record<string, string>> = {
  postinst: `${WITH_SYSTEMD}
  systemctl daemon-reload
  systemctl try-restart plexsync.service || true
fi
`,
  prerm: `if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
  systemctl disable --now plexsync.service || true
fi
`,
  postrm: `${WITH_SYSTEMD} systemctl daemon-reload || true; fi
if [ "$1" = purge ]; then
  rm -rf /etc/plexsync /var/lib/private/plexsync /var/lib/plexsync
fi
`,
};

/**
 * @param bin Absolute path of an executable for Linux that starts on this machine
 * @returns path of `plexsync_<version>_<architecture>.deb`
 * @throws {Error} it is for another system, or `dpkg-deb` is not there
 */
export async function makeDeb(
  { root, bin, folder }: { root: string; bin: string; folder: string },
  ask = (...args: string[]) => askExecutable(bin, ...args),
): Promise<string[]> {
  const machine = machineOfFile(await Deno.readFile(bin));
  if (machine?.os !== "linux") throw new Error(`Cannot pack ${bin}: it must be one for Linux`);
  const architecture = ARCHITECTURES[machine.arch];
  const { version } = JSON.parse(await ask("version", "--json"));
  const tree = await Deno.makeTempDir({ dir: folder, prefix: ".deb-" });
  try {
    await fill(tree, root, bin, ask);
    await writeControl(tree, version, architecture);
    const path = join(folder, `plexsync_${version}_${architecture}.deb`);
    await run("dpkg-deb", ["--root-owner-group", "-Zxz", "--build", tree, path]);
    return [path];
  } finally {
    await Deno.remove(tree, { recursive: true });
  }
}

async function fill(
  tree: string,
  root: string,
  bin: string,
  ask: (...args: string[]) => Promise<string>,
): Promise<void> {
  const write = async (path: string, content: string | Uint8Array, mode = 0o644) => {
    const place = join(tree, path);
    await Deno.mkdir(dirname(place), { recursive: true });
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await Deno.writeFile(place, bytes);
    await Deno.chmod(place, mode);
  };
  const packed = async (...args: string[]) => gzipSync(await ask(...args), { level: 9 });
  const text = (name: string) => Deno.readTextFile(join(root, name));

  await write(PROGRAM, await Deno.readFile(bin), 0o755);
  await write(
    "/usr/lib/systemd/system/plexsync.service",
    unitText({
      scope: "system",
      user: null,
      group: null,
      executable: PROGRAM,
      config: CONFIG,
      secrets: new Map(),
      dataDir: null,
    }),
  );
  await write("/usr/share/man/man1/plexsync.1.gz", await packed("man"));
  const shells = {
    bash: "bash-completion/completions/plexsync",
    zsh: "zsh/vendor-completions/_plexsync",
    fish: "fish/vendor_completions.d/plexsync.fish",
  };
  for (const [shell, place] of Object.entries(shells)) {
    await write(`/usr/share/${place}`, await ask("completions", shell));
  }
  await write("/usr/share/doc/plexsync/copyright", await ask("version", "--licences"));
  await write(
    "/usr/share/doc/plexsync/changelog.gz",
    gzipSync(await text("CHANGELOG.md"), { level: 9 }),
  );
  await Deno.mkdir(join(tree, dirname(CONFIG)), { recursive: true });
}

async function writeControl(tree: string, version: string, architecture: string): Promise<void> {
  const folder = join(tree, "DEBIAN");
  await Deno.mkdir(folder);
  const fields = {
    Package: "plexsync",
    // A version before a release is older than the release.
    Version: version.replace("-", "~"),
    Architecture: architecture,
    Maintainer: "The plexsync contributors <plexsync@users.noreply.github.com>",
    Section: "video",
    Priority: "optional",
    // What Deno's runtime is linked with.
    Depends: "libc6 (>= 2.27), libgcc-s1",
    Description: "keeps the metadata of a Plex library equal to Stash\n" +
      " plexsync watches Stash for changes, finds the items of the scenes in Plex, and\n" +
      " writes only what differs. Settings: sudo plexsync init --config\n" +
      ` ${CONFIG}; then: systemctl enable --now plexsync`,
  };
  const control = Object.entries(fields).map(([name, value]) => `${name}: ${value}\n`).join("");
  await Deno.writeTextFile(join(folder, "control"), control);
  for (const [name, script] of Object.entries(SCRIPTS)) {
    await Deno.writeTextFile(join(folder, name), `#!/bin/sh\nset -e\n${script}`);
    await Deno.chmod(join(folder, name), 0o755);
  }
  // Folders were made by whatever mask is in force here.
  for (const path of await foldersIn(tree)) await Deno.chmod(path, 0o755);
}

async function foldersIn(folder: string): Promise<string[]> {
  const found = [folder];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) found.push(...await foldersIn(join(folder, name)));
  }
  return found;
}

async function run(command: string, args: string[]): Promise<void> {
  const output = await new Deno.Command(command, {
    args,
    // The same files make the same package.
    env: { SOURCE_DATE_EPOCH: Deno.env.get("SOURCE_DATE_EPOCH") ?? "0" },
    stdout: "null",
    stderr: "piped",
  }).output().catch(() => {
    throw new Error(`Cannot pack: there is no ${command} here; it is in Debian's package dpkg`);
  });
  if (!output.success) throw new Error(new TextDecoder().decode(output.stderr).trim());
}
