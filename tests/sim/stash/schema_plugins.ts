/** Plugins, jobs, log and subscriptions of Stash's schema; see schema_sdl.ts. */
export const PLUGIN_SDL = `
scalar BoolMap
scalar Any

enum PluginSettingTypeEnum { STRING NUMBER BOOLEAN }
enum JobStatusUpdateType { ADD REMOVE UPDATE }
enum LogLevel { Trace Debug Info Progress Warning Error }

extend type Query {
  plugins: [Plugin!]
  pluginTasks: [PluginTask!]
  logs: [LogEntry!]!
}

extend type Mutation {
  setPluginsEnabled(enabledMap: BoolMap!): Boolean!
  runPluginTask(plugin_id: ID!, task_name: String, description: String, args: [PluginArgInput!], args_map: Map): ID!
  runPluginOperation(plugin_id: ID!, args: Map): Any
  reloadPlugins: Boolean!
  configurePlugin(plugin_id: ID!, input: Map!): Map!
  metadataScan(input: ScanMetadataInput!): ID!
  stopJob(job_id: ID!): Boolean!
  stopAllJobs: Boolean!
}

type Subscription {
  jobsSubscribe: JobStatusUpdate!
  loggingSubscribe: [LogEntry!]!
  scanCompleteSubscribe: Boolean!
}

type Plugin {
  id: ID!
  name: String!
  description: String
  url: String
  version: String
  enabled: Boolean!
  tasks: [PluginTask!]
  hooks: [PluginHook!]
  settings: [PluginSetting!]
  requires: [ID!]
  paths: PluginPaths!
}
type PluginTask { name: String! description: String plugin: Plugin! }
type PluginHook { name: String! description: String hooks: [String!] plugin: Plugin! }
type PluginSetting {
  name: String!
  display_name: String
  description: String
  type: PluginSettingTypeEnum!
}
type PluginPaths { javascript: [String!] css: [String!] }
type JobStatusUpdate { type: JobStatusUpdateType! job: Job! }
type LogEntry { time: Time! level: LogLevel! message: String! }

input PluginArgInput { key: String! value: PluginValueInput }
input PluginValueInput {
  str: String
  i: Int
  b: Boolean
  f: Float
  o: [PluginArgInput!]
  a: [PluginValueInput!]
}
input ScanMetadataInput {
  paths: [String!]
  rescan: Boolean
  scanGenerateCovers: Boolean
  scanGeneratePreviews: Boolean
  scanGenerateImagePreviews: Boolean
  scanGenerateSprites: Boolean
  scanGeneratePhashes: Boolean
  scanGenerateThumbnails: Boolean
  scanGenerateClipPreviews: Boolean
}
`;
