/**
 * The simulated part of Stash's GraphQL schema: output types, queries and
 * mutations. Names and nullability are the real ones; `@since` marks what a
 * client of an older server is refused.
 */
export const OUTPUT_SDL = `
directive @since(version: String!) on FIELD_DEFINITION | INPUT_FIELD_DEFINITION | INPUT_OBJECT

scalar Time
scalar Int64
scalar Map
scalar PluginConfigMap

enum GenderEnum { MALE FEMALE TRANSGENDER_MALE TRANSGENDER_FEMALE INTERSEX NON_BINARY }
enum JobStatus { READY RUNNING FINISHED STOPPING CANCELLED FAILED }
enum SystemStatusEnum { SETUP NEEDS_MIGRATION OK }

type Query {
  findScene(id: ID, checksum: String): Scene
  findScenes(scene_filter: SceneFilterType, scene_ids: [Int!], ids: [ID!], filter: FindFilterType): FindScenesResultType!
  findPerformer(id: ID!): Performer
  findPerformers(performer_filter: PerformerFilterType, filter: FindFilterType, performer_ids: [Int!], ids: [ID!]): FindPerformersResultType!
  findStudio(id: ID!): Studio
  findStudios(studio_filter: StudioFilterType, filter: FindFilterType, ids: [ID!]): FindStudiosResultType!
  findTag(id: ID!): Tag
  findGroup(id: ID!): Group
  findTags(tag_filter: TagFilterType, filter: FindFilterType, ids: [ID!]): FindTagsResultType!
  configuration: ConfigResult!
  systemStatus: SystemStatus!
  jobQueue: [Job!]
  findJob(input: FindJobInput!): Job
  version: Version!
}

type Mutation {
  sceneCreate(input: SceneCreateInput!): Scene
  sceneUpdate(input: SceneUpdateInput!): Scene
  scenesUpdate(input: [SceneUpdateInput!]!): [Scene]
  bulkSceneUpdate(input: BulkSceneUpdateInput!): [Scene!]
  sceneDestroy(input: SceneDestroyInput!): Boolean!
  scenesDestroy(input: ScenesDestroyInput!): Boolean!
  sceneMerge(input: SceneMergeInput!): Scene
  performerUpdate(input: PerformerUpdateInput!): Performer
  bulkPerformerUpdate(input: BulkPerformerUpdateInput!): [Performer!]
  performerDestroy(input: PerformerDestroyInput!): Boolean!
  performersDestroy(ids: [ID!]!): Boolean!
  studioUpdate(input: StudioUpdateInput!): Studio
  studioDestroy(input: StudioDestroyInput!): Boolean!
  studiosDestroy(ids: [ID!]!): Boolean!
  tagUpdate(input: TagUpdateInput!): Tag
  bulkTagUpdate(input: BulkTagUpdateInput!): [Tag!]
  tagDestroy(input: TagDestroyInput!): Boolean!
  tagsDestroy(ids: [ID!]!): Boolean!
  tagsMerge(input: TagsMergeInput!): Tag
  groupUpdate(input: GroupUpdateInput!): Group
  groupDestroy(input: GroupDestroyInput!): Boolean!
  groupsDestroy(ids: [ID!]!): Boolean!
  movieUpdate(input: MovieUpdateInput!): Movie @deprecated(reason: "Use groupUpdate instead")
  movieDestroy(input: MovieDestroyInput!): Boolean! @deprecated(reason: "Use groupDestroy instead")
}

type FindScenesResultType { count: Int! duration: Float! filesize: Float! scenes: [Scene!]! }
type FindPerformersResultType { count: Int! performers: [Performer!]! }
type FindStudiosResultType { count: Int! studios: [Studio!]! }
type FindTagsResultType { count: Int! tags: [Tag!]! }

type Scene {
  id: ID!
  title: String
  code: String
  details: String
  director: String
  url: String @deprecated(reason: "Use urls")
  urls: [String!]!
  date: String
  rating100: Int
  organized: Boolean!
  o_counter: Int
  interactive: Boolean!
  interactive_speed: Int
  created_at: Time!
  updated_at: Time!
  last_played_at: Time
  resume_time: Float
  play_duration: Float
  play_count: Int
  play_history: [Time!]!
  o_history: [Time!]!
  files: [VideoFile!]!
  paths: ScenePathsType!
  scene_markers: [SceneMarker!]!
  studio: Studio
  groups: [SceneGroup!]!
  tags: [Tag!]!
  performers: [Performer!]!
  stash_ids: [StashID!]!
  custom_fields: Map! @since(version: "0.31")
}

type VideoFile {
  id: ID!
  path: String!
  basename: String!
  mod_time: Time!
  size: Int64!
  fingerprint(type: String!): String
  fingerprints: [Fingerprint!]!
  format: String!
  width: Int!
  height: Int!
  duration: Float!
  video_codec: String!
  audio_codec: String!
  frame_rate: Float!
  bit_rate: Int!
  created_at: Time!
  updated_at: Time!
}
type Fingerprint { type: String! value: String! }
type ScenePathsType {
  screenshot: String
  preview: String
  stream: String
  webp: String
  vtt: String
  sprite: String
  funscript: String
  interactive_heatmap: String
  caption: String
}
type SceneGroup { group: Group! scene_index: Int }
type Group { id: ID! name: String! created_at: Time! updated_at: Time! }
type Movie { id: ID! name: String! created_at: Time! updated_at: Time! }
type StashID {
  endpoint: String!
  stash_id: String!
  updated_at: Time! @since(version: "0.28")
}
type SceneMarker {
  id: ID!
  scene: Scene!
  title: String!
  seconds: Float!
  end_seconds: Float @since(version: "0.28")
  primary_tag: Tag!
  tags: [Tag!]!
  created_at: Time!
  updated_at: Time!
}
type Studio {
  id: ID!
  name: String!
  parent_studio: Studio
  child_studios: [Studio!]!
  aliases: [String!]!
  image_path: String
  details: String
  favorite: Boolean!
  created_at: Time!
  updated_at: Time!
}
type Performer {
  id: ID!
  name: String!
  disambiguation: String
  gender: GenderEnum
  alias_list: [String!]!
  favorite: Boolean!
  image_path: String
  details: String
  created_at: Time!
  updated_at: Time!
}
type Tag {
  id: ID!
  name: String!
  sort_name: String @since(version: "0.28")
  description: String
  aliases: [String!]!
  favorite: Boolean!
  image_path: String
  created_at: Time!
  updated_at: Time!
}

type Version { version: String hash: String! build_time: String! }
type SystemStatus {
  databaseSchema: Int
  databasePath: String
  configPath: String
  appSchema: Int!
  status: SystemStatusEnum!
  os: String!
  workingDir: String!
  homeDir: String!
  ffmpegPath: String
  ffprobePath: String
}
type ConfigResult {
  general: ConfigGeneralResult!
  ui: Map!
  plugins(include: [ID!]): PluginConfigMap!
}
type ConfigGeneralResult {
  databasePath: String!
  configFilePath: String!
  pluginsPath: String!
  parallelTasks: Int!
  apiKey: String!
  username: String!
  password: String!
  maxSessionAge: Int!
  logLevel: String!
}
type Job {
  id: ID!
  status: JobStatus!
  subTasks: [String!]
  description: String!
  progress: Float
  startTime: Time
  endTime: Time
  addTime: Time!
  error: String
}
`;
