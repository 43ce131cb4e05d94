import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Program } from "../program.ts";
import { hookDocument } from "../http/http_rig.ts";
import { tokenOf, withListener } from "./listening.ts";
import { until, type World } from "./world.ts";

/** Starts a daemon that listens and has had its first look at Stash. */
async function listening(world: World): Promise<Program> {
  const asked = world.stash.requests().length;
  const daemon = await world.start(["run"]);
  await daemon.stderr.line("HTTP listens on 127.0.0.1:");
  await until("the first look", () => world.stash.requests().length > asked);
  return daemon;
}

function hookOf(sceneId: number): string {
  const fields = ["title", "id"];
  return JSON.stringify(
    hookDocument({ id: sceneId, type: "Scene.Update.Post", input: null, inputFields: fields }),
  );
}

async function post(url: string, token: string, body: string): Promise<unknown> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body,
  });
  assertEquals(answer.status, 200);
  return await answer.json();
}

async function retitled(world: World, sceneId: number, title: string): Promise<void> {
  const { path } = world.library.scenes[sceneId - 1]!.files![0]!;
  const item = () => world.plex.items().find(({ files }) => files.includes(path));
  await until(`the title ${title}`, () => item()?.title === title);
}

Deno.test("what a hook or a poke over HTTP names is in Plex soon after", async () => {
  await withListener({}, async (world, url) => {
    await world.syncAll();
    await using daemon = await listening(world);
    world.stash.upsert([{ id: 1, title: "By hook" }]);
    const token = tokenOf(world);
    assertEquals(await post(`${url}/api/hook`, token, hookOf(1)), { output: "queued" });
    await retitled(world, 1, "By hook");

    world.stash.upsert([{ id: 2, title: "By poke" }, { id: 3, title: "By poke too" }]);
    const poked = await post(`${url}/api/sync`, token, '{"scenes":[2,"3"]}') as { queued: number };
    assertEquals(poked.queued, 2);
    await retitled(world, 2, "By poke");
    await retitled(world, 3, "By poke too");

    daemon.kill();
    const { code, stderr } = await daemon.result;
    assertEquals(code, 0, stderr);
    assert(!stderr.includes(token), "the log holds the token");
  });
});

Deno.test("a hook that was answered is synced, even if the daemon is killed right then", async () => {
  await withListener({}, async (world, url) => {
    await world.syncAll();
    await using first = await listening(world);
    const token = tokenOf(world);
    world.stash.upsert([{ id: 1, title: "Answered" }]);
    await post(`${url}/api/hook`, token, hookOf(1));
    first.kill("SIGKILL");
    await first.result;

    await using _second = await listening(world);
    await retitled(world, 1, "Answered");
    assertEquals(tokenOf(world), token, "the manifest of Stash holds the old token");
  });
});

Deno.test("health is yes while the daemon can work, whatever the servers do, else no", async () => {
  await withListener({}, async (world) => {
    const before = await world.expect(3, "health");
    assertEquals(before.stdout, "The daemon does not run\n");

    await using daemon = await listening(world);
    assertEquals((await world.expect(0, "health")).stdout, "healthy\n");
    await world.plex.close();
    await world.expect(0, "sync", "--all", "--yes");
    await daemon.stderr.line("Plex is down: ");
    const report = await world.json<Record<string, unknown>>("health");
    assertEquals([report.healthy, report.problems], [true, []]);

    daemon.kill();
    await daemon.result;
    await world.expect(3, "health");
  });
});

Deno.test("a listener that is open to the network needs a token that its owner chose", async () => {
  await withListener({ config: { listen: "0.0.0.0:9797" } }, async (world) => {
    const { stderr } = await world.expect(2, "run");
    assertMatch(stderr, /^error: Cannot listen on 0\.0\.0\.0:9797: .* listen_token is not set$/m);
    assertMatch(stderr, /^hint: /m);
  });
});

Deno.test("an address in use ends the daemon with an error that names it", async () => {
  await withListener({}, async (world, url) => {
    const port = Number(new URL(url).port);
    using _taken = Deno.listen({ hostname: "127.0.0.1", port });
    const { stderr } = await world.expect(1, "run");
    assertStringIncludes(stderr, `error: Cannot listen on 127.0.0.1:${port}: `);
  });
});

/** The image of Stash has no other client. */
const BUSYBOX = ["/bin/busybox", "/usr/bin/busybox"].find((path) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
});

Deno.test({
  name: "the wget of Stash's image posts a hook from its stdin and prints the answer",
  ignore: BUSYBOX === undefined,
  fn: () =>
    withListener({}, async (world, url) => {
      await world.syncAll();
      await using _daemon = await listening(world);
      world.stash.upsert([{ id: 1, title: "By wget" }]);
      const wget = async (token: string) => {
        const child = new Deno.Command(BUSYBOX!, {
          args: [
            ...["wget", "-q", "-O", "-", "--header", "Content-Type: application/json"],
            ...["--header", `Authorization: Bearer ${token}`],
            ...["--post-file", "/dev/stdin", `${url}/api/hook`],
          ],
          stdin: "piped",
          stdout: "piped",
          stderr: "piped",
        }).spawn();
        const writer = child.stdin.getWriter();
        await writer.write(new TextEncoder().encode(hookOf(1)));
        await writer.close();
        const { code, stdout, stderr } = await child.output();
        const decoder = new TextDecoder();
        return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
      };
      const wrong = await wget("wrong");
      assert(wrong.code !== 0);
      assertStringIncludes(wrong.stderr, "401 Unauthorized");
      const { code, stdout } = await wget(tokenOf(world));
      assertEquals([code, stdout], [0, '{"output":"queued"}\n']);
      await retitled(world, 1, "By wget");
    }),
});
