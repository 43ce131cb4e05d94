/** Reconciliations that are started on the page. */
import { assertEquals, assertMatch } from "@std/assert";
import { reconcileHistory } from "../../../src/app/reconcile/reconciliation.ts";
import { HttpRig } from "../http_rig.ts";
import { assertLacks, PageBrowser } from "./page_browser.ts";

/** A server that takes its time, until it is let go. */
class Slow implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #let = Promise.withResolvers<void>();
  readonly asked = Promise.withResolvers<void>();

  constructor() {
    this.#server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async () => {
      this.asked.resolve();
      await this.#let.promise;
      return new Response("no", { status: 500 });
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  letGo(): void {
    this.#let.resolve();
  }

  async [Symbol.asyncDispose]() {
    this.letGo();
    await this.#server.shutdown();
  }
}

Deno.test("a run is started by a button, is told of while it goes on, and another waits", async () => {
  await using stash = new Slow();
  await using rig = await HttpRig.open({ stashUrl: stash.url, plexUrl: stash.url });
  const browser = await PageBrowser.signedIn(rig);
  const csrf = await browser.csrf("/reconcile");
  const form = { csrf, scope: "7days", only: "missing" };
  const started = await browser.post("/reconcile", form);
  assertEquals([started.status, started.headers.get("location")], [
    303,
    "/reconcile?did=started-1",
  ]);
  await stash.asked.promise;
  assertMatch((await browser.get("/reconcile")).html, /A run is under way/);
  const refused = await browser.post("/reconcile", form);
  assertEquals(refused.status, 409);
  assertMatch(refused.html, /A reconciliation is under way/);
  await using watch = await browser.watch("/reconcile");
  assertMatch((await watch.next())!.data, /A run is under way/);
  stash.letGo();
  for (let told = ""; !/failed after 0 scenes/.test(told);) told = (await watch.next())!.data;
  const [run] = reconcileHistory(rig);
  assertEquals([run!.scope, run!.state, run!.origin], ["7days", "failed", "command"]);
  assertLacks((await browser.get("/reconcile")).html, /under way/);
});

Deno.test("the end of the daemon stops a run that was started on the page", async () => {
  await using stash = new Slow();
  await using rig = await HttpRig.open({ stashUrl: stash.url, plexUrl: stash.url });
  const browser = await PageBrowser.signedIn(rig);
  const csrf = await browser.csrf("/reconcile");
  await browser.post("/reconcile", { csrf, dry: "1" });
  await stash.asked.promise;
  await rig.close();
  assertEquals(reconcileHistory(rig).map(({ state }) => state), ["stopped"]);
});
