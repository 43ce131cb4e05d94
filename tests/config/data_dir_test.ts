import { assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../src/core/failures/errors.ts";
import { resolveDataDir } from "../../src/config/data_dir.ts";

const HOME = { HOME: "/home/me" };
const XDG = { ...HOME, XDG_DATA_HOME: "/xdg/" };
const OWN = { ...XDG, PLEXSYNC_DATA_DIR: "/own" };
const SYSTEMD = { ...OWN, STATE_DIRECTORY: "/var/lib/plexsync:/var/lib/other" };

const CASES = [
  { flag: "/flag", env: SYSTEMD, path: "/flag", from: "--data-dir" },
  { flag: undefined, env: SYSTEMD, path: "/var/lib/plexsync", from: "$STATE_DIRECTORY" },
  { flag: undefined, env: OWN, path: "/own", from: "$PLEXSYNC_DATA_DIR" },
  { flag: undefined, env: XDG, path: "/xdg/plexsync", from: "$XDG_DATA_HOME" },
  { flag: "", env: HOME, path: "/home/me/.local/share/plexsync", from: "$HOME" },
  {
    flag: undefined,
    env: { ...HOME, XDG_DATA_HOME: "relative", STATE_DIRECTORY: "", PLEXSYNC_DATA_DIR: "" },
    path: "/home/me/.local/share/plexsync",
    from: "$HOME",
  },
  {
    flag: undefined,
    env: { LOCALAPPDATA: "C:\\Users\\me\\AppData\\Local" },
    path: "C:\\Users\\me\\AppData\\Local\\plexsync",
    from: "%LOCALAPPDATA%",
  },
];

for (const { flag, env, path, from } of CASES) {
  Deno.test(`resolveDataDir() takes ${path} from ${from}`, () => {
    assertEquals(resolveDataDir(flag, env), { path, from });
  });
}

Deno.test("resolveDataDir() says what to do when nothing tells where", () => {
  const error = assertThrows(() => resolveDataDir(undefined, {}), UserError);
  assertEquals((error as UserError).kind, "usage");
});
