import { assert, assertEquals } from "@std/assert";
import { ScanPlan, type ScanSection } from "../../../src/core/match/scan_plan.ts";

const MINUTES = 60_000;
const SECTIONS: ScanSection[] = [
  { id: "1", folders: ["/media/tv", "/media/tv4k/"] },
  { id: "2", folders: ["P:\\Scenes", "\\\\nas\\share"] },
  { id: "3", folders: ["/media/tv/special"] },
];

/** The scans for files missed at 0, as `section path`, when they are due. */
function scansFor(paths: string[], sections = SECTIONS): string[] {
  const plan = new ScanPlan();
  for (const path of paths) plan.note(path, 0);
  return plan.take(sections, 30_000).scans.map(({ section, path }) => `${section} ${path}`);
}

const cases: { when: string; paths: string[]; want: string[] }[] = [
  { when: "the folder of a file", paths: ["/media/tv/a/x.mp4"], want: ["1 /media/tv/a"] },
  { when: "a root for a file right in it", paths: ["/media/tv/x.mp4"], want: ["1 /media/tv"] },
  {
    when: "a folder once for all its files",
    paths: ["/media/tv/a/x.mp4", "/media/tv/a/y.mp4", "/media/tv/b/z.mp4"],
    want: ["1 /media/tv/a", "1 /media/tv/b"],
  },
  {
    when: "the root whose name ends at a separator",
    paths: ["/media/tv4k/a/x.mp4"],
    want: ["1 /media/tv4k/a"],
  },
  {
    when: "the section with the longest root",
    paths: ["/media/tv/special/a/x.mp4"],
    want: ["3 /media/tv/special/a"],
  },
  {
    when: "a Windows folder spelt as its root is",
    paths: ["p:/scenes/New/x.mp4"],
    want: ["2 P:\\Scenes\\new"],
  },
  { when: "a folder of a share", paths: ["//nas/share/n/x.mp4"], want: ["2 \\\\nas\\share\\n"] },
  {
    when: "nothing where only the name begins like a root",
    paths: ["/media/tv8k/x.mp4"],
    want: [],
  },
  { when: "nothing outside of every root", paths: ["/other/x.mp4"], want: [] },
];

for (const { when, paths, want } of cases) {
  Deno.test(`ScanPlan asks for ${when}`, () => assertEquals(scansFor(paths), want));
}

Deno.test("ScanPlan asks for a folder below the root of the file system", () => {
  assertEquals(scansFor(["/a/x.mp4"], [{ id: "1", folders: ["/"] }]), ["1 /a"]);
});

Deno.test("ScanPlan waits 30 s from the first file of a folder", () => {
  const plan = new ScanPlan();
  assertEquals(plan.waitMs(0), null);
  plan.note("/media/tv/a/x.mp4", 0);
  plan.note("/media/tv/a/y.mp4", 29_000);
  assertEquals(plan.waitMs(29_000), 1_000);
  assertEquals(plan.take(SECTIONS, 29_000), { scans: [], outside: [] });
  assertEquals(plan.waitMs(30_000), 0);
});

Deno.test("ScanPlan asks for a folder again after 10 min, and loses no file in between", () => {
  const plan = new ScanPlan();
  plan.note("/media/tv/a/x.mp4", 0);
  plan.take(SECTIONS, 30_000);
  plan.note("/media/tv/a/y.mp4", MINUTES);
  assertEquals(plan.waitMs(MINUTES), 9.5 * MINUTES);
  assertEquals(plan.take(SECTIONS, 10.5 * MINUTES).scans.length, 1);
});

Deno.test("ScanPlan asks for the root once when more than 50 folders of it are wanted", () => {
  const plan = new ScanPlan();
  const note = (from: number, to: number, now: number) => {
    for (let n = from; n <= to; n++) plan.note(`/media/tv/${n}/x.mp4`, now);
  };
  note(1, 50, 0);
  assertEquals(plan.take(SECTIONS, 30_000).scans.length, 50);
  note(51, 70, MINUTES);
  const { scans } = plan.take(SECTIONS, 1.5 * MINUTES);
  assertEquals(scans.map(({ path }) => path), ["/media/tv"]);
  note(71, 90, 2 * MINUTES);
  assertEquals(plan.take(SECTIONS, 2.5 * MINUTES).scans, [], "the root was just scanned");
  const later = plan.take(SECTIONS, 12 * MINUTES).scans;
  assertEquals(later.flatMap(({ folders }) => folders).filter((f) => f.endsWith("/90")).length, 1);
});

Deno.test("ScanPlan names a folder outside of every section, and forgets it", () => {
  const plan = new ScanPlan();
  plan.note("/other/a/x.mp4", 0);
  assertEquals(plan.take(SECTIONS, 30_000), { scans: [], outside: ["/other/a"] });
  assertEquals(plan.waitMs(30_000), null);
});

Deno.test("ScanPlan asks again after a minute for a scan that failed", () => {
  const plan = new ScanPlan();
  plan.note("/media/tv/a/x.mp4", 0);
  const [scan] = plan.take(SECTIONS, 30_000).scans;
  plan.failed(scan!, 30_000);
  assertEquals(plan.waitMs(30_000), MINUTES);
  assertEquals(plan.take(SECTIONS, 90_000).scans, [scan!]);
});

Deno.test("ScanPlan remembers a bounded number of folders", () => {
  const plan = new ScanPlan();
  for (let n = 0; n < 10_000; n++) plan.note(`/other/${n}/x.mp4`, 0);
  const { outside } = plan.take(SECTIONS, 30_000);
  assert(outside.length <= 2_000, `${outside.length} folders`);
});

Deno.test("ScanPlan does not wait for times from before the clock was set back", () => {
  const plan = new ScanPlan();
  plan.note("/media/tv/a/x.mp4", 100 * MINUTES);
  assertEquals(plan.waitMs(0), 0);
  assertEquals(plan.take(SECTIONS, 0).scans.length, 1);
});
