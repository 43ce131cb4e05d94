import { assertEquals, assertStringIncludes } from "@std/assert";
import { DataDir } from "./data_dir.ts";

const SERVERS = `plex_url = "http://127.0.0.1:9"
plex_token = "t-1"
stash_url = "http://127.0.0.1:9"
stash_api_key = ""
`;

const OPEN = 'listen = "0.0.0.0:19810"\n';
const TOKEN = "0123456789abcdef0123456789abcdef";

const LISTENERS = [
  { when: "none", toml: "", code: 0 },
  { when: "this machine alone", toml: 'listen = "127.0.0.1:19810"\n', code: 0 },
  { when: "the network, with a token", toml: `${OPEN}listen_token = "${TOKEN}"\n`, code: 0 },
  { when: "the network, without a token", toml: OPEN, code: 2 },
  { when: "the network, with a generated token alone", toml: OPEN, generated: true, code: 2 },
];

for (const { when, toml, generated, code } of LISTENERS) {
  Deno.test(`config check and doctor judge a listener as run does: ${when}`, async () => {
    using dir = new DataDir();
    Deno.writeTextFileSync(dir.file("plexsync.toml"), SERVERS + toml, { mode: 0o600 });
    if (generated) Deno.writeTextFileSync(dir.file("listen-token"), TOKEN, { mode: 0o600 });
    const checked = await dir.call("config", "check");
    assertEquals(checked.code, code, checked.stderr);
    const { stdout } = await dir.call("doctor");
    const said = "Cannot listen on 0.0.0.0:19810";
    assertEquals(stdout.includes(`fail  settings: ${said}`), code === 2, stdout);
    if (code === 2) assertStringIncludes(checked.stderr, `error: ${said}`);
  });
}
