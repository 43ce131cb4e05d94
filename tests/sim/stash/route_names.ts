/** What a request is about, for faults: the name of its route, and the scenes that it names. */
import { type FieldNode, getOperationAST, Kind, parse, valueFromASTUntyped } from "graphql";
import type { RequestFacts } from "../faults.ts";
import { operationLabel, readParams } from "./graphql_http.ts";
import type { HttpRequest } from "./http.ts";

const COVER = /^\/scene\/(\d+)\/screenshot$/;

const ROUTES: [name: string, path: RegExp][] = [
  ["graphql", /^\/graphql$/],
  ["cover", COVER],
  ["image", /^\/(performer|studio|tag)\/\d+\/image$/],
  ["health", /^\/healthz$/],
];

/** The names that a rule may use. */
export const STASH_ROUTES: readonly string[] = ROUTES.map(([name]) => name);

export function stashFacts(request: HttpRequest): RequestFacts {
  const cover = COVER.exec(request.path)?.[1];
  return {
    route: ROUTES.find(([, path]) => path.test(request.path))?.[0],
    scenes: cover === undefined ? scenesAsked(request) : [cover],
    operation: operationLabel(request),
  };
}

/** Ids of scenes in the arguments of the operation; undefined when it names none. */
function scenesAsked(request: HttpRequest): string[] | undefined {
  if (request.path !== "/graphql") return undefined;
  const params = readParams(request);
  if (typeof params === "string") return undefined;
  try {
    const operation = getOperationAST(parse(params.query), params.operationName);
    const ids = (operation?.selectionSet.selections ?? []).flatMap((field) =>
      field.kind === Kind.FIELD && /scene/i.test(field.name.value)
        ? idsOf(field, params.variables)
        : []
    );
    return ids.length === 0 ? undefined : ids;
  } catch {
    return undefined;
  }
}

function idsOf(field: FieldNode, variables: Record<string, unknown>): string[] {
  return (field.arguments ?? []).flatMap(({ name, value }) => {
    const given: unknown = valueFromASTUntyped(value, variables);
    if (name.value === "input") {
      const { id, ids } = (given ?? {}) as { id?: unknown; ids?: unknown };
      return texts([id, ids]);
    }
    return ["id", "ids", "scene_ids"].includes(name.value) ? texts([given]) : [];
  });
}

function texts(values: unknown[]): string[] {
  return values.flat(2).filter((value) => value != null).map(String);
}

/** Rows of scenes in an answer: alone under an alias, or in a list. */
export function stashRows(json: unknown): Record<string, unknown>[] {
  const { data } = json as { data?: Record<string, unknown> | null };
  return Object.values(data ?? {}).flatMap((value) => {
    if (typeof value !== "object" || value === null) return [];
    const { scenes } = value as { scenes?: Record<string, unknown>[] };
    if (scenes !== undefined) return scenes;
    return "id" in value ? [value as Record<string, unknown>] : [];
  });
}
