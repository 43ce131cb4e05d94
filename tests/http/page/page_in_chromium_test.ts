/** The page as a person sees it, in a real browser. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import axe from "axe-core";
import type { Outcome } from "../../../src/store/figures/outcomes.ts";
import { HINTS } from "../../../src/core/failures/hints.ts";
import { scene as sampleScene } from "../../core/samples.ts";
import { Chromium, findChromium } from "./chromium.ts";
import { HttpRig, TOKEN } from "../http_rig.ts";
import { PageBrowser, type Watch } from "./page_browser.ts";
import { PAGE_SESSIONS } from "../../../src/core/meta_keys.ts";
import { TARGET } from "../../one_target.ts";
import { noteScenes } from "../../../src/store/library/scene_notes.ts";

const path = findChromium();
const SCRIPT = `"><script>alert(1)</script><img src=x onerror=alert(2)>`;
const LONG = `${SCRIPT} ${"Donaudampfschifffahrtsgesellschaftskapitän".repeat(7)}`;
const FILE = { path: `/data/${LONG}.mp4`, size: 1_500_000_000, durationMs: 65_000 };

/** What is not there is asked for on purpose; who types at once is where the focus was to go. */
const HARMLESS = /404|^Autofocus processing was blocked/;

const SCREENS = [
  "/",
  "/dead-letters",
  "/dead-letters?type=PlexNotFound&text=Donau",
  "/dead-letters/1",
  "/unmatched",
  "/scenes/7",
  "/scenes/7?ask=1",
  "/scenes/7/undo",
  "/queue",
  "/reconcile",
  "/log",
  "/settings",
  "/settings?test=stash",
  "/nothing",
];

/** @param refused Status of an answer that is refused on purpose */
function chromiumTest(
  promise: string,
  body: (browser: Chromium, rig: HttpRig) => Promise<void>,
  refused?: number,
) {
  Deno.test({
    name: path === undefined ? `${promise} (no Chromium here)` : promise,
    ignore: path === undefined,
    async fn() {
      await using rig = await HttpRig.open({
        stashUrl: "http://stash.example",
        plexUrl: "http://plex.example",
      });
      fill(rig);
      await using browser = await Chromium.open(path!);
      await browser.goto(`${originOf(rig)}/dead-letters`);
      await browser.type("#token", TOKEN);
      await browser.follow("main button");
      await body(browser, rig);
      const isMeant = (each: string) =>
        HARMLESS.test(each) || (refused !== undefined && each.includes(`status of ${refused}`));
      assertEquals(browser.complaints.filter((each) => !isMeant(each)), []);
      const hosts = new Set(browser.asked.map((url) => new URL(url).host));
      assertEquals([...hosts].filter((host) => host !== ""), [new URL(originOf(rig)).host]);
    },
  });
}

function originOf(rig: HttpRig): string {
  return `http://127.0.0.1:${rig.port}`;
}

const OUTCOME: Omit<Outcome, "id"> = {
  job_id: 1,
  scene_id: "7",
  target: TARGET,
  run_id: null,
  at: 0,
  outcome: "dead",
  error_type: "PlexNotFound",
  error_message: LONG,
  duration_ms: 5,
  confidence: null,
  items: "[]",
  changed_fields: "[]",
  left_out: "[]",
};

function fill(rig: HttpRig): void {
  const now = Date.now();
  noteScenes(rig.store.database, [sampleScene({ id: "7", title: LONG, files: [FILE] })], now);
  const item = { item: "300", section: "1", ...FILE, path: `/media/${LONG}/${LONG}.mp4` };
  rig.store.of(TARGET).index.put([item], now);
  bury(rig, "7", LONG);
  rig.log.error(LONG, { event: "x", path: LONG });
  rig.store.outcomes.add({ ...OUTCOME, at: now });
}

function bury(rig: HttpRig, sceneId: string, text: string): void {
  rig.store.database.prepare(
    `INSERT INTO dead_letters (job_id, scene_id, target, job_data, error_type, error_message,
       stack_trace, retry_count, path, hint, failed_at)
     VALUES (1, ?, ?, '{}', 'PlexNotFound', ?, ?, 0, ?, ?, ?)`,
  ).run(sceneId, TARGET, text, text, text, HINTS.PlexNotFound, Date.now());
}

chromiumTest(
  "every screen fits from a phone to a wide screen, whatever the titles",
  async (browser, rig) => {
    for (const screen of SCREENS) {
      for (const width of [360, 768, 961, 1600]) {
        await browser.look(width, "light");
        await browser.goto(originOf(rig) + screen);
        const over = await browser.evaluate<number>(
          "document.documentElement.scrollWidth - document.documentElement.clientWidth",
        );
        assertEquals(over, 0, `${screen} at ${width}`);
      }
    }
  },
);

