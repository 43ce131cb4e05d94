/** Script in all that both servers tell, in a real browser: none of it runs. */
import { assert, assertEquals } from "@std/assert";
import { noteScenes } from "../../../src/store/library/scene_notes.ts";
import { scene as sampleScene } from "../../core/samples.ts";
import { TARGET } from "../../one_target.ts";
import { generateLibrary } from "../../sim/library.ts";
import { Chromium, findChromium } from "./chromium.ts";
import { TOKEN } from "../http_rig.ts";
import { PageServers } from "./page_servers.ts";

const chromium = findChromium();
const PROMISE = "script in titles, tags, names, texts, errors, log lines and pictures does not run";

function evil(name: string): string {
  return `"'><script>ran = "${name}"</script><img src=x onerror="ran = '${name}'">` +
    `<svg onload=alert(1)> javascript:alert(1) </textarea>`;
}

Deno.test({
  name: chromium === undefined ? `${PROMISE} (no Chromium here)` : PROMISE,
  ignore: chromium === undefined,
  async fn() {
    const library = generateLibrary({ scenes: 2, seed: 4, ambiguous: 1 });
    const scenes = library.scenes.map((scene) => ({
      ...scene,
      title: evil("title"),
      details: evil("details"),
      studio: evil("studio"),
      tags: [evil("tag"), `${evil("tag")} 2`],
      performers: [evil("performer")],
    }));
    await using servers = await PageServers.start({ ...library, scenes });
    const { rig, plex } = servers;
    const [id] = library.ambiguousIds;
    const [{ path, size, durationMs }] = library.plexItems[0]!.files as [
      { path: string; size: number; durationMs: number },
    ];
    const file = { path: `${path}${evil("path")}`, size, durationMs };
    const noted = [sampleScene({ id: id!, title: evil("title"), files: [file] })];
    noteScenes(rig.store.database, noted, Date.now());
    rig.store.of(TARGET).index.put([{ ...file, item: "1", section: "1" }], Date.now());
    rig.store.database.prepare(
      `INSERT INTO dead_letters (job_id, scene_id, target, job_data, error_type, error_message,
         stack_trace, retry_count, path, hint, failed_at)
       VALUES (1, ?1, ?2, '{}', 'AmbiguousMatch', ?3, ?3, 0, ?3, ?3, 0)`,
    ).run(id!, TARGET, evil("error"));
    const other = library.scenes.map((scene) => String(scene.id)).find((each) => each !== id)!;
    rig.store.jobs.enqueue([other], "hook", Date.now());
    rig.store.database.prepare("UPDATE jobs SET last_error_message = ?").run(evil("refusal"));
    rig.store.outcomes.add({
      job_id: 1,
      scene_id: other,
      target: TARGET,
      run_id: null,
      at: Date.now(),
      outcome: "retry",
      error_type: "PlexNotFound",
      error_message: evil("outcome"),
      duration_ms: 5,
      confidence: null,
      items: "[]",
      changed_fields: "[]",
      left_out: "[]",
    });
    rig.log.error(evil("line"), { event: "x", path: evil("path") });
    plex.setFaults([
      { path: "/photo/", status: 200, body: evil("picture"), content_type: "image/jpeg" },
    ]);
    await using browser = await Chromium.open(chromium!);
    const origin = `http://127.0.0.1:${rig.port}`;
    await browser.goto(origin);
    await browser.type("#token", TOKEN);
    await browser.follow("main button");
    for (
      const screen of [
        "/",
        "/dead-letters",
        "/dead-letters/1",
        `/dead-letters?text=${encodeURIComponent(evil("asked"))}`,
        "/unmatched",
        "/queue",
        `/scenes/${id}?ask=1`,
        `/scenes/${other}?ask=1`,
        `/log?text=${encodeURIComponent("<script>")}`,
        "/settings?test=stash",
      ]
    ) {
      await browser.goto(origin + screen);
      assertEquals(await browser.evaluate("typeof ran"), "undefined", screen);
      const strange = "document.querySelectorAll('main script, main svg, [onerror]').length";
      assertEquals(await browser.evaluate(strange), 0, screen);
    }
    for (const [screen, name] of [["/", "outcome"], ["/queue", "refusal"]] as const) {
      await browser.goto(origin + screen);
      const text = await browser.evaluate<string>("document.querySelector('main').innerText");
      assert(text.includes(`<script>ran = "${name}"`), `${name} is shown as text`);
    }
    await browser.goto(`${origin}/scenes/${other}?ask=1`);
    const shown = await browser.evaluate<string>("document.querySelector('main').innerText");
    for (const name of ["title", "details", "studio", "tag", "performer"]) {
      assert(shown.toLowerCase().includes(`<script>ran = "${name}"`), `${name} is shown as text`);
    }
    assertEquals(browser.complaints.filter((each) => !/404|^Autofocus/.test(each)), []);
    // Last: the browser complains of its own style around a picture.
    await browser.goto(`${origin}/pictures/items/plex/1`);
    assertEquals(
      await browser.evaluate("document.contentType + typeof ran"),
      "image/jpegundefined",
    );
  },
});
