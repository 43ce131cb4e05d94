import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { noteScenes } from "../../../src/store/library/scene_notes.ts";
import { scene as sampleScene } from "../../core/samples.ts";
import { HttpRig } from "../http_rig.ts";
import { assertLacks, PageBrowser } from "./page_browser.ts";

const FILE = { path: "/data/secret.mp4", size: 5, durationMs: 7 };

function note(rig: HttpRig): void {
  noteScenes(
    rig.store.database,
    [sampleScene({ id: "7", title: "Secret", files: [FILE] })],
    Date.now(),
  );
}

Deno.test("titles and paths are blurred by a switch without script, which is remembered", async () => {
  await using rig = await HttpRig.open();
  note(rig);
  const browser = await PageBrowser.signedIn(rig);
  const shown = await browser.get("/scenes/7?x=1");
  assertLacks(shown.html, /<body class="blurred">/);
  assertStringIncludes(shown.html, "<title>Secret · plexsync</title>");
  const csrf = await browser.csrf();
  const answer = await browser.post("/blur", { csrf, on: "1", back: "/scenes/7?x=1" });
  assertEquals(answer.headers.get("location"), "/scenes/7?x=1");
  const [cookie] = answer.headers.getSetCookie();
  for (const part of [/; HttpOnly/, /; SameSite=Strict/, /; Path=\//, /; Max-Age=31536000/]) {
    assertMatch(cookie!, part);
  }
  const { html } = await browser.follow(answer);
  assertStringIncludes(html, `<body class="blurred">`);
  assertStringIncludes(html, "<title>Scene 7 · plexsync</title>");
  // What names it stands only where it is blurred, and in what is not seen.
  const bare = html.replace(
    /<[a-z0-9]+ [^>]*class="[^"]*\b(private|unseen)\b[^"]*"[^>]*>[^<]*/g,
    "",
  );
  assertLacks(bare.replace(/<[^>]*>/g, ""), /Secret|secret/);
  await browser.post("/blur", { csrf, on: "0", back: "/" });
  assertLacks((await browser.get("/")).html, /<body class="blurred">/);
});

Deno.test("obfuscate_paths blurs until somebody wants to see, and it may be seen then", async () => {
  await using rig = await HttpRig.open({ obfuscatePaths: true });
  note(rig);
  const browser = await PageBrowser.signedIn(rig);
  assertStringIncludes((await browser.get("/scenes/7")).html, `<body class="blurred">`);
  const csrf = await browser.csrf();
  await browser.post("/blur", { csrf, on: "0", back: "/" });
  assertLacks((await browser.get("/scenes/7")).html, /<body class="blurred">/);
});

Deno.test("the switch leads to no other server", async () => {
  await using rig = await HttpRig.open();
  const browser = await PageBrowser.signedIn(rig);
  const csrf = await browser.csrf();
  const { headers } = await browser.post("/blur", { csrf, on: "1", back: "//evil.example" });
  assertEquals(headers.get("location"), "/");
});
