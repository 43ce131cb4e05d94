import { getCookie, setCookie } from "hono/cookie";
import type { Config } from "../../../config/config.ts";
import { cookieOptions } from "./cookie_options.ts";
import { ownPath, type PageContext } from "../page_env.ts";

/** A choice of this browser: it outlives the session, since it hides things from who looks on. */
const COOKIE = "plexsync_blur";

/** Whether titles, paths and pictures are hidden until somebody points at them. */
export function isBlurred(c: PageContext, { obfuscatePaths }: Config): boolean {
  const chosen = getCookie(c, COOKIE);
  return chosen === undefined ? obfuscatePaths : chosen === "1";
}

/** Keeps what the form says, and leads back. */
export function blur(c: PageContext): Response {
  const { form, view } = c.var;
  setCookie(c, COOKIE, form.get("on") === "1" ? "1" : "0", cookieOptions(c, 365));
  return c.redirect(view.base + ownPath(form.get("back")), 303);
}
