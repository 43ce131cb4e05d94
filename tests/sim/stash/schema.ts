/** Builds the executable schema of one Stash version. */
import {
  buildASTSchema,
  type DirectiveNode,
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  parse,
  visit,
} from "graphql";
import { INPUT_SDL } from "./schema_inputs.ts";
import { PLUGIN_SDL } from "./schema_plugins.ts";
import { OUTPUT_SDL } from "./schema_sdl.ts";

/** Versions the simulation can be. */
export type StashVersion = "0.27" | "0.30" | "0.31";

/**
 * @returns whether a server of version `have` has what came with `need`
 */
export function atLeast(have: string, need: string): boolean {
  return minor(have) >= minor(need);
}

/** Fields and inputs newer than `version` do not exist in it. */
export function buildStashSchema(version: StashVersion): GraphQLSchema {
  const document = parse(OUTPUT_SDL + INPUT_SDL + PLUGIN_SDL, { noLocation: true });
  const only = (node: { directives?: readonly DirectiveNode[] }) =>
    isNewer(node.directives, version) ? null : undefined;
  const cut: DocumentNode = visit(document, {
    FieldDefinition: only,
    InputValueDefinition: only,
    InputObjectTypeDefinition: only,
    DirectiveDefinition: () => null,
  });
  return buildASTSchema(withoutSince(cut));
}

function withoutSince(document: DocumentNode): DocumentNode {
  return visit(document, {
    Directive: (node) => node.name.value === "since" ? null : undefined,
  });
}

function isNewer(directives: readonly DirectiveNode[] | undefined, version: string): boolean {
  const since = directives?.find((directive) => directive.name.value === "since");
  const value = since?.arguments?.[0]?.value;
  return value?.kind === Kind.STRING && !atLeast(version, value.value);
}

function minor(version: string): number {
  return Number(version.split(".")[1]);
}
