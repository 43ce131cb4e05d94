import type { HookAction } from "../../core/jobs/hook.ts";

/** What a document that Stash sends to its plugin asks for. */
export type PluginDocument =
  | { kind: "hook"; action: HookAction; /** The answer, once it is kept. */ output: string }
  /** `run` answers within seconds, with what went wrong too; longer work goes on behind it. */
  | { kind: "task"; run(): Promise<TaskAnswer> }
  | { kind: "neither" };

/** What a task came to, without secrets. */
export interface TaskAnswer {
  /** As Stash takes it from a plugin's stdout. */
  result: { output: string } | { error: string };
  /** The same as lines that Stash takes from a plugin's stderr, each with its level. */
  log: string;
}

/**
 * What takes such documents within the daemon, for a Stash that can only send them by HTTP: made by
 * the face that knows them, used by the one that they come in by.
 */
export interface PluginDocuments {
  /** @throws {UserError} it cannot be read */
  read(bytes: Uint8Array): PluginDocument;
  /** Stops what goes on behind the answers; resolves when it has ended. */
  end(): Promise<void>;
}
