import {
  afterFailure,
  afterProbe,
  afterSuccess,
  type Breaker,
  CLOSED,
  type Work,
} from "../../core/jobs/breaker.ts";
import { isDue } from "../../core/time/clock.ts";
import { MINUTE_MS } from "../../core/time/duration.ts";
import { PlexsyncError } from "../../core/failures/errors.ts";
import type { LogPort } from "../../core/log_port.ts";
import type { Runtime } from "../../core/runtime.ts";

/** A try whose end nobody told of, since the batch was stopped, is over after this long. */
const LONGEST_TRY_MS = 10 * MINUTE_MS;

/**
 * Whether images are worth a try. Where image after image fails, for want of covers or of a target
 * that takes them, each would cost its time-out while texts wait behind it: then texts are written
 * alone, and one image at a time shows whether the others may follow. To read a cover is `read`
 * here, to show it `write`.
 */
export class ImageRest {
  #breaker: Breaker = { ...CLOSED };
  #tryingSince: number | null = null;
  #isSaid = false;

  constructor(private readonly runtime: Pick<Runtime, "now">, private readonly log: LogPort) {}

  /** Until when images rest, epoch ms; null while they do not. */
  get until(): number | null {
    if (this.#breaker.state === "closed") return null;
    return this.#breaker.nextProbeAt ?? this.runtime.now();
  }

  /** Whether not even one is tried just now. */
  get isResting(): boolean {
    return this.#breaker.state === "open";
  }

  /** Why they rest. */
  get reason(): PlexsyncError {
    const why = this.#breaker.cause ?? "the images before it failed";
    return new PlexsyncError("TransientError", `Its images wait: ${why}`);
  }

  /** Whether the next image may be tried; while they rest this is the one that shows it. */
  admits(): boolean {
    const { state, nextProbeAt } = this.#breaker;
    if (state === "closed") return true;
    const now = this.runtime.now();
    if (state === "open" && !isDue(nextProbeAt ?? now, now, MINUTE_MS)) return false;
    const tried = this.#tryingSince;
    if (tried !== null && Math.abs(now - tried) <= LONGEST_TRY_MS) return false;
    this.#breaker = afterProbe(this.#breaker, true, now);
    this.#tryingSince = now;
    return true;
  }

  failed(error: PlexsyncError, work: Work): void {
    this.#tryingSince = null;
    this.#breaker = afterFailure(this.#breaker, this.runtime.now(), error.message, work);
  }

  succeeded(work: Work): void {
    this.#tryingSince = null;
    this.#breaker = afterSuccess(this.#breaker, work);
    if (this.#breaker.state !== "closed" || !this.#isSaid) return;
    this.#isSaid = false;
    this.log.info("Images are written again", { event: "images_back" });
  }

  /** It is known now that the failures are not single images' own. Said once. */
  settle(): void {
    if (this.#breaker.state === "closed" || this.#isSaid) return;
    this.#isSaid = true;
    this.log.warning(
      `Images cannot be written: ${this.#breaker.cause}; all else is, and one is tried now and then`,
      {
        event: "images_rest",
        hint: "No scene is given up over it: see whether Stash gives covers, and whether the " +
          "target takes images (a full disk, a proxy's limit)",
      },
    );
  }
}
