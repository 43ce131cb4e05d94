import type { Surroundings } from "../app/installation.ts";
import type { World } from "../app/world.ts";
import type { OtherFaces } from "./other_faces.ts";

/** A flag of one command. */
export interface Flag {
  /** Without dashes. */
  name: string;
  /** How its value is called in the help; none for a switch. */
  value?: string;
  meaning: string;
}

/** What a command gets to work with. */
export interface Invocation {
  world: World;
  /** What an installation is opened by. */
  around: Surroundings;
  /** What the other faces do within a command. */
  faces: OtherFaces;
  /** Values of flags that take one, by name without dashes; the settings' flags among them. */
  values: Readonly<Record<string, string>>;
  /** Names of the switches that are on. */
  switches: ReadonlySet<string>;
  /** What is no flag, the command's own name not among them. */
  words: readonly string[];
  /** `--json` was given. */
  json: boolean;
}

/** One command; its file is read only when it is called. */
export interface Command {
  /** Shown behind `Usage: plexsync `. */
  usage: string;
  summary: string;
  flags?: readonly Flag[];
  /** It reads words behind its name; for any other command they are a mistake. */
  takesWords?: boolean;
  /** Further lines of its help. */
  notes?: readonly string[];
  /** @returns the exit code */
  run(invocation: Invocation): Promise<number>;
}
