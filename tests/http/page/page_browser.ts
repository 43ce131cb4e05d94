/** A browser without script: it keeps the cookie, and sends the forms that a page has. */
import { assert, assertEquals } from "@std/assert";
import { TOKEN } from "../http_rig.ts";

export interface Shown {
  status: number;
  headers: Headers;
  html: string;
}

export class PageBrowser {
  cookie: string | null = null;

  /** @param rig Whose page it looks at */
  constructor(readonly rig: { readonly port: number }) {}

  static async signedIn(rig: { readonly port: number }, token = TOKEN): Promise<PageBrowser> {
    const browser = new PageBrowser(rig);
    const { status } = await browser.post("/sign-in", { token });
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

  /** As the script of a page that is open does. */
  watch(page: string, headers: Record<string, string> = {}): Promise<Watch> {
    return Watch.open(`${this.origin}/live?page=${encodeURIComponent(page)}`, {
      cookie: this.cookie ?? "",
      ...headers,
    });
  }

  /** Follows where the last answer leads. */
  follow({ headers }: Shown): Promise<Shown> {
    return this.get(headers.get("location")!);
  }

  #keep(cookie: string): void {
    const name = cookie.split("=")[0]!;
    const others = (this.cookie ?? "").split("; ").filter((each) =>
      each !== "" && each.split("=")[0] !== name
    );
    this.cookie = [...others, cookie].join("; ");
  }

  async #ask(path: string, init: RequestInit): Promise<Shown> {
    const headers = new Headers(init.headers);
    if (this.cookie !== null && !headers.has("cookie")) headers.set("cookie", this.cookie);
    const answer = await fetch(this.origin + path, { ...init, headers, redirect: "manual" });
    const html = await answer.text();
    for (const set of answer.headers.getSetCookie()) this.#keep(set.split(";")[0]!);
    return { status: answer.status, headers: answer.headers, html };
  }
}

/** The events that a page which is open is sent. */
export class Watch implements AsyncDisposable {
  #text = "";
  readonly #reader: ReadableStreamDefaultReader<string>;

  private constructor(readonly answer: Response) {
    this.#reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  }

  static async open(url: string, headers: Record<string, string>): Promise<Watch> {
    return new Watch(await fetch(url, { headers, redirect: "manual" }));
  }

  get status(): number {
    return this.answer.status;
  }

  /** The next event with its data; null at the end. */
  async next(): Promise<{ event: string; data: string } | null> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end >= 0) {
        const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(this.#text.slice(0, end)) ?? [];
        this.#text = this.#text.slice(end + 2);
        if (event !== undefined) return { event, data: JSON.parse(data!) };
        continue;
      }
      const { done, value } = await this.#reader.read();
      if (done) return null;
      this.#text += value;
    }
  }

  async [Symbol.asyncDispose]() {
    await this.#reader.cancel();
  }
}

export function assertLacks(text: string, what: RegExp): void {
  assert(!what.test(text), `${what} in: ${text}`);
}
