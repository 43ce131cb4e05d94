/** A scene as tests and the control API see it: GraphQL's member names, relations nested. */
import type { SceneNode } from "./nodes.ts";

export interface SceneView {
  id: string;
  title: string;
  code: string;
  details: string;
  director: string;
  urls: string[];
  date: string | null;
  rating100: number | null;
  organized: boolean;
  created_at: string;
  updated_at: string;
  studio: { id: string; name: string; parent_studio: { id: string; name: string } | null } | null;
  performers: { id: string; name: string; disambiguation: string; gender: string | null }[];
  tags: { id: string; name: string }[];
  groups: { group: { id: string; name: string }; scene_index: number | null }[];
  files: { id: string; path: string; basename: string; size: number; duration: number }[];
  stash_ids: { endpoint: string; stash_id: string }[];
}

export function viewOf(scene: SceneNode): SceneView {
  const { id, title, code, details, director, urls, date, rating100, organized } = scene;
  const studio = scene.studio();
  const parent = studio?.parent_studio() ?? null;
  return {
    id,
    title,
    code,
    details,
    director,
    urls,
    date,
    rating100,
    organized,
    created_at: scene.created_at,
    updated_at: scene.updated_at,
    studio: studio === null ? null : {
      id: studio.id,
      name: studio.name,
      parent_studio: parent === null ? null : { id: parent.id, name: parent.name },
    },
    performers: scene.performers().map((performer) => ({
      id: performer.id,
      name: performer.name,
      disambiguation: performer.disambiguation,
      gender: performer.gender == null ? null : String(performer.gender),
    })),
    tags: scene.tags().map((tag) => ({ id: tag.id, name: tag.name })),
    groups: scene.groups().map(({ group, scene_index }) => ({
      group: { id: group.id, name: group.name },
      scene_index,
    })),
    files: scene.files().map((file) => ({
      id: file.id,
      path: file.path,
      basename: file.basename,
      size: file.size,
      duration: file.duration,
    })),
    stash_ids: scene.stash_ids().map(({ endpoint, stash_id }) => ({ endpoint, stash_id })),
  };
}
