import type { FC } from "hono/jsx";
import { ago, instant } from "../../../core/text/wording.ts";
import { formatDuration, SECOND_MS } from "../../../core/time/duration.ts";

/** An instant, as people think of it; the exact one is its title. */
export const When: FC<{ at: number | null; now: number }> = ({ at, now }) => {
  if (at === null) return <span class="faint">none</span>;
  // In whole seconds: what is read while it changes need not tell more.
  const seconds = Math.trunc((at - now) / SECOND_MS);
  const text = seconds > 0
    ? `in ${formatDuration(seconds * SECOND_MS)}`
    : seconds < 0
    ? ago(seconds * SECOND_MS, 0)
    : "now";
  return <time datetime={new Date(at).toISOString()} title={instant(at)}>{text}</time>;
};
