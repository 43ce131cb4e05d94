import type { FC } from "hono/jsx";
import { ago, instant } from "../../core/text/wording.ts";
import { formatDuration } from "../../core/time/duration.ts";

/** An instant, as people think of it; the exact one is its title. */
export const When: FC<{ at: number | null; now: number }> = ({ at, now }) => {
  if (at === null) return <span class="faint">none</span>;
  const text = at > now ? `in ${formatDuration(at - now)}` : ago(at, now);
  return <time datetime={new Date(at).toISOString()} title={instant(at)}>{text}</time>;
};
