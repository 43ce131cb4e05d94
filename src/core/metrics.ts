import { ERROR_TYPES } from "./errors.ts";
import type { Figures } from "./figures.ts";
import type { MetricFamily, Sample } from "./prometheus.ts";

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
    counter("jobs_processed_total", "Jobs that were worked on", figures.jobs_processed),
    counter("jobs_succeeded_total", "Jobs that succeeded", figures.jobs_succeeded),
    counter("jobs_failed_total", "Jobs that failed, tried again or not", figures.jobs_failed),
    counter("jobs_dead_total", "Jobs that became a dead letter", figures.jobs_to_dlq),
    counter(
      "processing_seconds_total",
      "Time spent on all jobs, in seconds",
      figures.total_processing_time,
    ),
    counter("errors_total", "Failed jobs by error type", byType(figures.errors_by_type)),
    counter("matches_total", "Matched items by confidence", [
      { labels: { confidence: "high" }, value: figures.high_confidence_matches },
      { labels: { confidence: "low" }, value: figures.low_confidence_matches },
    ]),
    gauge("queue_jobs", "Jobs in the queue by state", labelled("state", figures.queue)),
    gauge(
      "oldest_job_age_seconds",
      "Age of the oldest job in the queue, 0 when it is empty",
      oldest_at === null ? 0 : Math.max(0, now - oldest_at) / 1000,
    ),
    gauge("dead_letters", "Dead letters by error type", byType(figures.dead_letters)),
  ];
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
