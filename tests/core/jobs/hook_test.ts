import { assertEquals } from "@std/assert";
import { actionOf, type HookContext } from "../../../src/core/jobs/hook.ts";

const scene = (id: string) => ({ kind: "scenes", ids: [id] });
const entity = (kind: string, id: string, gone = false) => ({
  kind: "entities",
  entities: [{ kind, id, gone }],
});

const cases: { when: string; hook: HookContext; want: unknown }[] = [
  {
    when: "a scene's title changed",
    hook: { id: 45, type: "Scene.Update.Post", input: {}, inputFields: ["id", "title"] },
    want: scene("45"),
  },
  {
    when: "a scan made or moved a scene (no input)",
    hook: { id: 45, type: "Scene.Update.Post", input: null },
    want: scene("45"),
  },
  { when: "a scene is new", hook: { id: 7, type: "Scene.Create.Post" }, want: scene("7") },
  {
    when: "a scene was destroyed",
    hook: { id: 7, type: "Scene.Destroy.Post", input: { id: "" } },
    want: scene("7"),
  },
  {
    when: "many were edited at once",
    hook: {
      id: 7,
      type: "Scene.Update.Post",
      input: { ids: ["7", "8"] },
      inputFields: ["ids", "tag_ids"],
    },
    want: scene("7"),
  },
  {
    when: "the filename parser sent an array",
    hook: { id: 7, type: "Scene.Update.Post", input: [{ id: "7" }], inputFields: ["id", "date"] },
    want: scene("7"),
  },
  {
    when: "only what is not synced changed",
    hook: { id: 45, type: "Scene.Update.Post", inputFields: ["play_count", "id", "urls"] },
    want: { kind: "nothing", because: "no synced field changed" },
  },
  {
    when: "only it was organized, which may decide whether it is synced",
    hook: { id: 45, type: "Scene.Update.Post", inputFields: ["organized", "id"] },
    want: scene("45"),
  },
  {
    when: "a field that nobody knows changed",
    hook: { id: 45, type: "Scene.Update.Post", inputFields: ["id", "brand_new"] },
    want: scene("45"),
  },
  {
    when: "a performer was renamed",
    hook: { id: 3, type: "Performer.Update.Post", inputFields: ["id", "name"] },
    want: entity("performer", "3"),
  },
  {
    when: "only a performer's birthday changed",
    hook: { id: 3, type: "Performer.Update.Post", inputFields: ["id", "birthdate"] },
    want: { kind: "nothing", because: "the name did not change" },
  },
  {
    when: "a studio changed and Stash does not say how",
    hook: { id: 3, type: "Studio.Update.Post" },
    want: entity("studio", "3"),
  },
  {
    when: "a tag was destroyed",
    hook: { id: 3, type: "Tag.Destroy.Post" },
    want: entity("tag", "3", true),
  },
  {
    when: "tags were merged",
    hook: { id: 3, type: "Tag.Merge.Post", input: { source: ["4", "5"], destination: "3" } },
    want: {
      kind: "entities",
      entities: [
        { kind: "tag", id: "3", gone: false },
        { kind: "tag", id: "4", gone: true },
        { kind: "tag", id: "5", gone: true },
      ],
    },
  },
  {
    when: "a performer is new",
    hook: { id: 3, type: "Performer.Create.Post" },
    want: { kind: "nothing", because: "Create names no scene yet" },
  },
  {
    when: "a group changed",
    hook: { id: 3, type: "Group.Update.Post" },
    want: { kind: "nothing", because: "Group is not synced" },
  },
  {
    when: "there is no id",
    hook: { type: "Scene.Update.Post" },
    want: { kind: "nothing", because: "no id" },
  },
  {
    when: "it is nonsense",
    hook: { id: {}, type: 5 },
    want: { kind: "nothing", because: "5 is not synced" },
  },
];
for (const { when, hook, want } of cases) {
  Deno.test(`actionOf() when ${when}`, () => assertEquals(actionOf(hook) as unknown, want));
}