chromiumTest(
  "axe finds nothing serious on any screen, in light and dark, on a tablet and a phone",
  async (browser, rig) => {
    for (const screen of SCREENS) {
      for (
        const [scheme, width] of [["light", 1280], ["dark", 1280], ["light", 768], [
          "light",
          360,
        ]] as const
      ) {
        await browser.look(width, scheme);
        await browser.goto(originOf(rig) + screen);
        await browser.evaluate(axe.source);
        const found = await browser.evaluate<string[]>(
          // Dark, only the colours are others.
          `axe.run(${
            scheme === "dark" ? '{ runOnly: ["color-contrast"] }' : ""
          }).then(({ violations }) => violations
           .filter(({ impact }) => ["serious", "critical"].includes(impact))
           .map(({ id, nodes }) => id + ": " + nodes[0].html))`,
        );
        assertEquals(found, [], `${screen} in ${scheme} at ${width}`);
      }
    }
  },
);

chromiumTest(
  "what is private is blurred until somebody points at it, and by the switch no longer",
  async (browser, rig) => {
    const filterOf = () =>
      browser.evaluate<string>("getComputedStyle(document.querySelector('.private')).filter");
    assertEquals(await filterOf(), "none");
    await browser.follow(`form[action="/blur"] button`);
    assertMatch(await filterOf(), /^blur\(/);
    await browser.goto(`${originOf(rig)}/scenes/7`);
    assertEquals(await browser.evaluate("document.title"), "Scene 7 · plexsync");
    assertMatch(await filterOf(), /^blur\(/);
    await browser.follow(`form[action="/blur"] button`);
    assertEquals(await filterOf(), "none");
  },
);

chromiumTest(
  "blurred, no screen shows what is private but behind the blur",
  async (browser, rig) => {
    await browser.follow(`form[action="/blur"] button`);
    for (const screen of SCREENS) {
      await browser.goto(originOf(rig) + screen);
      const bare = await browser.evaluate<string[]>(`(() => {
        const isHidden = (element) => {
          for (let each = element; each !== null; each = each.parentElement) {
            if (getComputedStyle(each).filter.startsWith("blur")) return true;
            if (each.classList.contains("unseen")) return true;
          }
          return false;
        };
        const found = [document.title];
        const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (texts.nextNode()) {
          const { data, parentElement } = texts.currentNode;
          if (!isHidden(parentElement)) found.push(data);
        }
        for (const each of document.querySelectorAll("[title], [alt], [aria-label], [value]")) {
          const said = ["title", "alt", "aria-label", "value"].map((name) => each.getAttribute(name));
          // Pointed at, it is shown anyhow; of what a form carries along nothing is seen.
          if (!isHidden(each) && each.type !== "hidden") found.push(...said);
        }
        return found.filter((text) => /Donau/.test(text));
      })()`);
      assertEquals(bare, [], screen);
    }
  },
);

chromiumTest(
  "who goes through a blurred page by the keyboard sees what the focus is on",
  async (browser, rig) => {
    await browser.follow(`form[action="/blur"] button`);
    await browser.goto(`${originOf(rig)}/dead-letters`);
    const filter = "getComputedStyle(document.querySelector('td .private.clip')).filter";
    assertMatch(await browser.evaluate<string>(filter), /^blur/);
    await browser.evaluate("document.querySelector('td a:has(.private)').focus()");
    assertEquals(await browser.evaluate<string>(filter), "none");
  },
);

chromiumTest(
  "a page whose stream is refused since the session is over leads to the sign-in",
  async (browser, rig) => {
    const said = "document.getElementById('live-state').textContent";
    await browser.goto(`${originOf(rig)}/queue`);
    await browser.until(`${said} === "Live"`);
    // As a daemon finds it whose token is another one by now: the stream is cut, and refused anew.
    const sessions = rig.store.meta.get(PAGE_SESSIONS)!;
    rig.store.meta.set(PAGE_SESSIONS, { ...sessions, token: "of another token" });
    await browser.leave(
      `document.dispatchEvent(new Event("submit")), dispatchEvent(new Event("pageshow"))`,
    );
    const here = await browser.evaluate("location.pathname + location.search");
    assertEquals(here, "/sign-in?next=%2Fqueue");
  },
  401,
);

chromiumTest(
  "a page too many says that it is not kept up to date, and why",
  async (browser, rig) => {
    await browser.goto(`${originOf(rig)}/settings`);
    const watches: Watch[] = [];
    for (let n = 0; n < 4; n++) {
      const other = await PageBrowser.signedIn(rig);
      for (let each = 0; each < 4; each++) watches.push(await other.watch("/"));
    }
    await browser.goto(`${originOf(rig)}/queue`);
    await browser.until(`/too many pages/.test(document.getElementById('live-state').textContent)`);
    for (const each of watches) await each[Symbol.asyncDispose]();
  },
  429,
);

chromiumTest(
  "a person signs in, marks a dead letter, retries it, and signs out",
  async (browser, rig) => {
    const here = () => browser.evaluate<string>("location.pathname + location.search");
    assertEquals(await here(), "/dead-letters");
    await browser.evaluate(`document.querySelector("[name=id]").click()`);
    await browser.follow("form .buttons button");
    assertEquals(await here(), "/dead-letters", "what was done is said once");
    assertMatch(
      await browser.evaluate("document.querySelector('[role=status]').textContent"),
      /^1 dead letter put back/,
    );
    assertEquals(rig.queued(), ["7"]);
    await browser.follow('form[action="/sign-out"] button');
    assertEquals(await here(), "/sign-in");
    await browser.goto(originOf(rig));
    assertEquals(await here(), "/sign-in?next=%2F");
    const cookies = await browser.evaluate<string>("document.cookie");
    assert(cookies === "", "out of reach of scripts");
  },
);

chromiumTest(
  "a page that is open shows what changes, and leaves to its reader what is theirs",
  async (browser, rig) => {
    const text = (selector: string) =>
      browser.evaluate<string>(`document.querySelector(${JSON.stringify(selector)}).textContent`);
    await browser.goto(`${originOf(rig)}/dead-letters`);
    await browser.evaluate(`document.querySelector("[name=id]").click()`);
    await browser.evaluate(`document.querySelector("#text").value = "half a wo"`);
    await browser.evaluate(`document.querySelector("#text").focus()`);
    assertEquals(await browser.evaluate("document.querySelectorAll('[name=id]').length"), 1);
    bury(rig, "8", SCRIPT);
    await browser.until("document.querySelectorAll('[name=id]').length === 2");
    assertEquals(await text("#live-state"), "Live");
    assertEquals(
      await browser.evaluate(
        "[...document.querySelectorAll('[name=id]')].map((each) => each.checked)",
      ),
      [false, true],
      "what is marked stays marked, though it moved",
    );
    assertEquals(await browser.evaluate("document.activeElement.value"), "half a wo");
    await browser.goto(`${originOf(rig)}/dead-letters/1`);
    assertEquals(await browser.evaluate("document.querySelectorAll('script').length"), 0);
  },
);

chromiumTest(
  "a page goes on being up to date while the pointer rests on a button",
  async (browser, rig) => {
    await browser.goto(`${originOf(rig)}/dead-letters`);
    const button = "form .buttons button";
    await browser.point(button);
    await browser.until(`document.querySelector(${JSON.stringify(button)}).matches(":hover")`);
    bury(rig, "8", LONG);
    await browser.until("document.querySelectorAll('[name=id]').length === 2");
  },
);

chromiumTest(
  "a page in the background asks nothing, and is up to date when one comes back",
  async (browser, rig) => {
    const said = "document.getElementById('live-state').textContent";
    const hide = (hidden: boolean) =>
      browser.evaluate(
        `Object.defineProperty(document, "hidden", { value: ${hidden}, configurable: true });
         document.dispatchEvent(new Event("visibilitychange"))`,
      );
    await browser.goto(`${originOf(rig)}/dead-letters`);
    await browser.until(`${said} === "Live"`);
    await hide(true);
    assertEquals(await browser.evaluate(said), "Paused while nobody looks");
    const asked = browser.asked.length;
    bury(rig, "8", LONG);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    assertEquals(browser.asked.length, asked);
    assertEquals(await browser.evaluate("document.querySelectorAll('[name=id]').length"), 1);
    await hide(false);
    await browser.until("document.querySelectorAll('[name=id]').length === 2");
  },
);

chromiumTest(
  "charts are drawn in the colours of the scheme, go along with what is done, and fold into a table",
  async (browser, rig) => {
    const drawn = "document.querySelectorAll('.chart canvas').length";
    await browser.look(1280, "light");
    await browser.goto(`${originOf(rig)}/?over=1h`);
    await browser.until(`${drawn} === 2`);
    await browser.evaluate("document.querySelector('details').open = true");
    const written = "document.querySelector('details [data-label=written]').textContent";
    assertEquals(await browser.evaluate(written), "0");
    rig.store.outcomes.add({ ...OUTCOME, at: Date.now(), outcome: "written" });
    await browser.until(`${written} !== "0"`);
    assertEquals(await browser.evaluate(drawn), 2);
    assertEquals(await browser.evaluate("document.querySelector('details').open"), true);
    const colours = "JSON.stringify([...document.querySelectorAll('.chart .u-marker')]" +
      ".map((each) => each.style.borderColor).filter((each) => each !== ''))";
    const light = await browser.evaluate<string>(colours);
    assertEquals(JSON.parse(light).length, 7);
    await browser.look(1280, "dark");
    await browser.until(`${colours} !== ${JSON.stringify(light)}`);
  },
);
