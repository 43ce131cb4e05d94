import type { FC } from "hono/jsx";
import type { PathAdvice } from "../../../app/settings/path_advice.ts";
import type { SceneName } from "../../../app/scenes/scene_names.ts";
import type { Unmatched } from "../../../app/scenes/unmatched.ts";
import { countText } from "../../../core/text/wording.ts";
import { Layout } from "../frame/layout.tsx";
import { Ignore } from "./ignore.tsx";
import { type LinkOf, NearFiles } from "./near_files.tsx";
import { PathAdviceCard } from "./path_advice.tsx";
import { SceneLink } from "../frame/scene_link.tsx";
import { When } from "../frame/time.tsx";
import type { View } from "../frame/view.ts";

/** Which of the two lists is shown. */
export type UnmatchedKind = "given-up" | "waiting";

interface UnmatchedProps {
  view: View;
  kind: UnmatchedKind;
  counts: { given_up: number; waiting: number };
  /** The rules for paths in force, in words. */
  paths: string;
  scenes: readonly Unmatched[];
  /** Of `scenes`. */
  names: readonly SceneName[];
  /** Where this page of the list is. */
  here: string;
  /** Where it goes on; null at the end. */
  next: string | null;
  linkOf: LinkOf;
  /** Titles of near items, as far as they are known. */
  titles: ReadonlyMap<string, string>;
  /** Rules by which more would be found; null for none. */
  advice: PathAdvice | null;
}

/** Scenes without an item, each beside what might be its own. */
export const UnmatchedScreen: FC<UnmatchedProps> = (props) => {
  const { view, kind, counts, paths, scenes, names, here, next, linkOf, titles, advice } = props;
  return (
    <Layout view={view} title="Unmatched" screen="/unmatched">
      <nav aria-label="Lists">
        <ul class="tabs">
          <Tab
            view={view}
            here={kind}
            kind="given-up"
            text={`Given up (${countText(counts.given_up)})`}
          />
          <Tab
            view={view}
            here={kind}
            kind="waiting"
            text={`Waiting (${countText(counts.waiting)})`}
          />
        </ul>
      </nav>
      {advice !== null && <PathAdviceCard view={view} advice={advice} back={here} />}
      <p class="faint">
        Paths from Stash to Plex: <span class="private">{paths}</span>
      </p>
      {scenes.length === 0 && <p class="empty">{EMPTY[kind]}</p>}
      {scenes.map((scene, at) => (
        <Scene key={scene.id} {...{ view, scene, here, linkOf, titles }} name={names[at]} />
      ))}
      {next !== null && (
        <p>
          <a href={view.base + next}>More of them</a>
        </p>
      )}
    </Layout>
  );
};

const EMPTY: Readonly<Record<UnmatchedKind, string>> = {
  "given-up": "No scene was given up for want of an item.",
  "waiting": "No scene waits for its file. One that Plex does not have yet is looked for again " +
    "by itself, and shown here meanwhile.",
};

const Tab: FC<{ view: View; here: UnmatchedKind; kind: UnmatchedKind; text: string }> = (
  { view, here, kind, text },
) => (
  <li>
    <a
      href={`${view.base}/unmatched?list=${kind}`}
      aria-current={here === kind ? "page" : undefined}
    >
      {text}
    </a>
  </li>
);

interface SceneProps extends Pick<UnmatchedProps, "view" | "here" | "linkOf" | "titles"> {
  scene: Unmatched;
  name: SceneName | undefined;
}

const Scene: FC<SceneProps> = ({ view, scene, name, here, linkOf, titles }) => {
  const { scene_id, match, reason, at, path } = scene;
  const title = name?.title ?? `scene ${scene_id}`;
  return (
    <section
      class="card"
      aria-labelledby={`scene-${scene.id}`}
      data-key={`unmatched-${scene.id}`}
    >
      <h2 id={`scene-${scene.id}`}>
        <SceneLink id={scene_id} name={name} base={view.base} />
      </h2>
      <p>
        <span class="private">{reason ?? match.because}</span>{" "}
        <span class="faint">
          {reason === null ? "Looked for again " : "Given up "}
          <When at={at} now={view.now} />
        </span>
      </p>
      {name?.pinned_to != null && (
        <p class="notice good">
          {name.pinned_to === "none" ? "Ignored by you" : `Pinned by you to item ${name.pinned_to}`}
          : it leaves this list when its job is done. <a href={`${view.base}/queue`}>The queue</a>
        </p>
      )}
      {match.files.length === 0 && (
        <p class="faint">
          Its files are not known yet: <span class="private">{path ?? "none"}</span>
        </p>
      )}
      <NearFiles {...{ view, title, match, linkOf, titles }} sceneId={scene_id} back={here} />
      {match.candidates.length === 0 && name?.pinned_to == null && (
        <p class="faint">
          Nothing in Plex comes near. Scan the library in Plex, or check path_map.
        </p>
      )}
      {name?.pinned_to == null && (
        <Ignore view={view} sceneId={scene_id} target={match.target} title={title} back={here} />
      )}
    </section>
  );
};
