import type { Runtime } from "../../core/runtime.ts";
import { type BodyLimits, readBody } from "../body.ts";
import type { Asked } from "../listener.ts";
import { Refusal } from "../refusal.ts";

const KIB = 1024;
/** The marked rows of a screen, and a filter. */
const FORM_BODY: BodyLimits = {
  maxBytes: 64 * KIB,
  maxString: 64 * KIB,
  maxKept: 64 * KIB,
  hint: "No form of the page is as large: go back, reload the page, and try again",
};

/**
 * What a form of the page sends.
 * @throws {Refusal} it is anything else, or too large
 */
export async function readForm(
  request: Pick<Asked, "headers" | "body">,
  runtime: Pick<Runtime, "sleep">,
  closing: AbortSignal,
): Promise<URLSearchParams> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) {
    throw new Refusal(415, "The body must be a form", "Use the buttons of the page");
  }
  return new URLSearchParams(
    new TextDecoder().decode(await readBody(request, FORM_BODY, runtime, closing)),
  );
}
