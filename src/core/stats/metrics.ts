import { COUNTERS } from "./counters.ts";
import { ERROR_TYPES } from "../failures/error_types.ts";
import type { Figures } from "./figures.ts";
import type { MetricFamily, Sample } from "./prometheus.ts";
import type { StatsJson } from "./sync_stats.ts";

/**
 * The figures as metrics. All known error types are there from the start, at 0: a series
 * that comes into being with its first error hides that error from `rate()`.
 * @param up The daemon runs
 * @param now Epoch ms
 */
export function metricsOf(figures: Figures, up: boolean, now: number): MetricFamily[] {
  const { oldest_at } = figures;
  return [
    gauge("up", "1 while the daemon runs", up ? 1 : 0),
    ...countersOf(figures),
    counter("errors_total", "Failed jobs by error type", byType(figures.errors_by_type)),
    gauge("queue_jobs", "Jobs in the queue by state", labelled("state", figures.queue)),
    gauge(
      "oldest_job_age_seconds",
      "Age of the oldest job in the queue, 0 when it is empty",
      oldest_at === null ? 0 : Math.max(0, now - oldest_at) / 1000,
    ),
    gauge("dead_letters", "Dead letters by error type", byType(figures.dead_letters)),
  ];
}

/** A family for each name; those of one name differ in their labels. */
function countersOf(stats: StatsJson): MetricFamily[] {
  const families = Map.groupBy(COUNTERS, ([, { metric }]) => metric.name);
  return [...families].map(([name, members]) => {
    const samples = members.map(([key, { metric }]) => ({
      labels: metric.labels ?? {},
      value: stats[key],
    }));
    return counter(name, members[0]![1].metric.help, samples);
  });
}

function counter(name: string, help: string, values: number | Sample[]): MetricFamily {
  return { name: `plexsync_${name}`, type: "counter", help, samples: samplesOf(values) };
}

function gauge(name: string, help: string, values: number | Sample[]): MetricFamily {
  return { name: `plexsync_${name}`, type: "gauge", help, samples: samplesOf(values) };
}

function samplesOf(values: number | Sample[]): Sample[] {
  return typeof values === "number" ? [{ value: values }] : values;
}

function byType(counts: Readonly<Record<string, number>>): Sample[] {
  const none = Object.fromEntries(ERROR_TYPES.map((type) => [type, 0]));
  return labelled("type", { ...none, ...counts });
}

function labelled(label: string, counts: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(counts).map(([name, value]) => ({ labels: { [label]: name }, value }));
}
