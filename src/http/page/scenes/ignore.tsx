import type { FC } from "hono/jsx";
import { Action } from "../frame/layout.tsx";
import type { View } from "../frame/view.ts";

interface IgnoreProps {
  view: View;
  sceneId: string;
  /** Where it has no item. */
  target: string;
  /** What people call the scene. */
  title: string;
  /** The path of the screen to come back to. */
  back: string;
}

/** Pins a scene to no item: nothing is written for it any more, and it is listed nowhere. */
export const Ignore: FC<IgnoreProps> = ({ view, sceneId, target, title, back }) => (
  <Action view={view} to={`/scenes/${sceneId}/pin`}>
    <input type="hidden" name="target" value={target} />
    <input type="hidden" name="back" value={back} />
    <button type="submit" class="quiet" name="none" value="1">
      Ignore it<span class="unseen">: {title}</span>
    </button>
  </Action>
);
