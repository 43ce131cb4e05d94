import { html } from "hono/html";
import type { Child, FC } from "hono/jsx";
import { counted, instant } from "../../../core/text/wording.ts";
import type { AssetName } from "../assets.ts";
import { isLivePage, type View } from "./view.ts";

/** Screens by the path they begin with. */
const SCREENS: readonly (readonly [path: string, name: string])[] = [
  ["/", "Overview"],
  ["/dead-letters", "Dead letters"],
  ["/unmatched", "Unmatched"],
  ["/queue", "Queue"],
  ["/reconcile", "Reconcile"],
  ["/log", "Log"],
  ["/settings", "Settings"],
];

interface LayoutProps {
  view: View;
  title: string;
  /** Where the title is private: what the browser's own lists show while it is hidden. */
  plain?: string;
  /** The path of the screen in the navigation; null where nobody is signed in. */
  screen: string | null;
  /** Further files that its screen needs. */
  assets?: readonly AssetName[];
  children?: Child;
}

/** The frame of every page. */
export const Layout: FC<LayoutProps> = (props) => (
  props.view.isPatch ? <>{props.children}</> : <WholePage {...props} />
);

const WholePage: FC<LayoutProps> = (
  { view, title, plain, screen, assets = [], children },
) => (
  <>
    {/* Without it a browser lays out as browsers did in the nineties. */}
    {html`<!DOCTYPE html>`}
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>{`${view.isBlurred ? plain ?? title : title} · plexsync`}</title>
        <Files view={view} names={["page.css", ...isLivePage(view.path) ? LIVE : [], ...assets]} />
        {/* Without it browsers ask for one that is not there. */}
        <link rel="icon" href="data:," />
      </head>
      <body class={view.isBlurred ? "blurred" : undefined}>
        <a class="skip" href="#content">Skip to the content</a>
        <header class="top">
          <a class="brand" href={`${view.base}/`}>plexsync</a>
          {screen !== null && <Navigation view={view} screen={screen} />}
        </header>
        <main id="content">
          <div class="title">
            <h1 class={plain === undefined ? undefined : "private"}>{title}</h1>
            {isLivePage(view.path) && (
              <p id="live-state" class="faint">
                As it was at {instant(view.now)}: reload for what is new
              </p>
            )}
          </div>
          <Notice did={view.did} />
          {isLivePage(view.path) ? <Live view={view}>{children}</Live> : children}
        </main>
      </body>
    </html>
  </>
);

const LIVE = ["live.js"] as const;

/** Style sheets, and scripts in the order in which they run. */
const Files: FC<{ view: View; names: readonly AssetName[] }> = ({ view, names }) => (
  <>
    {names.map((name) => {
      const address = view.base + view.assets[name].path;
      return name.endsWith(".css")
        ? <link rel="stylesheet" href={address} />
        : <script src={address} defer />;
    })}
  </>
);

/** What changes while the page is open; the script finds in it where to ask for that. */
const Live: FC<{ view: View; children?: Child }> = ({ view, children }) => (
  <div id="live" data-live={`${view.base}/live`} data-path={view.path}>{children}</div>
);

const Navigation: FC<{ view: View; screen: string }> = ({ view, screen }) => (
  <>
    <nav aria-label="Screens">
      <ul>
        {SCREENS.map(([path, name]) => (
          <li>
            <a href={view.base + path} aria-current={path === screen ? "page" : undefined}>
              {name}
            </a>
          </li>
        ))}
      </ul>
    </nav>
    <Blur view={view} />
    {view.person !== null
      ? <span class="person">{view.person}</span>
      : (
        <Action view={view} to="/sign-out">
          <button type="submit" class="quiet">Sign out</button>
        </Action>
      )}
  </>
);

/** Hides titles, paths and pictures until somebody points at them, or shows all again. */
const Blur: FC<{ view: View }> = ({ view }) => (
  <Action view={view} to="/blur">
    <input type="hidden" name="back" value={view.here} />
    <button type="submit" class="quiet" name="on" value={view.isBlurred ? "0" : "1"}>
      {view.isBlurred ? "Show titles" : "Blur titles"}
    </button>
  </Action>
);

/** A form that changes something. */
export const Action: FC<{ view: View; to: string; children?: Child }> = (
  { view, to, children },
) => (
  <form method="post" action={view.base + to}>
    <input type="hidden" name="csrf" value={view.csrf} />
    {children}
  </form>
);

const NONE_LEFT = "Nothing was left to do: what was meant is no dead letter any more";

/** What may stand in the address as done: a verb, and how many, or the number of the one scene. */
const DONE: Readonly<Record<string, (count: number, scene: string) => string>> = {
  retried: (n) => n === 0 ? NONE_LEFT : `${counted(n, "dead letter")} put back into the queue`,
  discarded: (n) => n === 0 ? NONE_LEFT : `${counted(n, "dead letter")} discarded`,
  unmarked: () => "Nothing was marked: mark what is meant, then press the button again",
  queued: (_, scene) => `Scene ${scene} is queued: it is synced next`,
  pinned: (_, scene) =>
    `Scene ${scene} is pinned, and queued: it is matched by your word from now on`,
  ignored: (_, scene) =>
    `Scene ${scene} is ignored: nothing is written for it until you take that back`,
  mapped: () =>
    "path_map is set, and holds in a moment: scenes that were not found are looked for again",
  undone: (n) => `${counted(n, "item")} queued to be as it was: that is done next`,
  unpinned: (_, scene) =>
    `The pin of scene ${scene} is taken back: what speaks for an item counts again`,
  started: () => "Started: what it finds stands below",
  paused: () => "Work is paused: no job is taken until you resume it",
  resumed: () => "Work goes on",
};

const Notice: FC<{ did: string | null }> = ({ did }) => {
  const [, verb, number] = /^([a-z]{1,20})-(\d{1,18})$/.exec(did ?? "") ?? [];
  if (number === undefined || !Object.hasOwn(DONE, verb!)) return null;
  return <p class="notice good" role="status">{DONE[verb!]!(Number(number), number)}</p>;
};
