import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { join } from "node:path";
import { FACES } from "../../main.ts";
import type { Flavour } from "../../src/app/install/plugin_install.ts";
import { program } from "../../src/cli/frame/program.ts";
import { TASKS } from "../../src/plugin/tasks.ts";
import { manifestText, settingNames, TRIGGERS } from "../../src/plugin/manifest.ts";
import { ENTRIES, KEYS } from "../../src/config/schema.ts";
import { defaultText } from "../../src/config/setting.ts";
import { BadManifest, parseManifest } from "../sim/stash/manifest.ts";
import { startSimStash } from "../sim/stash/server.ts";
import { fakeTerminal } from "./terminal.ts";

const EXEC: Flavour = { kind: "exec", executable: "/opt/plexsync", dataDir: "/var/lib/plexsync" };
const REMOTE: Extract<Flavour, { kind: "remote" }> = {
  kind: "remote",
  url: "http://plexsync:9797",
  token: "tok-en-of-16-characters",
  timeoutSeconds: 10,
};

/** By what Stash is asked, and where plexsync logs, listens, posts and keeps its files. */
const NOT_ON_THE_PAGE = [
  "plex_sign_in_url",
  "stash_url",
  "stash_api_key",
  "stash_user",
  "stash_password",
  "ca_file",
  "log_target",
  "notify_url",
  "notify_on",
  "journal_days",
  "journal_max_mb",
  "listen",
  "listen_token",
  "trusted_proxy",
  "base_path",
  "frame_ancestors",
];

const SETTING_KEYS = settingNames().map(([key]) => key);

function manifest(flavour: Flavour) {
  return parseManifest("/plugins/plexsync/plexsync.yml", manifestText(flavour, TASKS, "1.2.3"));
}

for (const flavour of [EXEC, REMOTE]) {
  Deno.test(`the manifest for ${flavour.kind} passes Stash's strict rules`, () => {
    const { id, name, version, interface: kind, errLog, hooks, tasks, settings } = manifest(
      flavour,
    );
    assertEquals([id, name, version, kind, errLog], [
      "plexsync",
      "plexsync",
      "1.2.3",
      "raw",
      "error",
    ]);
    assertEquals(hooks.flatMap(({ triggeredBy }) => triggeredBy), TRIGGERS);
    assertEquals(tasks.map(({ name, defaultArgs }) => [name, defaultArgs]), [
      ...TASKS.map(({ name, mode }) => [name, { mode }]),
    ]);
    assertEquals(Object.keys(settings), SETTING_KEYS);
    assertThrows(
      () => parseManifest("/p/x.yml", manifestText(flavour, TASKS, "1") + "id: x\n"),
      BadManifest,
    );
  });
}

Deno.test("task names and modes are told apart, and each setting is one of the config file", () => {
  for (const key of ["name", "mode"] as const) {
    assertEquals(new Set(TASKS.map((task) => task[key].toLowerCase())).size, TASKS.length);
  }
  assertEquals(SETTING_KEYS.filter((key) => !KEYS.includes(key)), []);
  const { settings } = manifest(EXEC);
  for (const key of SETTING_KEYS) {
    const entry = ENTRIES.find((each) => each.key === key)!;
    const isSwitch = typeof entry.default === "boolean";
    const text = entry.kind.range === undefined ? "STRING" : "NUMBER";
    assertEquals(settings[key]!.type, isSwitch ? "BOOLEAN" : text, key);
    const { displayName, description } = settings[key]!;
    assert(/^[A-Z]|^plexsync /.test(displayName) && !displayName.includes("_"), displayName);
    assert(description.includes(`this: ${key}.`), description);
    const preset = isSwitch ? (entry.default ? "On, " : "Off by default") : defaultText(entry);
    assertStringIncludes(description, preset);
    // What Stash stores for either type is a value that the setting takes.
    if (isSwitch) assertEquals(entry.kind.parse(false), { value: false });
  }
});

Deno.test("each setting is on Stash's page, but for what is of the service itself", () => {
  assertEquals(KEYS.filter((key) => !SETTING_KEYS.includes(key)), NOT_ON_THE_PAGE);
});

Deno.test("paths of any kind come out of the manifest as they went in", () => {
  const odd = '/data/it\'s "odd": #1\n\t- {x}\\\u0085\u2028é🎬';
  const { exec } = manifest({ kind: "exec", executable: odd, dataDir: odd, config: odd });
  assertEquals(exec, [odd, "plugin", "--data-dir", odd, "--config", odd]);
});

