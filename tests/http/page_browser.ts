/** A browser without script: it keeps the cookie, and sends the forms that a page has. */
import { assert, assertEquals } from "@std/assert";
import { type HttpRig, TOKEN } from "./http_rig.ts";

export interface Shown {
  status: number;
  headers: Headers;
  html: string;
}

export class PageBrowser {
  cookie: string | null = null;

  constructor(readonly rig: HttpRig) {}

  static async signedIn(rig: HttpRig): Promise<PageBrowser> {
    const browser = new PageBrowser(rig);
    const { status } = await browser.post("/sign-in", { token: TOKEN });
    assertEquals(status, 303);
    return browser;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.rig.port}`;
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Shown> {
    return this.#ask(path, { headers });
  }

  /** As a browser sends a form of this very page. */
  post(
    path: string,
    fields: Readonly<Record<string, string>> | URLSearchParams,
    headers: Record<string, string> = {},
  ): Promise<Shown> {
    const body = new URLSearchParams(fields);
    return this.#ask(path, { method: "POST", body, headers: { origin: this.origin, ...headers } });
  }

  /** The token that the forms of a page carry. */
  async csrf(path = "/"): Promise<string> {
    const { html } = await this.get(path);
    const csrf = /name="csrf" value="([^"]+)"/.exec(html)?.[1];
    assert(csrf !== undefined, html);
    return csrf;
  }

  /** Follows where the last answer leads. */
  follow({ headers }: Shown): Promise<Shown> {
    return this.get(headers.get("location")!);
  }

  async #ask(path: string, init: RequestInit): Promise<Shown> {
    const headers = new Headers(init.headers);
    if (this.cookie !== null && !headers.has("cookie")) headers.set("cookie", this.cookie);
    const answer = await fetch(this.origin + path, { ...init, headers, redirect: "manual" });
    const html = await answer.text();
    const [set] = answer.headers.getSetCookie();
    if (set !== undefined) this.cookie = set.split(";")[0]!;
    return { status: answer.status, headers: answer.headers, html };
  }
}

export function assertLacks(text: string, what: RegExp): void {
  assert(!what.test(text), `${what} in: ${text}`);
}
