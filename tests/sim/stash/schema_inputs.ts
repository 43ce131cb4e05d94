/** Input types of the simulated part of Stash's schema; see schema_sdl.ts. */
export const INPUT_SDL = `
enum SortDirectionEnum { ASC DESC }
enum CriterionModifier {
  EQUALS NOT_EQUALS GREATER_THAN LESS_THAN IS_NULL NOT_NULL INCLUDES_ALL INCLUDES EXCLUDES
  MATCHES_REGEX NOT_MATCHES_REGEX BETWEEN NOT_BETWEEN
}
enum BulkUpdateIdMode { SET ADD REMOVE }

input FindFilterType {
  q: String
  page: Int
  per_page: Int
  sort: String
  direction: SortDirectionEnum
}
input StringCriterionInput { value: String! modifier: CriterionModifier! }
input IntCriterionInput { value: Int! value2: Int modifier: CriterionModifier! }
input DateCriterionInput { value: String! value2: String modifier: CriterionModifier! }
input TimestampCriterionInput { value: String! value2: String modifier: CriterionModifier! }
input MultiCriterionInput { value: [ID!] modifier: CriterionModifier! excludes: [ID!] }
input HierarchicalMultiCriterionInput {
  value: [ID!]
  modifier: CriterionModifier!
  depth: Int
  excludes: [ID!]
}
input StashIDCriterionInput { endpoint: String stash_id: String modifier: CriterionModifier! }

input SceneFilterType {
  AND: SceneFilterType
  OR: SceneFilterType
  NOT: SceneFilterType
  id: IntCriterionInput
  title: StringCriterionInput
  code: StringCriterionInput
  details: StringCriterionInput
  director: StringCriterionInput
  path: StringCriterionInput
  file_count: IntCriterionInput
  rating100: IntCriterionInput
  organized: Boolean
  is_missing: String
  studios: HierarchicalMultiCriterionInput
  tags: HierarchicalMultiCriterionInput
  tag_count: IntCriterionInput
  performers: MultiCriterionInput
  performer_count: IntCriterionInput
  stash_id_endpoint: StashIDCriterionInput
  date: DateCriterionInput
  created_at: TimestampCriterionInput
  updated_at: TimestampCriterionInput
  performers_filter: PerformerFilterType
  studios_filter: StudioFilterType
  tags_filter: TagFilterType
  groups_filter: GroupFilterType
  files_filter: FileFilterType @since(version: "0.30")
}
input PerformerFilterType {
  AND: PerformerFilterType
  OR: PerformerFilterType
  NOT: PerformerFilterType
  name: StringCriterionInput
  disambiguation: StringCriterionInput
  created_at: TimestampCriterionInput
  updated_at: TimestampCriterionInput
}
input StudioFilterType {
  AND: StudioFilterType
  OR: StudioFilterType
  NOT: StudioFilterType
  name: StringCriterionInput
  created_at: TimestampCriterionInput
  updated_at: TimestampCriterionInput
}
input TagFilterType {
  AND: TagFilterType
  OR: TagFilterType
  NOT: TagFilterType
  name: StringCriterionInput
  sort_name: StringCriterionInput @since(version: "0.28")
  created_at: TimestampCriterionInput
  updated_at: TimestampCriterionInput
}
input GroupFilterType {
  AND: GroupFilterType
  OR: GroupFilterType
  NOT: GroupFilterType
  name: StringCriterionInput
  created_at: TimestampCriterionInput
  updated_at: TimestampCriterionInput
}
input FileFilterType @since(version: "0.30") {
  AND: FileFilterType
  OR: FileFilterType
  NOT: FileFilterType
  path: StringCriterionInput
  basename: StringCriterionInput
  mod_time: TimestampCriterionInput
  created_at: TimestampCriterionInput
  updated_at: TimestampCriterionInput
}
input FindJobInput { id: ID! }

input StashIDInput {
  endpoint: String!
  stash_id: String!
  updated_at: Time @since(version: "0.28")
}
input SceneGroupInput { group_id: ID! scene_index: Int }
input BulkUpdateStrings { values: [String!] mode: BulkUpdateIdMode! }
input BulkUpdateIds { ids: [ID!] mode: BulkUpdateIdMode! }

input SceneCreateInput {
  title: String
  code: String
  details: String
  director: String
  url: String
  urls: [String!]
  date: String
  rating100: Int
  organized: Boolean
  studio_id: ID
  performer_ids: [ID!]
  groups: [SceneGroupInput!]
  tag_ids: [ID!]
  cover_image: String
  stash_ids: [StashIDInput!]
}
input SceneUpdateInput {
  clientMutationId: String
  id: ID!
  title: String
  code: String
  details: String
  director: String
  url: String
  urls: [String!]
  date: String
  rating100: Int
  organized: Boolean
  studio_id: ID
  performer_ids: [ID!]
  groups: [SceneGroupInput!]
  tag_ids: [ID!]
  cover_image: String
  stash_ids: [StashIDInput!]
  primary_file_id: ID
}
input BulkSceneUpdateInput {
  clientMutationId: String
  ids: [ID!]
  title: String
  code: String
  details: String
  director: String
  url: String
  urls: BulkUpdateStrings
  date: String
  rating100: Int
  organized: Boolean
  studio_id: ID
  performer_ids: BulkUpdateIds
  tag_ids: BulkUpdateIds
  group_ids: BulkUpdateIds
}
input SceneDestroyInput { id: ID! delete_file: Boolean delete_generated: Boolean }
input ScenesDestroyInput { ids: [ID!]! delete_file: Boolean delete_generated: Boolean }
input PerformerUpdateInput {
  id: ID!
  name: String
  disambiguation: String
  gender: GenderEnum
  favorite: Boolean
  details: String
}
input StudioUpdateInput { id: ID! name: String parent_id: ID favorite: Boolean details: String }
input TagUpdateInput {
  id: ID!
  name: String
  sort_name: String @since(version: "0.28")
  description: String
  favorite: Boolean
}
input GroupUpdateInput { id: ID! name: String }
input MovieUpdateInput { id: ID! name: String }
input BulkPerformerUpdateInput {
  clientMutationId: String
  ids: [ID!]
  disambiguation: String
  gender: GenderEnum
  favorite: Boolean
  details: String
}
input BulkTagUpdateInput { ids: [ID!] description: String favorite: Boolean }
input PerformerDestroyInput { id: ID! }
input StudioDestroyInput { id: ID! }
input TagDestroyInput { id: ID! }
input GroupDestroyInput { id: ID! }
input MovieDestroyInput { id: ID! }
input TagsMergeInput { source: [ID!]! destination: ID! }
input SceneMergeInput {
  source: [ID!]!
  destination: ID!
  values: SceneUpdateInput
  play_history: Boolean
  o_history: Boolean
}
`;
