/** What goes with a release is made, and can be read by those it is for. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { join } from "node:path";
import { parse } from "yaml";
import { makeDeb } from "../../scripts/package/deb.ts";
import { makePluginIndex } from "../../scripts/package/plugin_index.ts";
import { sbomOf } from "../../scripts/package/sbom.ts";
import { zipOf } from "../../scripts/package/zip.ts";
import { FACES } from "../../main.ts";
import { program } from "../../src/cli/frame/program.ts";
import { readEnvironment } from "../../src/config/environment.ts";
import { fakeTerminal } from "../cli/terminal.ts";
import { ROOT } from "../program.ts";

/** Runs a tool of this machine; null where there is none. */
async function tool(command: string, ...args: string[]): Promise<string | null> {
  try {
    const { code, stdout, stderr } = await new Deno.Command(command, { args }).output();
    const text = new TextDecoder().decode(stdout);
    assertEquals(code, 0, text + new TextDecoder().decode(stderr));
    return text;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

const hasDpkg = (await tool("dpkg-deb", "--version")) !== null;

/** What the program prints; from source there are no licences. */
async function ask(...args: string[]): Promise<string> {
  if (args.includes("--licences")) return "plexsync 0.1.0  MIT\n";
  const world = fakeTerminal({ terminal: { stdout: false, stderr: false } });
  assertEquals(await program(args, world, FACES), 0, world.err());
  return world.out.join("");
}

/** A file that begins like an executable for Linux on ARM. */
function armProgram(folder: string): string {
  const bytes = new Uint8Array(256);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x7f454c46);
  view.setUint16(0x12, 0xb7, true);
  const path = join(folder, "program");
  Deno.writeFileSync(path, bytes, { mode: 0o755 });
  return path;
}

Deno.test({
  name: "dpkg-deb reads the package: program, unit, manual page, completions, scripts",
  ignore: !hasDpkg,
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "plexsync-deb-" });
    try {
      const [path] = await makeDeb({ root: ROOT, bin: armProgram(folder), folder }, ask);
      const field = (name: string) => tool("dpkg-deb", "--field", path!, name);
      assertEquals(await field("Architecture"), "arm64\n");
      assertEquals(
        await field("Version"),
        await ask("version", "--json").then((text) => JSON.parse(text).version + "\n"),
      );
      const files = (await tool("dpkg-deb", "--contents", path!))!.trim().split("\n")
        .map((line) => /^(\S+) (\S+) .* \.(\S+)$/.exec(line)!.slice(1));
      assertEquals(files.filter(([, owner]) => owner !== "root/root"), []);
      const modes = Object.fromEntries(files.map(([mode, , name]) => [name, mode]));
      assertEquals(modes["/usr/bin/plexsync"], "-rwxr-xr-x");
      assertEquals(modes["/etc/plexsync/"], "drwxr-xr-x");
      for (
        const name of [
          "/usr/lib/systemd/system/plexsync.service",
          "/usr/share/man/man1/plexsync.1.gz",
          "/usr/share/bash-completion/completions/plexsync",
          "/usr/share/zsh/vendor-completions/_plexsync",
          "/usr/share/fish/vendor_completions.d/plexsync.fish",
          "/usr/share/doc/plexsync/copyright",
        ]
      ) assertEquals(modes[name], "-rw-r--r--", name);
      const tree = join(folder, "tree");
      await tool("dpkg-deb", "--raw-extract", path!, tree);
      const unit = await Deno.readTextFile(join(tree, "usr/lib/systemd/system/plexsync.service"));
      assertMatch(unit, /^ExecStart=\/usr\/bin\/plexsync run /m);
      for (const name of ["postinst", "prerm", "postrm"]) {
        await tool("sh", "-n", join(tree, "DEBIAN", name));
      }
      // Nothing of the making is left.
      assertEquals([...Deno.readDirSync(folder)].filter(({ name }) => /^\./.test(name)), []);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("a package for Debian is made of nothing but an executable for Linux", async () => {
  const wanted = { root: ROOT, bin: join(ROOT, "main.ts"), folder: ROOT };
  await assertRejects(() => makeDeb(wanted, ask), Error, "it must be one for Linux");
});

const DIGEST = "be8f30129793f95dca359203674cf526ae7b43685749ad97e0f2dc77ebd728ec";
const PARTS = [
  { name: "plexsync", version: "0.1.0", licence: "MIT" },
  { name: "Deno", version: "2.9.6", licence: "MIT" },
  { name: "SQLite", version: null, licence: "blessing" },
  { name: "@std/cli", version: "1.0.0", licence: "MIT" },
  { name: "ws", version: "8.0.0", licence: "MIT" },
];
const LOCK = {
  npm: { "ws@8.0.0": { integrity: `sha512-${new Uint8Array(64).fill(7).toBase64()}` } },
  jsr: { "@std/cli@1.0.0": { integrity: "ab".repeat(32) } },
};

Deno.test("sbomOf() lists each part with its address, its licence and the digest of the lock", () => {
  const sbom = sbomOf(PARTS, LOCK, DIGEST);
  assertEquals([sbom.bomFormat, sbom.specVersion, sbom.version], ["CycloneDX", "1.5", 1]);
  assertMatch(sbom.serialNumber, /^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assertEquals(sbom.metadata.component.hashes, [{ alg: "SHA-256", content: DIGEST }]);
  assertEquals(sbom.components.map(({ purl }) => purl), [
    "pkg:generic/Deno@2.9.6",
    undefined,
    "pkg:jsr/%40std/cli@1.0.0",
    "pkg:npm/ws@8.0.0",
  ]);
  assertEquals(sbom.components.map(({ hashes }) => hashes?.[0]?.content), [
    undefined,
    undefined,
    "ab".repeat(32),
    "07".repeat(64),
  ]);
  assertEquals(sbom.components.map((each) => each.licenses[0]!.license.id), [
    "MIT",
    "blessing",
    "MIT",
    "MIT",
  ]);
  const refs = [sbom.metadata.component, ...sbom.components].map((each) => each["bom-ref"]);
  assertEquals(new Set(refs).size, PARTS.length);
  assertEquals(sbom.dependencies[0], { ref: refs[0]!, dependsOn: refs.slice(1) });
  assertEquals(JSON.stringify(sbomOf(PARTS, LOCK, DIGEST)), JSON.stringify(sbom));
});

Deno.test("the source of plugins names its archive, with the digest that the archive has", async () => {
  const folder = await Deno.makeTempDir({ prefix: "plexsync-index-" });
  try {
    const [index, archive] = await makePluginIndex({ folder });
    const [entry, ...others] = parse(await Deno.readTextFile(index!));
    assertEquals(others, []);
    assertEquals([entry.id, join(folder, entry.path)], ["plexsync", archive]);
    const bytes = await Deno.readFile(archive!);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
    assertEquals(entry.sha256, digest);
    assertMatch(entry.date, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    const told = await tool("unzip", "-p", archive!, "plexsync.yml");
    if (told !== null) assertEquals(parse(told).exec, ["plexsync", "plugin"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("zipOf() makes the same bytes of the same files", () => {
  const files = [
    { name: "a.txt", bytes: new TextEncoder().encode("a") },
    { name: "b/ä.txt", bytes: new Uint8Array() },
  ];
  assertEquals(zipOf(files), zipOf(files));
  assert(zipOf(files).length > 100);
});

for (const name of ["compose.yaml", "compose.all.yaml"]) {
  Deno.test(`${name} sets nothing but settings, and keeps the secrets in files`, async () => {
    const text = await Deno.readTextFile(join(ROOT, "scripts", "docker", name));
    const { environment, volumes } = parse(text).services.plexsync;
    assert(volumes.includes("./plexsync:/config"));
    const files = {
      readText: (path: string) => path.startsWith("/config/") ? "secret\n" : undefined,
      mode: () => undefined,
    };
    const { values, problems, warnings } = readEnvironment(environment, files);
    assertEquals([problems, warnings], [[], []]);
    assertEquals(values.get("plex_token")?.raw, "secret");
    assertEquals(values.size, Object.keys(environment).length);
  });
}

Deno.test("the container is no root's, keeps its state in /config, and says whether it is well", async () => {
  const text = await Deno.readTextFile(join(ROOT, "scripts", "docker", "Dockerfile"));
  assertMatch(text, /^FROM debian:/m);
  assertMatch(text, /^USER (?!root|0)\S+$/m);
  assertMatch(text, /^ENV PLEXSYNC_DATA_DIR=\/config$/m);
  assertMatch(text, /^VOLUME \/config$/m);
  assertMatch(text, /^HEALTHCHECK .*CMD \["plexsync", "health"\]$/m);
});

Deno.test("the workflows are made with the Deno that a change is tested with", async () => {
  const used = /npx -y deno@(\S+)/.exec(await Deno.readTextFile(join(ROOT, ".ci", "run")))![1];
  const folder = join(ROOT, ".github", "workflows");
  const said: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    const text = await Deno.readTextFile(join(folder, name));
    assert(parse(text).jobs !== undefined, name);
    said.push(
      ...[...text.matchAll(/(?:DENO_VERSION|deno-version): (\d\S*)/g)].map(([, it]) => it!),
    );
  }
  assertEquals([...new Set(said)], [used]);
});
