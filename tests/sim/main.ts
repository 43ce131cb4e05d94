/** `deno task sim`: both simulated servers over one library, until a signal ends it. */
import { generateLibrary } from "./library.ts";
import { type LoadedLibrary, readLibrary } from "./library_document.ts";
import { startSimPlex } from "./plex/server.ts";
import { HELP, readSimArgs, type SimArgs } from "./sim_args.ts";
import { startSimStash } from "./stash/server.ts";

const PLEX_LIBRARY = "Scenes";
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

function write(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  stream.writeSync(new TextEncoder().encode(text));
}

function madeUp(args: SimArgs): LoadedLibrary {
  const { scenes, plexItems } = generateLibrary(args);
  const locations = [args.plexRoot];
  const sections = [{ key: "1", title: PLEX_LIBRARY, type: "movie" as const, locations }];
  return { sections, items: plexItems, scenes };
}

/** @throws {RangeError} a file that cannot be read, or that is no library */
async function libraryFrom(path: string): Promise<LoadedLibrary> {
  try {
    return readLibrary(JSON.parse(await Deno.readTextFile(path)));
  } catch (cause) {
    throw new RangeError(`Cannot load the library ${path}: ${(cause as Error).message}`);
  }
}

/**
 * @throws {RangeError} arguments that do not fit together
 * @throws {Error} a port that is taken
 */
async function start(args: SimArgs) {
  const library = args.library === undefined ? madeUp(args) : await libraryFrom(args.library);
  const stash = await startSimStash({
    port: args.stashPort,
    scenes: library.scenes,
    zone: args.stashZone,
  });
  try {
    const plex = await startSimPlex({
      port: args.plexPort,
      items: library.items,
      latencyMs: args.plexLatencyMs,
      sections: library.sections,
    });
    return { plex, stash, names: library.sections.map(({ title }) => title) };
  } catch (cause) {
    await stash.close();
    throw cause;
  }
}

function nextSignal(): Promise<void> {
  return new Promise((resolve) => {
    const signals = ["SIGINT", "SIGTERM"] as const;
    const end = () => {
      for (const signal of signals) Deno.removeSignalListener(signal, end);
      resolve();
    };
    for (const signal of signals) Deno.addSignalListener(signal, end);
  });
}

/** @returns exit code */
async function main(argv: string[]): Promise<number> {
  const call = readSimArgs(argv);
  if (call.kind === "help") {
    write(Deno.stdout, HELP);
    return 0;
  }
  const fail = (message: string, code = EXIT_USAGE) => {
    write(Deno.stderr, `error: ${message}\nhint: deno task sim --help\n`);
    return code;
  };
  if (call.kind === "bad") return fail(call.message);
  const ended = nextSignal();
  let servers: Awaited<ReturnType<typeof start>>;
  try {
    servers = await start(call.args);
  } catch (cause) {
    // RangeError: the arguments do not fit together, or name no zone.
    return fail((cause as Error).message, cause instanceof RangeError ? EXIT_USAGE : EXIT_FAILED);
  }
  const { plex, stash, names } = servers;
  const line = {
    plex_url: plex.url,
    plex_token: plex.token,
    plex_library: names.join(", "),
    stash_url: stash.url,
    stash_api_key: stash.apiKey,
  };
  write(Deno.stdout, JSON.stringify(line) + "\n");
  await ended;
  await Promise.all([plex.close(), stash.close()]);
  return 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
