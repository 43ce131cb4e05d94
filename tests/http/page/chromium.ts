/** A real browser, driven by its DevTools protocol. */
import { assert } from "@std/assert";

const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** Path of the browser; undefined where there is none. */
export function findChromium(): string | undefined {
  return PLACES.find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

interface Message {
  id?: number;
  method?: string;
  sessionId?: string;
  // deno-lint-ignore no-explicit-any -- each method has a shape of its own
  params?: any;
  // deno-lint-ignore no-explicit-any -- the same
  result?: any;
  error?: { message: string };
}

/** One tab of a browser of its own. */
export class Chromium implements AsyncDisposable {
  /** What it complained of on its console, policies that were broken among it. */
  readonly complaints: string[] = [];
  /** Addresses that were asked for. */
  readonly asked: string[] = [];
  readonly #waiting = new Map<number, PromiseWithResolvers<Message>>();
  #loaded = Promise.withResolvers<void>();
  #session: string | undefined;
  #last = 0;

  private constructor(
    private readonly process: Deno.ChildProcess,
    private readonly said: Promise<void>,
    private readonly socket: WebSocket,
    private readonly profile: string,
  ) {
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
  }

  static async open(path: string): Promise<Chromium> {
    const profile = await Deno.makeTempDir({ prefix: "plexsync-chromium-" });
    const process = new Deno.Command(path, {
      args: [
        "--headless=new",
        "--remote-debugging-port=0",
        `--user-data-dir=${profile}`,
        "--no-first-run",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        // Within a container there is no other one, and only our own pages are looked at.
        "--no-sandbox",
        "about:blank",
      ],
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const address = Promise.withResolvers<string>();
    const said = listen(process.stderr, (url) => address.resolve(url));
    said.then(() => address.reject(new Error("Chromium ended before it could be driven")));
    const socket = new WebSocket(await address.promise);
    await new Promise((resolve) => socket.onopen = resolve);
    const browser = new Chromium(process, said, socket, profile);
    const { targetId } = await browser.#call("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await browser.#call("Target.attachToTarget", { targetId, flatten: true });
    browser.#session = sessionId;
    for (const domain of ["Page", "Runtime", "Log", "Network"]) {
      await browser.#call(`${domain}.enable`);
    }
    return browser;
  }

  async goto(url: string): Promise<void> {
    this.#loaded = Promise.withResolvers();
    await this.#call("Page.navigate", { url });
    await this.#loaded.promise;
  }

  /** Clicks what the selector finds, which leads to another page. */
  async follow(selector: string): Promise<void> {
    await this.leave(`document.querySelector(${JSON.stringify(selector)}).click()`);
  }

  /** Evaluates what leads to another page, sooner or later. */
  async leave(expression: string): Promise<void> {
    this.#loaded = Promise.withResolvers();
    await this.evaluate(expression);
    await this.#loaded.promise;
  }

  /** Moves the pointer onto what the selector finds, and lets it rest there. */
  async point(selector: string): Promise<void> {
    const [x, y] = await this.evaluate<[number, number]>(`(() => {
      const found = document.querySelector(${JSON.stringify(selector)});
      found.scrollIntoView({ block: "center" });
      const box = found.getBoundingClientRect();
      return [box.x + box.width / 2, box.y + box.height / 2];
    })()`);
    await this.#call("Input.dispatchMouseEvent", { type: "mouseMoved", x, y });
  }

  async type(selector: string, text: string): Promise<void> {
    await this.evaluate(`document.querySelector(${JSON.stringify(selector)}).focus()`);
    await this.#call("Input.insertText", { text });
  }

  /** The value of an expression on the page; a promise is waited for. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.#call("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    assert(exceptionDetails === undefined, JSON.stringify(exceptionDetails));
    return result.value;
  }

  /** Waits until an expression on the page is true. */
  async until(expression: string): Promise<void> {
    const isSo = await this.evaluate<boolean>(`new Promise((tell) => {
      const end = Date.now() + 20_000;
      const look = () => {
        if (${expression}) tell(true);
        else if (Date.now() > end) tell(false);
        else setTimeout(look, 50);
      };
      look();
    })`);
    assert(isSo, `Never: ${expression}`);
  }

  async look(width: number, scheme: "light" | "dark"): Promise<void> {
    const metrics = { width, height: 900, deviceScaleFactor: 1, mobile: width < 500 };
    await this.#call("Emulation.setDeviceMetricsOverride", metrics);
    const features = [{ name: "prefers-color-scheme", value: scheme }];
    await this.#call("Emulation.setEmulatedMedia", { features });
  }

  /** Lets it be somewhere else, such as in `Asia/Tokyo`. */
  async moveTo(timezoneId: string): Promise<void> {
    await this.#call("Emulation.setTimezoneOverride", { timezoneId });
  }

  /** What it shows from the top on, as PNG; as wide and high as `size` says, in pixels. */
  async picture(size: { width: number; height: number }): Promise<Uint8Array> {
    await this.#call("Emulation.setScrollbarsHidden", { hidden: true });
    const clip = { x: 0, y: 0, scale: 1, ...size };
    const wanted = { clip, captureBeyondViewport: true };
    const { data } = await this.#call("Page.captureScreenshot", wanted);
    return Uint8Array.fromBase64(data);
  }

  async [Symbol.asyncDispose]() {
    const closed = new Promise((resolve) => this.socket.onclose = resolve);
    await this.#call("Browser.close").catch(() => {});
    await Promise.all([closed, this.process.status, this.said]);
    await Deno.remove(this.profile, { recursive: true });
  }

  // deno-lint-ignore no-explicit-any -- each method answers with a shape of its own
  async #call(method: string, params: Record<string, unknown> = {}): Promise<any> {
    const id = ++this.#last;
    const answer = Promise.withResolvers<Message>();
    this.#waiting.set(id, answer);
    const session = this.#session === undefined ? {} : { sessionId: this.#session };
    this.socket.send(JSON.stringify({ id, method, params, ...session }));
    const { result, error } = await answer.promise;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  #take(message: Message): void {
    const { id, method, params } = message;
    if (id !== undefined) {
      this.#waiting.get(id)?.resolve(message);
      this.#waiting.delete(id);
    } else if (method === "Page.loadEventFired") this.#loaded.resolve();
    else if (method === "Network.requestWillBeSent") this.asked.push(params.request.url);
    else if (method === "Log.entryAdded") this.complaints.push(params.entry.text);
    else if (method === "Runtime.exceptionThrown") this.complaints.push(JSON.stringify(params));
    else if (method === "Page.javascriptDialogOpening") {
      this.complaints.push(`A dialog: ${params.message}`);
      void this.#call("Page.handleJavaScriptDialog", { accept: true });
    }
  }
}

/** Reads all that it says, and tells the address by which it is driven. */
async function listen(stream: ReadableStream<Uint8Array>, tell: (url: string) => void) {
  let text = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    text += part;
    const url = /DevTools listening on (ws:\S+)/.exec(text)?.[1];
    if (url !== undefined) tell(url);
  }
}
