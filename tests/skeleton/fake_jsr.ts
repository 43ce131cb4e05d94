/** A registry that speaks JSR's protocol, with one tiny module in each of the project's packages. */

/** Versions that fit what `deno.json` asks for. */
const VERSIONS: Readonly<Record<string, string>> = {
  "@db/sqlite": "0.13.0",
  "@std/assert": "1.0.0",
  "@std/cli": "1.0.0",
  "@std/log": "0.224.14",
};

const MODULE = 'export const from = "the registry";\n';

/** Starts it on a free port of 127.0.0.1. */
export async function serveFakeJsr(): Promise<Deno.HttpServer<Deno.NetAddr>> {
  const answers = new Map<string, string>();
  const bytes = new TextEncoder().encode(MODULE);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const file = { size: bytes.length, checksum: `sha256-${digest.toHex()}` };
  for (const [name, version] of Object.entries(VERSIONS)) {
    const meta = { manifest: { "/mod.ts": file }, exports: { ".": "./mod.ts" } };
    answers.set(`/${name}/meta.json`, JSON.stringify({ versions: { [version]: {} } }));
    answers.set(`/${name}/${version}_meta.json`, JSON.stringify(meta));
    answers.set(`/${name}/${version}/mod.ts`, MODULE);
  }
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    const answer = answers.get(pathname);
    const type = pathname.endsWith(".ts") ? "text/typescript" : "application/json";
    return answer === undefined
      ? new Response("", { status: 404 })
      : new Response(answer, { headers: { "content-type": type } });
  });
}
