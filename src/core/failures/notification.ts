import { basicCredentials } from "../http/basic_credentials.ts";

/** What somebody is told of: that a person is needed, and that it is over. */
export const NOTIFY_EVENTS = ["attention", "recovered"] as const;
export type NotifyEvent = (typeof NOTIFY_EVENTS)[number];

/** Something that a person has to mend, by a key that stays the same until it is mended. */
export type Needs = Readonly<Record<string, string>>;

/** One notification: what it is about, a sentence each. */
export interface Notification {
  event: NotifyEvent;
  problems: string[];
  /** Epoch ms. */
  at: number;
}

/** What to send over the network. */
export interface NotifyRequest {
  url: string;
  headers: Record<string, string>;
  body: string;
}

const TITLES: Readonly<Record<NotifyEvent, string>> = {
  attention: "plexsync needs you",
  recovered: "plexsync works again",
};

/** Longer texts are cut by those who show them. */
const MAX_TEXT = 2_000;

/**
 * The request for a notification. `ntfy://host/topic`, and a host whose name begins with `ntfy.`,
 * get ntfy's plain text with a title; all others get JSON.
 * @param address The setting `notify_url`
 */
export function notifyRequest(address: string, notification: Notification): NotifyRequest {
  const { event, problems, at } = notification;
  const url = new URL(address.replace(/^ntfy:/i, "https:"));
  const headers: Record<string, string> = {};
  // A request must not carry them in its address.
  if (url.username !== "" || url.password !== "") {
    const [user, password] = [url.username, url.password].map(decodeURIComponent);
    headers.authorization = `Basic ${basicCredentials(user!, password!)}`;
    url.username = url.password = "";
  }
  const text = problems.join("\n").slice(0, MAX_TEXT);
  const isNtfy = /^ntfy:/i.test(address) || url.hostname.startsWith("ntfy.");
  if (isNtfy) {
    return {
      url: url.href,
      headers: {
        ...headers,
        "content-type": "text/plain; charset=utf-8",
        title: TITLES[event],
        priority: event === "attention" ? "high" : "default",
        tags: event === "attention" ? "warning" : "white_check_mark",
      },
      body: text,
    };
  }
  return {
    url: url.href,
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify({ event, title: TITLES[event], message: text, problems, at }),
  };
}

/** What was told, and what is to be told when its time has come. */
export interface NotifyState {
  /** Told and not over. */
  told: Needs;
  /** Since when what is needed differs from what was told, epoch ms; null while it does not. */
  since: number | null;
}

/** So long it is waited for more, so that what comes together is told together. */
export const BATCH_MS = 10_000;
/** So long something has to be over: what comes back meanwhile was not mended. */
export const OVER_MS = 60_000;

/** What to tell now of what is needed, and what then counts as told. */
export function dueNotifications(
  { told, since }: NotifyState,
  needs: Needs,
  now: number,
): { send: Notification[]; state: NotifyState } {
  const fresh = Object.keys(needs).filter((key) => !(key in told));
  const over = Object.keys(told).filter((key) => !(key in needs));
  if (fresh.length + over.length === 0) return { send: [], state: { told, since: null } };
  const start = since ?? now;
  const send: Notification[] = [];
  const after = { ...told };
  if (fresh.length > 0 && now - start >= BATCH_MS) {
    send.push({ event: "attention", problems: fresh.map((key) => needs[key]!), at: now });
    for (const key of fresh) after[key] = needs[key]!;
  }
  if (over.length > 0 && now - start >= OVER_MS) {
    send.push({ event: "recovered", problems: over.map((key) => told[key]!), at: now });
    for (const key of over) delete after[key];
  }
  return { send, state: { told: after, since: send.length > 0 ? null : start } };
}
