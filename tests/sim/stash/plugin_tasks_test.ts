import { assertEquals } from "@std/assert";
import { ECHO, FOREVER, log, type TestPlugin, withPlugins, writePlugin } from "./plugin_testing.ts";
import type { SimStash } from "./server.ts";
import { ask } from "./testing.ts";

const TASKS = `tasks:
  - name: Sync all
    description: Everything
    defaultArgs: { mode: all, speed: "1" }
  - name: Other
`;
const task = (script: string): TestPlugin => ({ script, manifest: TASKS, triggers: [] });

async function mutate(stash: SimStash, mutation: string, variables = {}) {
  const { data, errors } = await ask(stash, `mutation${mutation}`, variables);
  assertEquals(errors, undefined);
  return data;
}

const ARGS: { call: string; want: unknown }[] = [
  { call: 'task_name:"Sync all"', want: { mode: "all", speed: "1" } },
  {
    call: 'task_name:"Sync all",args_map:{mode:"some",ids:[1]},args:[{key:"x",value:{i:1}}]',
    want: { mode: "some", speed: "1", ids: [1] },
  },
  {
    call: 'args:[{key:"a",value:{str:"s"}},{key:"b",value:{a:[{b:true},{f:1.5}]}},' +
      '{key:"c",value:{o:[{key:"d",value:{i:2}}]}},{key:"e"}]',
    want: { a: "s", b: [true, 1.5], c: { d: 2 }, e: null },
  },
  { call: 'task_name:"Other"', want: {} },
];
for (const { call, want } of ARGS) {
  Deno.test(`runPluginTask with ${call} hands over ${JSON.stringify(want)}`, () =>
    withPlugins({ p: task(ECHO) }, {}, async (stash) => {
      const data = await mutate(stash, `{runPluginTask(plugin_id:"p",${call})}`);
      assertEquals(data.runPluginTask, "1");
      await stash.until(() => stash.jobs().length === 0);
      const line = stash.logs().find(({ message }) => message.startsWith("Plugin returned: "));
      assertEquals(JSON.parse(line?.message.slice(17) ?? "null").args, want);
    }));
}

const DESCRIBED: { call: string; want: string }[] = [
  { call: 'task_name:"Other",description:"as told"', want: "as told" },
  { call: 'task_name:"Other"', want: "Other" },
  { call: "", want: "p" },
];
for (const { call, want } of DESCRIBED) {
  Deno.test(`a task's job is called "Running plugin task: ${want}"`, () =>
    withPlugins({ p: task("") }, {}, async (stash) => {
      await mutate(stash, `{runPluginTask(plugin_id:"p",${call})}`);
      const { data } = await ask(stash, "{findJob(input:{id:1}){description}}");
      assertEquals(data.findJob.description, `Running plugin task: ${want}`);
    }));
}

Deno.test("only a task that cannot be started is a failed job", () =>
  withPlugins({ p: task("exit 3"), off: task("") }, {}, async (stash, folder) => {
    await mutate(stash, "{setPluginsEnabled(enabledMap:{off:false})}");
    const outcome = async (id: string, name?: string) => {
      const { status, error } = await stash.runTask(id, name);
      return [status, error];
    };
    assertEquals(await outcome("p", "Other"), ["FINISHED", null]);
    assertEquals(stash.logs().at(-1)?.message, "Plugin returned error: exit status 3");
    assertEquals(await outcome("P"), ["FAILED", "no plugin with ID P"]);
    assertEquals(await outcome("off"), ["FAILED", "plugin off is disabled"]);
    assertEquals(await outcome("p", "Nope"), [
      "FAILED",
      "no task with name Nope in plugin p plugin",
    ]);
    Deno.removeSync(`${folder}/p/run.sh`);
    const error = `error running plugin: fork/exec ${folder}/p/run.sh: no such file or directory`;
    assertEquals(await outcome("p", "Other"), ["FAILED", error]);
    assertEquals(stash.logs().at(-1)?.message, `Error running plugin task: ${error}`);
  }));

Deno.test("jobs run one at a time, a stopped one is killed and the next begins", () =>
  withPlugins({ p: task(`${log("started")}; ${FOREVER}`), q: task("") }, {}, async (stash) => {
    const queue = async () => {
      const { data } = await ask(stash, "{jobQueue{id status startTime}}");
      return data.jobQueue?.map((job: { id: string; status: string }) => `${job.id} ${job.status}`);
    };
    assertEquals(await queue(), undefined);
    const [first, second, third] = [stash.runTask("p"), stash.runTask("q"), stash.runTask("q")];
    await stash.until(() => stash.logs().length === 1);
    assertEquals(await queue(), ["1 RUNNING", "2 READY", "3 READY"]);
    await mutate(stash, "{stopJob(job_id:2)}");
    assertEquals(await queue(), ["1 RUNNING", "3 READY"]);
    await mutate(stash, "{stopJob(job_id:1)}");
    const ended = await Promise.all([first, second, third]);
    assertEquals(ended.map(({ id, status, error }) => [id, status, error]), [
      ["1", "CANCELLED", null],
      ["2", "CANCELLED", null],
      ["3", "FINISHED", null],
    ]);
    assertEquals(await queue(), undefined);
  }));

