import type { Surroundings } from "../../app/installation.ts";
import type { World } from "../../app/world.ts";
import type { OtherFaces } from "./other_faces.ts";
import type { Input } from "../terminal/standard_input.ts";

/** A flag of one command. */
export interface Flag {
  /** Without dashes. */
  name: string;
  /** How its value is called in the help; none for a switch. With "…" it may be given repeatedly. */
  value?: string;
  meaning: string;
  /** It names a file of the caller's: not for the service to write. */
  isFile?: boolean;
}

/** One of the things that a command can do, called by the word behind the command's name. */
export interface Action {
  /** What stands behind its name, as `words` of a command. */
  words?: string;
  summary: string;
  /** Which of the command's flags it takes; default: all. */
  flags?: readonly string[];
}

/** A call that works, and what it is good for. */
export interface Example {
  /** Beginning with `plexsync`. */
  line: string;
  tells: string;
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
  /** Which of the command's actions; "" for a command that has none. */
  action: string;
  /** What is no flag, the names of the command and of the action not among them. */
  words: readonly string[];
  /** `--json` was given. */
  json: boolean;
  /** Who answers questions; default: standard input. */
  input?: Input | undefined;
}

/**
 * One command; its file is read only when it is called. Help, man page, completions and the chapter
 * on commands follow from it.
 */
export interface Command {
  /** Shown behind `Usage: plexsync `; of a command with actions its name alone. */
  usage: string;
  summary: string;
  flags?: readonly Flag[];
  /**
   * The words that it reads behind its name, such as `FILE`, `SCENE ITEM`, `[ID…]`: how many there
   * may be follows from it. Without it any word is a mistake.
   */
  words?: string;
  /** What it can do, by the word behind its name; "" is what it does without one. */
  actions?: Readonly<Record<string, Action>>;
  /** The action that is meant where none is named. */
  usualAction?: string;
  /** The service carries it out for those who ask at its socket. */
  isServed?: boolean;
  /** At least one: shown in the help. */
  examples: readonly Example[];
  /** Further lines of its help: each a paragraph, or with two blanks within, a row of a table. */
  notes?: readonly string[];
  /** @returns the exit code */
  run(invocation: Invocation): Promise<number>;
}
