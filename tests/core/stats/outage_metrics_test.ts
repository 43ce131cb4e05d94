import { assertEquals } from "@std/assert";
import { type Outage, outageMetrics } from "../../../src/core/stats/outage_metrics.ts";

const outage = (started_at: number, ended_at: number | null): Outage => ({
  id: 1,
  server: "plex",
  started_at,
  ended_at,
  cause: "refused",
});

const cases = [
  {
    when: "there was none",
    outages: [],
    want: { count: 0, down_ms: 0, mttr_ms: null, mtbf_ms: null, availability: 100 },
  },
  {
    when: "one has ended",
    outages: [outage(100, 200)],
    want: { count: 1, down_ms: 100, mttr_ms: 100, mtbf_ms: null, availability: 90 },
  },
  {
    when: "one lasts still",
    outages: [outage(900, null)],
    want: { count: 1, down_ms: 100, mttr_ms: null, mtbf_ms: null, availability: 90 },
  },
  {
    when: "there were three, in any order",
    outages: [outage(500, 600), outage(100, 300), outage(900, null)],
    want: { count: 3, down_ms: 400, mttr_ms: 150, mtbf_ms: 400, availability: 60 },
  },
  {
    when: "the clock was set back in the middle of one",
    outages: [outage(900, 100)],
    want: { count: 1, down_ms: 0, mttr_ms: 0, mtbf_ms: null, availability: 100 },
  },
];
for (const { when, outages, want } of cases) {
  Deno.test(`outageMetrics() when ${when}`, () => {
    const { availability, ...rest } = outageMetrics(outages, 0, 1_000);
    assertEquals({ ...rest, availability: Math.round(availability * 10) / 10 }, want);
  });
}
