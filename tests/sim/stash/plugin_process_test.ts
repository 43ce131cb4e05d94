import { assertEquals, assertStringIncludes } from "@std/assert";
import { dirname } from "node:path";
import { ECHO, log, withPlugins } from "./plugin_testing.ts";
import type { SimStash } from "./server.ts";
import { ask } from "./testing.ts";

const EVENT = { trigger: "Scene.Update.Post", id: 45 };
const messages = (stash: SimStash) => stash.logs().map(({ message }) => message);
/** What plugins logged themselves. */
const said = (stash: SimStash) => stash.logs().filter(({ plugin }) => plugin !== undefined);

/** For scripts: waits until the test has made that file in the plugin's folder, or is over. */
const waitFor = (name: string) =>
  `while [ -e $0 ] && [ ! -e \${0%/*}/${name} ]; do sleep 0.01; done`;

/** Waits for a file that a process outside Stash's reach makes. */
async function appears(path: string): Promise<void> {
  const until = performance.now() + 10_000;
  while (!await Deno.stat(path).then(() => true, () => false)) {
    if (performance.now() > until) throw new Error(`${path} does not appear`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

Deno.test("a plugin finds its document on stdin, as Go writes it", () =>
  withPlugins(
    { p: { script: ECHO, manifest: "    defaultArgs: { mode: hook }\n" } },
    {},
    async (stash, folder) => {
      const event = { ...EVENT, input: { id: "45" }, fields: ["id"] };
      const [run] = await stash.runHooks(event);
      const { server_connection, args } = run?.output as Record<string, Record<string, unknown>>;
      const { SessionCookie, ...connection } = server_connection ?? {};
      assertEquals(connection, {
        Scheme: "http",
        Host: "0.0.0.0",
        Port: Number(new URL(stash.url).port),
        Dir: dirname(folder),
        PluginDir: `${folder}/p`,
      });
      const { Value, ...cookie } = SessionCookie as Record<string, unknown>;
      assertEquals(typeof Value, "string");
      assertEquals(cookie, {
        ...{ Name: "session", Quoted: false, Path: "", Domain: "" },
        ...{ Expires: "0001-01-01T00:00:00Z", RawExpires: "", MaxAge: 0, Secure: false },
        ...{ HttpOnly: false, SameSite: 0, Partitioned: false, Raw: "", Unparsed: null },
      });
      const hookContext = { id: 45, type: EVENT.trigger, input: { id: "45" }, inputFields: ["id"] };
      assertEquals(args, { mode: "hook", hookContext });
      assertEquals(run?.input, run?.output);
    },
  ));

Deno.test("host, cookie, environment and folder of the plugin are those of Stash", () =>
  withPlugins(
    { p: { script: `printf '{"output":"%s %s %s"}' "$PWD" "$STASH_FILE" "$HOME"` } },
    {
      version: "0.27",
      pluginHost: {
        host: "::",
        sessionCookie: false,
        env: { PATH: Deno.env.get("PATH") ?? "", STASH_FILE: "here" },
        cwd: "/usr",
      },
    },
    async (stash) => {
      const [run] = await stash.runHooks(EVENT);
      assertEquals(run?.output, "/usr here ");
      const connection = run?.input.server_connection as Record<string, unknown>;
      assertEquals([connection.Host, connection.SessionCookie], ["::", null]);
    },
  ));

const LONG = "cat > /dev/null; head -c 65536 /dev/zero | tr '\\000' x >&2; echo >&2";

Deno.test("a line of 65,536 bytes ends the reading, and the plugin dies of its next ones", () => {
  const script = `${log("first")}\n${LONG}\nwhile :; do ${log("later")}; done`;
  return withPlugins({ p: { script } }, {}, async (stash) => {
    const [run] = await stash.runHooks(EVENT);
    assertEquals([run?.signal, run?.error], ["SIGPIPE", "signal: broken pipe"]);
    assertEquals(said(stash).map(({ message }) => message), ["first"]);
  });
});

Deno.test("later versions cut such a line and read on", () => {
  const script = `${log("first")}\n${LONG}\n${log("later")}`;
  const pluginHost = { longLines: "truncate" } as const;
  return withPlugins({ p: { script } }, { pluginHost }, async (stash) => {
    const [run] = await stash.runHooks(EVENT);
    assertEquals([run?.code, run?.error], [0, undefined]);
    const [first, long, later] = messages(stash);
    assertEquals([first, later], ["first", "later"]);
    assertEquals(long, `${"x".repeat(65_536)} [truncated]`);
  });
});

Deno.test("a grandchild that holds stdout keeps the hook from ending", () => {
  const script = `(${waitFor("go")}) 2> /dev/null &\n${log("parent ends")}`;
  return withPlugins({ p: { script } }, { scenes: [{}] }, async (stash, folder) => {
    const runs = stash.runHooks(EVENT);
    await stash.until(() => messages(stash).includes("parent ends"));
    for (let turn = 0; turn < 20; turn++) await ask(stash, "{findScene(id:1){id}}");
    assertEquals(stash.hooksRun()[0]?.code, undefined);
    Deno.writeTextFileSync(`${folder}/p/go`, "");
    assertEquals((await runs)[0]?.code, 0);
  });
});

Deno.test("a grandchild that holds stderr alone does not, and soon its lines find nobody", () => {
  const script = `(trap '' PIPE; ${waitFor("go")}; while ${log("late")}; do sleep 0.01; done
    touch \${0%/*}/unheard) > /dev/null &\n${log("early")}`;
  return withPlugins({ p: { script } }, {}, async (stash, folder) => {
    const [run] = await stash.runHooks(EVENT);
    assertEquals([run?.code, messages(stash).includes("early")], [0, true]);
    Deno.writeTextFileSync(`${folder}/p/go`, "");
    await appears(`${folder}/p/unheard`);
    assertEquals(messages(stash).includes("late"), false);
  });
});

Deno.test("SIGKILL reaches the direct child alone", () => {
  const script = `(${waitFor("go")}; touch \${0%/*}/alive) > /dev/null 2>&1 &
    ${log("ready")}; exec sleep 60`;
  return withPlugins({ p: { script } }, {}, async (stash, folder) => {
    const gone = new AbortController();
    const runs = stash.runHooks(EVENT, gone.signal);
    await stash.until(() => messages(stash).includes("ready"));
    gone.abort();
    const [run] = await runs;
    await stash.until(() => run?.signal !== undefined);
    assertEquals([run?.cancelled, run?.signal], [true, "SIGKILL"]);
    assertEquals(messages(stash).at(-1), "error executing post hooks: operation cancelled");
    Deno.writeTextFileSync(`${folder}/p/go`, "");
    await appears(`${folder}/p/alive`);
  });
});

Deno.test("a closed server leaves no process of a plugin behind", async () => {
  let pid = 0;
  await withPlugins({ p: { script: "exec sleep 60" } }, {}, async (stash) => {
    void stash.runHooks(EVENT);
    await stash.until(() => stash.hooksRun().length === 1);
    pid = stash.hooksRun()[0]?.pid ?? 0;
    Deno.kill(pid, "SIGCONT"); // it is there
  });
  let left: unknown;
  try {
    Deno.kill(pid, "SIGCONT");
  } catch (cause) {
    left = cause;
  }
  assertEquals(left instanceof Error, true);
});

const NOT_STARTED: { when: string; break_: (program: string) => void; why: string }[] = [
  { when: "is missing", break_: (path) => Deno.removeSync(path), why: "no such file or directory" },
  {
    when: "has no interpreter here",
    break_: (path) => Deno.writeTextFileSync(path, "#!/lib/ld-musl-nowhere.so\n"),
    why: "no such file or directory",
  },
  {
    when: "may not be executed",
    break_: (path) => Deno.chmodSync(path, 0o644),
    why: "permission denied",
  },
  {
    when: "is no program",
    break_: (path) => Deno.writeTextFileSync(path, "echo hello\n"),
    why: "exec format error",
  },
];
for (const { when, break_, why } of NOT_STARTED) {
  Deno.test(`a file that ${when} is an error of its start: ${why}`, () =>
    withPlugins({ p: { script: "" } }, {}, async (stash, folder) => {
      break_(`${folder}/p/run.sh`);
      assertEquals(await stash.runHooks(EVENT), []);
      const error = `error running plugin: fork/exec ${folder}/p/run.sh: ${why}`;
      assertEquals(messages(stash), [`error executing post hooks: ${error}`]);
    }));
}

Deno.test("a document of megabytes arrives whole, and one that nobody reads is a warning", () =>
  withPlugins(
    { a: { script: `printf '{"output":"%s"}' "$(wc -c | tr -d ' ')"` }, b: { script: "exit 0" } },
    {},
    async (stash) => {
      const input = { cover_image: "x".repeat(2_000_000) };
      const [read, unread] = await stash.runHooks({ ...EVENT, input });
      assertEquals(read?.output, String(JSON.stringify(read?.input).length));
      assertEquals(unread?.code, 0);
      const warnings = stash.logs().filter(({ level }) => level === "warning");
      assertEquals(warnings.length, 1);
      assertStringIncludes(warnings[0]?.message ?? "", "error writing input to plugins stdin");
    },
  ));

for (const lostTailMs of [0, 600_000]) {
  Deno.test(`with lostTailMs ${lostTailMs} a fast plugin's log is ${lostTailMs ? "lost" : "kept"}`, () =>
    withPlugins(
      { p: { script: log("last words") } },
      { pluginHost: { lostTailMs } },
      async (stash) => {
        await stash.runHooks(EVENT);
        assertEquals(messages(stash).includes("last words"), lostTailMs === 0);
      },
    ));
}

Deno.test("lines are logged under the plugin's name, those without a prefix at errLog", () =>
  withPlugins(
    { p: { script: `${log("with")}; echo without >&2`, manifest: "errLog: warning\n" } },
    {},
    async (stash) => {
      await stash.runHooks(EVENT);
      assertEquals(said(stash), [
        { level: "info", message: "with", plugin: "p plugin" },
        { level: "warning", message: "without", plugin: "p plugin" },
      ]);
    },
  ));
