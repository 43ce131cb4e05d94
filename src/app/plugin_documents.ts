import type { HookAction } from "../core/hook.ts";

/** What a document that Stash sends to its plugin asks for. */
export type PluginDocument =
  | { kind: "hook"; action: HookAction; /** The answer, once it is kept. */ output: string }
  /** `run` answers within seconds; longer work goes on behind the answer. */
  | { kind: "task"; run(): Promise<string> }
  | { kind: "neither" };

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
