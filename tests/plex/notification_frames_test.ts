import { assertEquals, assertThrows } from "@std/assert";
import {
  controlFrame,
  FrameError,
  FrameReader,
  OPCODE,
} from "../../src/plex/notifications/frames.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** A frame as a server sends it: not masked. */
function frame(opcode: number, payload: Uint8Array, final = true): Uint8Array {
  const { length } = payload;
  const head = length < 126
    ? [length]
    : length < 65_536
    ? [126, length >> 8, length & 0xff]
    : [127, 0, 0, 0, 0, length >>> 24, (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff];
  return new Uint8Array([(final ? 0x80 : 0) | opcode, ...head, ...payload]);
}

function texts(reader: FrameReader, ...pieces: Uint8Array[]): string[] {
  const decoder = new TextDecoder();
  return pieces.flatMap((piece) => reader.push(piece)).map(({ payload }) =>
    decoder.decode(payload)
  );
}

for (const length of [0, 1, 125, 126, 65_535, 65_536]) {
  Deno.test(`FrameReader reads a message of ${length} bytes`, () => {
    const text = "a".repeat(length);
    assertEquals(texts(new FrameReader(100_000), frame(OPCODE.text, bytes(text))), [text]);
  });
}

Deno.test("FrameReader puts messages together however the network cut them", () => {
  const whole = new Uint8Array([
    ...frame(OPCODE.text, bytes("first")),
    ...frame(OPCODE.text, bytes("x".repeat(200)), false),
    ...frame(OPCODE.ping, bytes("p")),
    ...frame(OPCODE.continuation, bytes("end")),
  ]);
  const want = ["first", "p", "x".repeat(200) + "end"];
  assertEquals(texts(new FrameReader(1_000), whole), want);
  for (let cut = 1; cut < whole.length; cut++) {
    const reader = new FrameReader(1_000);
    assertEquals(texts(reader, whole.subarray(0, cut), whole.subarray(cut)), want, `cut at ${cut}`);
  }
  const single = [...whole].map((byte) => new Uint8Array([byte]));
  assertEquals(texts(new FrameReader(1_000), ...single), want);
});

const bad: { what: string; pieces: Uint8Array[] }[] = [
  {
    what: "a message beyond the bound, before it has come",
    pieces: [frame(OPCODE.text, bytes("x".repeat(1_001))).subarray(0, 4)],
  },
  {
    what: "parts that are beyond the bound together",
    pieces: [
      frame(OPCODE.text, bytes("x".repeat(600)), false),
      frame(OPCODE.continuation, bytes("x".repeat(600))),
    ],
  },
  {
    what: "a length that no number holds",
    pieces: [new Uint8Array([0x81, 127, ...Array(8).fill(255)])],
  },
  { what: "a masked frame", pieces: [new Uint8Array([0x81, 0x81, 1, 2, 3, 4, 5])] },
  { what: "a frame of an extension", pieces: [new Uint8Array([0xc1, 1, 65])] },
  {
    what: "a control frame that is too long",
    pieces: [frame(OPCODE.ping, bytes("x".repeat(126)))],
  },
];

for (const { what, pieces } of bad) {
  Deno.test(`FrameReader refuses ${what}`, () => {
    assertThrows(() => texts(new FrameReader(1_000), ...pieces), FrameError);
  });
}

Deno.test("controlFrame() masks its payload", () => {
  const made = controlFrame(OPCODE.pong, bytes("abcde"), new Uint8Array([1, 2, 3, 4]));
  assertEquals([...made.subarray(0, 6)], [0x8a, 0x85, 1, 2, 3, 4]);
  const clear = made.subarray(6).map((byte, i) => byte ^ [1, 2, 3, 4][i % 4]!);
  assertEquals(new TextDecoder().decode(clear), "abcde");
});
