/** The plugins that are loaded, which of them are enabled, and their stored settings. */
import { resolve } from "node:path";
import { StashError } from "./entities.ts";
import type { Manifest } from "./manifest.ts";
import { readPluginFolder } from "./plugin_folder.ts";
import type { ServerLog } from "./server_log.ts";

export type PluginSettings = Record<string, unknown>;

export class Plugins {
  readonly #log: ServerLog;
  readonly #disabled = new Set<string>();
  readonly #settings: Map<string, PluginSettings>;
  #folder: string | undefined;
  #loaded: Manifest[] = [];

  /** @param settings Stored ones by plugin id; they need no plugin that is loaded */
  constructor(log: ServerLog, settings: Record<string, PluginSettings>) {
    this.#log = log;
    this.#settings = new Map(Object.entries(settings));
  }

  /** Where plugins are looked for; undefined before the first `load`. */
  get folder(): string | undefined {
    return this.#folder;
  }

  /** Puts the plugins below a folder in the place of those loaded. */
  load(folder: string): void {
    this.#folder = resolve(folder);
    this.reload();
  }

  reload(): void {
    if (this.#folder === undefined) return;
    this.#loaded = readPluginFolder(this.#folder, (message) => this.#log.add("error", message));
  }

  /** In walk order, disabled ones included. */
  list(): Manifest[] {
    return this.#loaded;
  }

  enabled(): Manifest[] {
    return this.#loaded.filter(({ id }) => this.isEnabled(id));
  }

  isEnabled(id: string): boolean {
    return !this.#disabled.has(id);
  }

  /** Ids that nobody has are kept for later, as in Stash's list of disabled ones. */
  setEnabled(enabled: Record<string, boolean>): void {
    for (const [id, on] of Object.entries(enabled)) {
      if (on) this.#disabled.delete(id);
      else this.#disabled.add(id);
    }
  }

  /** Ids are told apart by case here, though not when loading. */
  find(id: string): Manifest | undefined {
    return this.#loaded.find((plugin) => plugin.id === id);
  }

  /** @throws {StashError} unknown or disabled */
  mustFind(id: string): Manifest {
    const plugin = this.find(id);
    if (plugin === undefined) throw new StashError(`no plugin with ID ${id}`);
    if (!this.isEnabled(id)) throw new StashError(`plugin ${id} is disabled`);
    return plugin;
  }

  /** A plugin without stored values is absent, and so is each value not stored. */
  settings(include?: readonly string[] | null): Record<string, PluginSettings> {
    const wanted = [...this.#settings].filter(([id]) => include == null || include.includes(id));
    return Object.fromEntries(wanted);
  }

  /** The whole map is replaced: what is not given is gone. No plugin is told. */
  configure(id: string, settings: PluginSettings): PluginSettings {
    this.#settings.set(id, settings);
    return settings;
  }
}
