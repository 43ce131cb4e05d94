import type { FC } from "hono/jsx";
import type { LocalMatch, NearFile } from "../../../app/scenes/local_match.ts";
import { formatDuration } from "../../../core/time/duration.ts";
import { Action } from "../frame/layout.tsx";
import { ACTIONS, Head } from "../frame/table_head.tsx";
import type { View } from "../frame/view.ts";

interface NearFilesProps {
  view: View;
  sceneId: string;
  /** What people call the scene. */
  title: string;
  match: LocalMatch;
  /** The path of the screen to come back to. */
  back: string;
  linkOf: LinkOf;
  /** Titles of items by `itemKey`, as far as they are known. */
  titles: ReadonlyMap<string, string>;
}

/** Where an item is seen in its server's own page; null where that is not known. */
export type LinkOf = (target: string, item: string) => string | null;

/** An item by its number, with the way to its server's own page. */
export const ItemLink: FC<{ item: string; url: string | null }> = ({ item, url }) =>
  url === null ? <>{item}</> : <a href={url} rel="noreferrer">{item}</a>;

export function itemKey(target: string, item: string): string {
  return `${target} ${item}`;
}

const PICTURES = { name: "Picture", isUnseen: true };

/** A scene's files beside those of the items that might be its own, each a click to pin. */
export const NearFiles: FC<NearFilesProps> = (
  { view, sceneId, title, match, back, linkOf, titles },
) => (
  <table class="near">
    <Head
      columns={[PICTURES, "Where", "Path", { name: "Size", isNumber: true }, {
        name: "Length",
        isNumber: true,
      }, ACTIONS]}
    />
    <tbody>
      {match.files.map(({ path, size, durationMs }) => (
        <tr key={path}>
          <td data-label="" class="picture">
            <img src={`${view.base}/pictures/scenes/${sceneId}`} alt="" loading="lazy" />
          </td>
          <td data-label="Where">
            <span>
              Stash<SmallTitle title={title} />
            </span>
          </td>
          <td data-label="Path" class="long private">{path}</td>
          <td data-label="Size" class="number">{bytesText(size)}</td>
          <td data-label="Length" class="number">{lengthText(durationMs)}</td>
          <td data-label=""></td>
        </tr>
      ))}
      {match.candidates.map((near) => (
        <tr key={near.item + near.path}>
          <td data-label="" class="picture">
            <img
              src={`${view.base}/pictures/items/${match.target}/${near.item}`}
              alt=""
              loading="lazy"
            />
          </td>
          <td data-label="Where">
            <span>
              Item <ItemLink item={near.item} url={linkOf(match.target, near.item)} />
              <SmallTitle title={titles.get(itemKey(match.target, near.item)) ?? ""} />
            </span>
          </td>
          <td data-label="Path" class="long">
            <span>
              <span class="private">{near.path}</span>
              <small class="path">{speaksFor(near)}</small>
            </span>
          </td>
          <td data-label="Size" class="number">{bytesText(near.size)}</td>
          <td data-label="Length" class="number">{lengthText(near.duration_ms)}</td>
          <td data-label="">
            <Action view={view} to={`/scenes/${sceneId}/pin`}>
              <input type="hidden" name="target" value={match.target} />
              <input type="hidden" name="back" value={back} />
              <button type="submit" name="item" value={near.item}>
                Pin<span class="unseen">{title} to item {near.item}</span>
              </button>
            </Action>
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);

/** A title below what has it: a long one shows its beginning. */
const SmallTitle: FC<{ title: string }> = ({ title }) => (
  <small class="path clip private" title={title}>{title}</small>
);

const SPEAKS: Readonly<Record<NonNullable<NearFile["evidence"]>, string>> = {
  pinned: "pinned by you",
  path: "the right path",
  folded: "differs in letter case alone",
  remembered: "written to before",
  elsewhere: "same name, size and length",
  bytes: "same size and length",
};

function speaksFor({ evidence, contradicted }: NearFile): string {
  if (evidence !== null) return SPEAKS[evidence];
  return contradicted ? "other size and length" : "size and length do not prove it";
}

function bytesText(size: number): string {
  if (size === 0) return "unknown";
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(size) / 10));
  return `${(size / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

function lengthText(ms: number | null): string {
  return ms === null ? "unknown" : formatDuration(ms);
}