Deno.test("findJob knows the last ten that ended, and progress while it runs", () => {
  const script = `printf '\\001p\\0020.25\\n' >&2; ${FOREVER}`;
  return withPlugins({ p: task(script), q: task("") }, {}, async (stash) => {
    for (let n = 0; n < 11; n++) await stash.runTask("q");
    const find = async (id: number) => {
      const query = "query($id:ID!){findJob(input:{id:$id}){status progress}}";
      return (await ask(stash, query, { id: String(id) })).data.findJob;
    };
    assertEquals([await find(1), await find(2)], [null, { status: "FINISHED", progress: null }]);
    const running = stash.runTask("p");
    await stash.until(() => stash.jobs()[0]?.progress === 0.25);
    assertEquals(await find(12), { status: "RUNNING", progress: 0.25 });
    await mutate(stash, "{stopAllJobs}");
    assertEquals((await running).status, "CANCELLED");
  });
});

const OPERATIONS: { script: string; output?: unknown; error?: string }[] = [
  { script: `echo '{"output":{"a":[1]}}'`, output: { a: [1] } },
  { script: "echo raw", output: "raw\n" },
  { script: "", output: "" },
  { script: "echo '{}'", output: null },
  { script: `echo '{"error":"broken","output":1}'`, error: "broken" },
  { script: "echo '{}'; exit 3", error: "exit status 3" },
];
for (const { script, output, error } of OPERATIONS) {
  Deno.test(`runPluginOperation of ${script || "nothing"} gives ${JSON.stringify(output ?? error)}`, () =>
    withPlugins({ p: task(script) }, {}, async (stash) => {
      const { data, errors } = await ask(stash, 'mutation{runPluginOperation(plugin_id:"p")}');
      assertEquals(errors?.[0]?.message, error);
      if (error === undefined) assertEquals(data.runPluginOperation, output);
    }));
}

Deno.test("an operation runs beside the queue, with no default arguments", () =>
  withPlugins({ p: task(FOREVER), q: task(ECHO) }, {}, async (stash) => {
    void stash.runTask("p");
    await stash.until(() => stash.jobs()[0]?.status === "RUNNING");
    const data = await mutate(stash, '{runPluginOperation(plugin_id:"q",args:{mode:"x"})}');
    assertEquals(data.runPluginOperation.args, { mode: "x" });
    const { errors } = await ask(stash, 'mutation{runPluginOperation(plugin_id:"nope")}');
    assertEquals(errors?.[0]?.message.startsWith("Internal system error"), true);
    stash.stopJob("1");
  }));

Deno.test("configurePlugin replaces the whole map, and what was never stored is absent", () =>
  withPlugins({ p: task("") }, { plugins: { q: { kept: true } } }, async (stash) => {
    const stored = async () =>
      (await ask(stash, '{configuration{plugins(include:["p","q"])}}')).data.configuration.plugins;
    assertEquals(await stored(), { q: { kept: true } });
    const set = (input: Record<string, unknown>) =>
      mutate(stash, '($i:Map!){configurePlugin(plugin_id:"p",input:$i)}', { i: input });
    assertEquals((await set({ a: 1, b: "x" })).configurePlugin, { a: 1, b: "x" });
    await set({ b: "y" });
    assertEquals(await stored(), { p: { b: "y" }, q: { kept: true } });
    assertEquals(stash.pluginSettings("p"), { b: "y" });
  }));

Deno.test("plugins tells what is loaded, and reloadPlugins reads the folder again", () =>
  withPlugins(
    {
      p: {
        script: "",
        triggers: ["Scene.Update.Post"],
        manifest:
          `version: 1.0\n${TASKS}settings:\n  z: { type: BOOLEAN }\n  a: { displayName: A }\n`,
      },
    },
    {},
    async (stash, folder) => {
      const query = `{plugins{id name version enabled description tasks{name description plugin{id}}
        hooks{name hooks} settings{name display_name type} paths{javascript css}}}`;
      const { data } = await ask(stash, query);
      assertEquals(data.plugins, [{
        id: "p",
        name: "p plugin",
        version: "1.0",
        enabled: true,
        description: null,
        tasks: [
          { name: "Sync all", description: "Everything", plugin: { id: "p" } },
          { name: "Other", description: null, plugin: { id: "p" } },
        ],
        hooks: [{ name: "hook", hooks: ["Scene.Update.Post"] }],
        settings: [
          { name: "a", display_name: "A", type: "STRING" },
          { name: "z", display_name: "", type: "BOOLEAN" },
        ],
        paths: { javascript: [], css: [] },
      }]);
      writePlugin(folder, "new", { script: "" });
      Deno.writeTextFileSync(`${folder}/p/p.yml`, "nonsense: 1");
      await mutate(stash, "{reloadPlugins}");
      const again = await ask(stash, "{plugins{id} pluginTasks{name}}");
      assertEquals(again.data, { plugins: [{ id: "new" }], pluginTasks: [] });
      assertEquals(stash.logs().at(-1)?.level, "error");
    },
  ));

for (const logLevel of ["info", "warning"] as const) {
  Deno.test(`logs shows the newest 30 from level ${logLevel} on, newest first`, () => {
    const script = `for i in 1 2 3 4 5 6 7 8 9; do for j in 1 2 3 4 5; do
      printf '\\001d\\002d\\n\\001w\\002w%s\\n\\001e\\002e%s\\n' "$i$j" "$i$j" >&2; done; done`;
    return withPlugins({ p: { script } }, { logLevel }, async (stash) => {
      await stash.runHooks({ trigger: "Scene.Update.Post", id: 1 });
      const { logs } = (await ask(stash, "{logs{time level message}}")).data;
      assertEquals(logs.length, 30);
      assertEquals(logs[0], {
        time: "2026-11-22T12:00:00Z",
        level: "Error",
        message: "[Plugin / p plugin] e95",
      });
      // A plugin's warnings are missing just where warnings are asked for.
      const second = logLevel === "info" ? "w95" : "e94";
      assertEquals(logs[1].message, `[Plugin / p plugin] ${second}`);
    });
  });
}