/**
 * Runs the command of a remote manifest in a container of one kind: its `timeout` is GNU's or
 * busybox's, and its busybox tells how it was called.
 */
async function called(
  { timeoutSeconds, gnu, args }: { timeoutSeconds: number | null; gnu: boolean; args: string[] },
): Promise<{ argv: string[]; stdin: string }> {
  const folder = Deno.makeTempDirSync({ prefix: "plexsync-bin-" });
  try {
    const put = (name: string, text: string) =>
      Deno.writeTextFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    put("busybox", 'printf "%s\\n" "$@" > "$0.argv"; cat > "$0.stdin"');
    put(
      "timeout",
      gnu
        ? 'if [ "$1" = --version ]; then exit 0; fi; echo "$1" > "$0.limit"; shift; exec "$@"'
        : "exit 1",
    );
    const [file, ...rest] = manifest({ ...REMOTE, timeoutSeconds }).exec;
    const child = new Deno.Command(file!, {
      args: [...rest, ...args],
      env: { PATH: `${folder}:/usr/bin:/bin` },
      clearEnv: true,
      stdin: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode("{}"));
    await writer.close();
    assertEquals((await child.status).code, 0);
    const read = (name: string) => {
      try {
        return Deno.readTextFileSync(join(folder, name));
      } catch {
        return "";
      }
    };
    const limit = read("timeout.limit").trim();
    const argv = read("busybox.argv").split("\n").slice(0, -1);
    return {
      argv: [...(limit === "" ? [] : ["timeout", limit]), ...argv],
      stdin: read("busybox.stdin"),
    };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

const URL_OF_HOOK = "http://plexsync:9797/api/hook";
const POSTS = ["--header", "Content-Type: application/json"]
  .concat("--header", "Authorization: Bearer tok-en-of-16-characters", "--post-file", "-");
const REMOTE_CALLS = [
  { where: "Stash's Alpine", gnu: false, timeoutSeconds: 10, limit: ["wget", "-T", "10"] },
  // Debian's busybox crashes over -T.
  { where: "a Debian", gnu: true, timeoutSeconds: 10, limit: ["timeout", "10", "wget"] },
  { where: "either, without a limit", gnu: true, timeoutSeconds: null, limit: ["wget"] },
];
for (const { where, gnu, timeoutSeconds, limit } of REMOTE_CALLS) {
  Deno.test(`the remote command in ${where} posts stdin: hooks answer on stdout, tasks in the log`, async () => {
    for (
      const [args, out, url] of [[[], "-", ""], [["log"], "/dev/stderr", "?answer=log"]] as const
    ) {
      const { argv, stdin } = await called({ timeoutSeconds, gnu, args: [...args] });
      assertEquals(argv, [...limit, "-q", "-O", out, ...POSTS, URL_OF_HOOK + url]);
      assertEquals(stdin, "{}");
    }
  });
}

Deno.test("tasks of the remote flavour alone ask for an answer that goes to Stash's log", () => {
  assertEquals(
    new Set(manifest(REMOTE).tasks.flatMap(({ execArgs }) => execArgs)),
    new Set(["log"]),
  );
  assertEquals(manifest(REMOTE).hooks.flatMap(({ execArgs }) => execArgs), []);
  assertEquals(manifest(EXEC).tasks.flatMap(({ execArgs }) => execArgs), []);
});

/** A home with an empty plugins folder, and the program called in this process. */
class Home implements Disposable {
  readonly path = Deno.makeTempDirSync({ prefix: "plexsync-install-" });
  readonly plugins = join(this.path, ".stash", "plugins");
  readonly manifest = join(this.plugins, "plexsync", "plexsync.yml");
  env: Record<string, string> = { HOME: this.path };

  constructor() {
    Deno.mkdirSync(this.plugins, { recursive: true });
  }

  async run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const world = fakeTerminal({ env: this.env, terminal: { stdout: false, stderr: false } });
    const code = await program([...args, "--data-dir", join(this.path, "data")], world, FACES);
    return { code, out: world.out.join(""), err: world.err() };
  }

  /** As `run`, for one that must succeed: its output. */
  async text(...args: string[]): Promise<string> {
    const { code, out, err } = await this.run(...args);
    assertEquals(code, 0, err);
    return out;
  }

  [Symbol.dispose]() {
    Deno.removeSync(this.path, { recursive: true });
  }
}

const INSTALL = ["install", "stash-plugin"];
const modeOf = (path: string) => (Deno.statSync(path).mode ?? 0) & 0o777;

Deno.test("install writes the manifest where Stash's defaults have it, and says what is next", async () => {
  using home = new Home();
  const text = await home.text(...INSTALL, "--exec", "/opt/plexsync");
  assertStringIncludes(text, `Wrote ${home.manifest}\n`);
  for (const step of ["Reload plugins", "plex_url and plex_token", "plexsync run --data-dir"]) {
    assertStringIncludes(text, step);
  }
  const { exec } = parseManifest(home.manifest, Deno.readTextFileSync(home.manifest));
  assertEquals(exec, ["/opt/plexsync", "plugin", "--data-dir", join(home.path, "data")]);
  assertEquals(modeOf(home.manifest), 0o644);
  assertEquals([...Deno.readDirSync(join(home.plugins, "plexsync"))].length, 1);
});

Deno.test("install --remote keeps the manifest with the token to its owner", async () => {
  using home = new Home();
  await home.text(...INSTALL, "--exec", "/opt/plexsync");
  home.env.PLEXSYNC_LISTEN_TOKEN = "tok-en-of-16-characters";
  const text = await home.text(...INSTALL, "--remote", "http://plexsync:9797/");
  assertStringIncludes(text, `Updated ${home.manifest}\n`);
  assertEquals(modeOf(home.manifest), 0o600);
  const { exec } = parseManifest(home.manifest, Deno.readTextFileSync(home.manifest));
  assertEquals(exec.slice(-1), ["http://plexsync:9797/api/hook"]);
  assert(exec.includes("Authorization: Bearer tok-en-of-16-characters"));
});

Deno.test("install --print only shows the manifest", async () => {
  using home = new Home();
  const text = await home.text(...INSTALL, "--print", "--exec", "/opt/plexsync");
  assertEquals(parseManifest("/plexsync.yml", text).exec[0], "/opt/plexsync");
  assertEquals([...Deno.readDirSync(home.plugins)], []);
});

Deno.test("install takes the folder that Stash names, if it is here", async () => {
  using home = new Home();
  using other = new Home();
  const stash = await startSimStash();
  try {
    stash.loadPlugins(other.plugins);
    home.env = {
      ...home.env,
      PLEXSYNC_STASH_URL: stash.url,
      PLEXSYNC_STASH_API_KEY: stash.apiKey,
    };
    const text = await home.text(...INSTALL, "--exec", "/opt/plexsync");
    assertStringIncludes(text, `Wrote ${other.manifest}\n`);
    assertEquals(stash.loadPlugins(other.plugins), ["plexsync"]);
    assertEquals(stash.logs().filter(({ level }) => level === "error"), []);
  } finally {
    await stash.close();
  }
});

Deno.test("uninstall removes what install wrote, and nothing else", async () => {
  using home = new Home();
  await home.text(...INSTALL, "--exec", "/opt/plexsync");
  Deno.writeTextFileSync(join(home.plugins, "plexsync", "note.txt"), "mine");
  assertStringIncludes(await home.text("uninstall", "stash-plugin"), `Removed ${home.manifest}\n`);
  assertEquals([...Deno.readDirSync(join(home.plugins, "plexsync"))].map(({ name }) => name), [
    "note.txt",
  ]);
  assertStringIncludes(await home.text("uninstall", "stash-plugin"), "nothing to remove");
  await home.text(...INSTALL, "--exec", "/opt/plexsync");
  Deno.removeSync(join(home.plugins, "plexsync", "note.txt"));
  await home.text("uninstall", "stash-plugin");
  assertEquals([...Deno.readDirSync(home.plugins)], []);
});

Deno.test("install writes the path that it was called by, not the target of a link", async () => {
  const folder = await Deno.makeTempDir({ prefix: "plexsync-link-" });
  try {
    const link = join(folder, "plexsync");
    await Deno.symlink(Deno.execPath(), link);
    const script = `import { pathCalledBy } from "${
      import.meta.resolve("../../src/app/install/called_by.ts")
    }";
      console.log(pathCalledBy(Deno.execPath(), Deno.env.toObject()));`;
    const said = async (command: string, env: Record<string, string>, cwd: string) => {
      const args = ["eval", "--no-lock", "--no-config", script];
      const child = new Deno.Command("sh", {
        args: ["-c", `exec ${command} "$@"`, "sh", ...args],
        env: { ...env, DENO_NO_UPDATE_CHECK: "1" },
        cwd,
        stdout: "piped",
        stderr: "inherit",
      });
      return new TextDecoder().decode((await child.output()).stdout).trim();
    };
    const path = `${folder}:${Deno.env.get("PATH")}`;
    for (
      const [command, cwd] of [[link, "/"], ["plexsync", "/"], ["./plexsync", folder]] as const
    ) {
      assertEquals(await said(command, { PATH: path }, cwd), link, command);
    }
    assertEquals(await said(Deno.execPath(), {}, "/"), Deno.execPath());
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

interface Refusal {
  when: string;
  args: readonly string[];
  before?(home: Home): void;
  says: RegExp;
  code: number;
}

const EXEC_ARGS = [...INSTALL, "--exec", "/opt/plexsync"];
const REFUSALS: readonly Refusal[] = [
  {
    when: "there is no plugins folder",
    args: EXEC_ARGS,
    before: (home) => Deno.removeSync(home.plugins),
    says: /Cannot find Stash's plugins folder here: .*\.stash\/plugins\nhint: .*--plugins-dir/,
    code: 1,
  },
  {
    when: "the folder that was named is not there",
    args: [...EXEC_ARGS, "--plugins-dir", "/nowhere"],
    says: /There is no folder \/nowhere/,
    code: 1,
  },
  {
    when: "another plugin has the same id in other letters",
    args: EXEC_ARGS,
    before(home) {
      Deno.mkdirSync(join(home.plugins, "community", "PlexSync"), { recursive: true });
      Deno.writeTextFileSync(join(home.plugins, "community/PlexSync/PlexSync.yml"), "name: x\n");
    },
    says: /Stash takes .*PlexSync\.yml for the same plugin/,
    code: 1,
  },
  {
    when: "the file in its place is somebody else's",
    args: EXEC_ARGS,
    before(home) {
      Deno.mkdirSync(join(home.plugins, "plexsync"));
      Deno.writeTextFileSync(home.manifest, "name: other\n");
    },
    says: /plexsync\.yml was not written by plexsync install/,
    code: 1,
  },
  {
    when: "it runs from the source and no executable is named",
    args: INSTALL,
    says: /runs from its source.*\nhint: .*--exec/,
    code: 1,
  },
  {
    when: "there is no token for the listener",
    args: [...INSTALL, "--remote", "http://plexsync:9797"],
    says: /needs the daemon's listen_token/,
    code: 1,
  },
  {
    when: "the listener would refuse the name",
    args: [...INSTALL, "--remote", "http://sync.example.com:9797"],
    before: (home) => {
      home.env.PLEXSYNC_LISTEN_TOKEN = "tok-en-of-16-characters";
      home.env.PLEXSYNC_LISTEN = "0.0.0.0:9797";
    },
    says: /would refuse Stash's calls to sync\.example\.com:9797: it listens on 0\.0\.0\.0/,
    code: 2,
  },
  {
    when: "the address holds a password",
    args: [...INSTALL, "--remote", "http://me:pass@plexsync:9797"],
    says: /must not hold a user name or password/,
    code: 2,
  },
  {
    when: "both flavours are wanted",
    args: [...EXEC_ARGS, "--remote", "http://plexsync:9797"],
    says: /--exec and --remote cannot be joined/,
    code: 2,
  },
  { when: "nothing is named", args: ["install"], says: /Say what: stash-plugin/, code: 2 },
  {
    when: "something else is named",
    args: ["install", "stash-plugins"],
    says: /Unknown: install stash-plugins/,
    code: 2,
  },
];
for (const { when, args, before, says, code } of REFUSALS) {
  Deno.test(`install changes nothing when ${when}`, async () => {
    using home = new Home();
    before?.(home);
    const listed = () => new Deno.Command("find", { args: [home.path, "-type", "f"] }).outputSync();
    const files = listed().stdout;
    const result = await home.run(...args);
    assertMatch(result.err, says);
    assertEquals([result.code, listed().stdout], [code, files]);
  });
}
