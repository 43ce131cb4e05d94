import type { PageContext } from "../page_env.ts";

/** How a cookie of the page is kept: out of reach of scripts and of other sites. */
export function cookieOptions(c: PageContext, days: number) {
  return {
    path: `${c.var.view.base}/`,
    httpOnly: true,
    sameSite: "Strict",
    secure: isByTls(c.env.asked.headers),
    maxAge: days * 24 * 3600,
  } as const;
}

/** What lies here about TLS only loses its own session. */
function isByTls(headers: Headers): boolean {
  // Of several proxies in a row the first one says by what the browser came.
  const [first] = (headers.get("x-forwarded-proto") ?? "").split(",");
  return first!.trim().toLowerCase() === "https" ||
    (headers.get("origin") ?? "").startsWith("https://");
}
