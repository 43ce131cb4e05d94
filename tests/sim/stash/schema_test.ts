import { assert, assertEquals } from "@std/assert";
import {
  buildClientSchema,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isObjectType,
  isSpecifiedScalarType,
} from "graphql";
import { buildStashSchema, type StashVersion } from "./schema.ts";
import { ask, withStash } from "./testing.ts";

const REAL = new URL(
  "../../../../shared/reference/stash-schema/introspection.json",
  import.meta.url,
);

function readReal(): GraphQLSchema | undefined {
  try {
    return buildClientSchema(JSON.parse(Deno.readTextFileSync(REAL)).data);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotCapable) return;
    throw cause;
  }
}
const real = readReal();

Deno.test({
  name: "schema is a subset of the real one of v0.30 in names, types and nullability" +
    (real === undefined ? " (skipped: no introspection file at hand)" : ""),
  ignore: real === undefined,
  fn: () => assertEquals(differences(buildStashSchema("0.30"), real as GraphQLSchema), []),
});

/** Everything in `ours` that is not so in `theirs`. */
function differences(ours: GraphQLSchema, theirs: GraphQLSchema): string[] {
  const found: string[] = [];
  for (const type of Object.values(ours.getTypeMap())) {
    if (type.name.startsWith("__") || isSpecifiedScalarType(type)) continue;
    const other = theirs.getType(type.name);
    if (other?.constructor !== type.constructor) found.push(`type ${type.name}`);
    else if (isObjectType(type) && isObjectType(other)) {
      found.push(...members(type.name, type.getFields(), other.getFields()));
    } else if (isInputObjectType(type) && isInputObjectType(other)) {
      found.push(...members(type.name, type.getFields(), other.getFields()));
    } else if (isEnumType(type) && isEnumType(other)) {
      const names = (each: typeof type) =>
        each.getValues().map((value) => value.name).sort().join();
      if (names(type) !== names(other)) found.push(`values of ${type.name}`);
    }
  }
  return found;
}

type Member = GraphQLField<unknown, unknown> | GraphQLInputField | GraphQLArgument;

function members(
  owner: string,
  ours: Record<string, Member>,
  theirs: Record<string, Member>,
): string[] {
  return Object.entries(ours).flatMap(([name, member]) => {
    const other = theirs[name];
    const place = `${owner}.${name}`;
    if (other === undefined) return [place];
    const wrong = String(other.type) === String(member.type) ? [] : [`${place}: ${member.type}`];
    const args = (of: Member) =>
      "args" in of ? Object.fromEntries(of.args.map((arg) => [arg.name, arg])) : {};
    return [...wrong, ...members(place, args(member), args(other))];
  });
}

const NEWER: { field: string; query: string; since: StashVersion }[] = [
  {
    field: "files_filter",
    query:
      '{findScenes(scene_filter:{files_filter:{updated_at:{value:"",modifier:NOT_NULL}}}){count}}',
    since: "0.30",
  },
  { field: "tag sort_name", query: "{findTags{tags{sort_name}}}", since: "0.30" },
  { field: "scene custom_fields", query: "{findScenes{scenes{custom_fields}}}", since: "0.31" },
];
const VERSIONS: StashVersion[] = ["0.27", "0.30", "0.31"];

for (const { field, query, since } of NEWER) {
  for (const version of VERSIONS) {
    const known = version >= since;
    Deno.test(`version ${version} ${known ? "has" : "refuses"} ${field}`, () =>
      withStash({ version }, async (stash) => {
        const answer = await ask(stash, query);
        assertEquals(answer.status, known ? 200 : 422);
        assertEquals(
          answer.errors?.[0]?.extensions?.code,
          known ? undefined : "GRAPHQL_VALIDATION_FAILED",
        );
      }));
  }
}

Deno.test("version, status, queue, configuration and introspection answer as a Stash at rest", () =>
  withStash({ plugins: { plexsync: { a: 1 }, other: { b: 2 } } }, async (stash) => {
    const query = `{
      version { version hash build_time }
      systemStatus { status databaseSchema appSchema }
      jobQueue { id }
      findJob(input: { id: "1" }) { id }
      configuration { general { apiKey } plugins(include: ["plexsync"]) }
      __type(name: "SceneFilterType") { inputFields { name } }
    }`;
    const { data } = await ask(stash, query);
    assertEquals(data.version.version, "v0.30.1");
    assertEquals(data.systemStatus, { status: "OK", databaseSchema: 75, appSchema: 75 });
    assertEquals([data.jobQueue, data.findJob], [null, null]);
    assertEquals(data.configuration, {
      general: { apiKey: stash.apiKey },
      plugins: { plexsync: { a: 1 } },
    });
    const names = data.__type.inputFields.map((field: { name: string }) => field.name);
    assert(names.includes("files_filter"));
  }));

Deno.test("before a migration the status answers and data does not", () =>
  withStash({}, async (stash) => {
    stash.setSystemState("NEEDS_MIGRATION");
    const { data } = await ask(stash, "{systemStatus{status}}");
    assertEquals(data.systemStatus.status, "NEEDS_MIGRATION");
    const answer = await ask(stash, "{findScenes{count}}");
    assertEquals([answer.status, answer.errors?.length], [200, 1]);
  }));
