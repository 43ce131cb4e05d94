import type { FC } from "hono/jsx";
import type { SceneName } from "../../../app/scenes/scene_names.ts";

/** A scene by its title, with the way to its own screen, and its number with the way to Stash. */
export const SceneLink: FC<{ id: string; name: SceneName | undefined; base: string }> = (
  { id, name, base },
) => {
  const text = name?.title ?? `Scene ${id}`;
  return (
    <span>
      <a href={`${base}/scenes/${id}`}>
        <span class="clip private" title={text}>{text}</span>
      </a>{" "}
      {name?.url == null ? <small>{id}</small> : (
        <small>
          <a href={name.url} rel="noreferrer">{id} in Stash</a>
        </small>
      )}
    </span>
  );
};
