import type { FC } from "hono/jsx";
import type { SceneName } from "../../app/scenes/scene_names.ts";

/** A scene by its title, with the way to it in Stash. */
export const SceneLink: FC<{ id: string; name: SceneName | undefined }> = ({ id, name }) => {
  const text = name?.title ?? `Scene ${id}`;
  const title = <span class="clip" title={text}>{text}</span>;
  return (
    <>
      {name?.url == null ? title : <a href={name.url} rel="noreferrer">{title}</a>}{" "}
      <small class="faint">{id}</small>
    </>
  );
};
