import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { runProgram, sourceCommand } from "../program.ts";
import { serve } from "../target/plex/stub_server.ts";

const MOST_MB = 250;

/** So many bytes of zeros, packed. */
async function packed(bytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const packing = new CompressionStream("gzip");
  const writer = packing.writable.getWriter();
  const megabyte = new Uint8Array(1 << 20);
  const written = (async () => {
    for (let left = bytes; left > 0; left -= megabyte.length) {
      await writer.write(megabyte.subarray(0, left));
    }
    await writer.close();
  })();
  const whole = await new Response(packing.readable).bytes();
  await written;
  return whole;
}

const ANSWERS = [
  {
    what: "of 1 GiB in 1 MB",
    bytes: 1 << 10,
    status: 200,
    want: "answered with more than 65536 KiB",
  },
  { what: "of an error, the same", bytes: 1 << 10, status: 500, want: "500 65536" },
  { what: "of 1 MiB", bytes: 1, status: 200, want: "200 1048576" },
];

for (const { what, bytes, status, want } of ANSWERS) {
  Deno.test(`a packed answer ${what} that nobody asked for takes at most ${MOST_MB} MB`, async () => {
    const body = await packed(bytes * (1 << 20));
    await using server = serve(({ headers }) => {
      assertEquals(headers.get("accept-encoding"), "identity");
      return new Response(body, { status, headers: { "content-encoding": "gzip" } });
    });
    const command = sourceCommand(join(import.meta.dirname!, "packed_answer.ts"));
    const { stdout, stderr } = await runProgram([server.url], {}, command);
    const [came, peak] = stdout.trim().split("\n");
    assertEquals(came, want, stderr);
    assert(Number(peak) <= MOST_MB, `${peak} MB`);
  });
}
